"""A worker's lease on a slot of its machine, renewed by heartbeats."""

from __future__ import annotations

import os
import time
import uuid

from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.exc import IntegrityError

from explorer.errors import RunStoreError
from explorer.jobs.processes import host_name
from explorer.jobs.schema import slots
from explorer.jobs.store import RunStore
from explorer.jobs.timing import GRACE_SECONDS, HEARTBEAT_SECONDS, LEASE_SECONDS, STARTUP_SECONDS


class Slot:
    """The slot `device` of this machine, for one worker at a time.

    Once the lease has expired, the worker's jobs may have been closed and the slot acquired by another worker: from
    then on every write raises `RunStoreError`, so that a worker that was suspended can never write into a job that has
    continued elsewhere.
    """

    def __init__(self, store: RunStore, device: str = "auto", worker: str = "") -> None:
        self.store, self.device, self.worker = store, device, worker or uuid.uuid4().hex

    def acquire(self) -> bool:
        """Acquire the slot if it is free or its worker is dead; False if a live worker holds it."""
        deadline = time.monotonic() + 2 * GRACE_SECONDS
        while not self._insert():
            if self.store.workers.has_worker(host_name(), self.device) or time.monotonic() > deadline:
                return False
            time.sleep(HEARTBEAT_SECONDS)  # its lease has expired; wait until the worker is known to be dead
        return True

    def _insert(self) -> bool:
        self.store.workers.reap()
        row = {"host": host_name(), "device": self.device, "worker": self.worker, "pid": os.getpid()}
        try:
            with self.store.database.writing() as connection:
                connection.execute(insert(slots).values(**row, expires=time.time() + STARTUP_SECONDS))
        except IntegrityError:
            return False
        return True

    def _renew(self, connection: Connection) -> None:
        renewed = update(slots).where(slots.c.worker == self.worker).values(expires=time.time() + LEASE_SECONDS)
        if not connection.execute(renewed).rowcount:
            seconds = LEASE_SECONDS + GRACE_SECONDS
            raise RunStoreError(f"Worker {self.worker} was taken for dead: it was silent for {seconds:g} s.")

    def _release(self, connection: Connection) -> None:
        connection.execute(delete(slots).where(slots.c.worker == self.worker))
