"""A worker's hold on a slot of its machine: whoever has it works, and lives for as long as it beats."""

from __future__ import annotations

import os
import socket
import time
import uuid

from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.exc import IntegrityError

from explorer.errors import RunStoreError
from explorer.jobs.schema import slots
from explorer.jobs.store import RunStore
from explorer.jobs.timing import GRACE_SECONDS, LEASE_SECONDS, PULSE_SECONDS, STARTUP_SECONDS


def host_name() -> str:
    """This machine, as slots name it."""
    return socket.gethostname()


class Slot:
    """The slot called `device` on this machine, for one worker at a time.

    Once the lease on it has run out, somebody may have closed what the worker was at, and another worker may have taken
    the slot: from then on whatever it writes raises `RunStoreError`, so that a worker that was suspended can never
    write into work that has gone on elsewhere.
    """

    def __init__(self, store: RunStore, device: str = "auto", worker: str = "") -> None:
        self.store, self.device, self.worker = store, device, worker or uuid.uuid4().hex

    def take(self) -> bool:
        """Take the slot if it is free or its worker is dead; False if another worker holds it."""
        deadline = time.monotonic() + 2 * GRACE_SECONDS
        while not self._insert():
            if self.store.workers.is_attended(host_name(), self.device) or time.monotonic() > deadline:
                return False
            time.sleep(PULSE_SECONDS)  # it is silent; until it is known to be dead
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
            silent = LEASE_SECONDS + GRACE_SECONDS
            raise RunStoreError(f"Worker {self.worker} was taken for dead: it was silent for {silent:g} s.")

    def _give_back(self, connection: Connection) -> None:
        connection.execute(delete(slots).where(slots.c.worker == self.worker))
