"""Who starts workers."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from explorer import paths
from explorer.errors import RunStoreError
from explorer.jobs.slot import host_name
from explorer.jobs.store import RunStore
from explorer.jobs.timing import IDLE_SECONDS, STARTING_SECONDS

TRAINER, TASKS = "explorer.training:train", "explorer.tasks"

_STILLBORN = 3
_NO_WORKER = f"{_STILLBORN} workers ended one after the other before they could begin; worker.log says more."
_ROOT = Path(__file__).parents[2]


class Executor(Protocol):
    """What makes sure that what waits is done: runs for a device, tasks for one of the slots that are kept for them.

    The queue itself is in the run store, so that an executor only ever brings a worker to it. One on Ray would submit,
    in `wake`, a remote function that does what `explorer.jobs.worker.main` does, with `num_gpus=1` for the slot "cuda"
    and the store's URL in its environment (PostgreSQL, as all nodes must reach it), and keep the handle; `shutdown`
    would cancel the handles. Pages, queue, loop and worker stay as they are.
    """

    def ensure_worker(self, device: str) -> None:
        """Make sure that a worker is looking at the queue of a slot, or will in a moment. Returns at once."""

    def shutdown(self) -> None:
        """End the workers that were started here; what they do is stopped."""


@dataclass(frozen=True, slots=True)
class _Worker:
    """A worker that was started here; `name` is what the store knows it by."""

    name: str
    device: str
    begun: float
    process: subprocess.Popen[bytes]


class LocalExecutor:
    """Workers as processes on this machine, one for each slot, in their own sessions: they outlive the server.

    `train` and `tasks` name another loop and catalogue than the project's own, for tests; an idle worker waits
    `patience` seconds for more work. Workers write what goes wrong to `worker.log` in the data directory. Where three
    in a row end before they have claimed anything, what waits for their slot is closed as failed.
    """

    def __init__(
        self, store: RunStore, train: str = TRAINER, tasks: str = TASKS, patience: float = IDLE_SECONDS
    ) -> None:
        self._store, self._train, self._tasks, self._patience = store, train, tasks, patience
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []
        self._stillborn: Counter[str] = Counter()  # by device, in a row

    def ensure_worker(self, device: str) -> None:
        """Start a worker, unless one that is alive holds the slot or one was started a moment ago.

        Raises `RunStoreError` where the store is away or the machine starts no process.
        """
        with self._lock:
            self._reap()
            if self._stillborn[device] >= _STILLBORN:
                self._stillborn[device] = 0
                self._store.workers.fail_waiting(device, _NO_WORKER)
                return
            recent = time.monotonic() - STARTING_SECONDS
            starting = any(worker.device == device and worker.begun > recent for worker in self._workers)
            if not starting and not self._store.workers.is_attended(host_name(), device):
                self._workers.append(self._start(device))

    def shutdown(self) -> None:
        """Stop this executor's workers and wait for them; those that do not end in time are killed."""
        with self._lock:
            for worker in self._workers:
                worker.process.terminate()
            for worker in self._workers:
                try:
                    worker.process.wait(STARTING_SECONDS)
                except subprocess.TimeoutExpired:
                    worker.process.kill()
                    worker.process.wait()
            self._workers = []

    def _reap(self) -> None:
        """Collect the workers that have ended; one that was killed may still have held its slot."""
        for worker in [worker for worker in self._workers if worker.process.poll() is not None]:
            has_claimed = self._store.workers.free_slot(worker.name)
            well = has_claimed or worker.process.returncode == 0
            self._stillborn[worker.device] = 0 if well else self._stillborn[worker.device] + 1
            self._workers.remove(worker)

    def _start(self, device: str) -> _Worker:
        name = uuid.uuid4().hex
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        # The URL may hold a password: command lines can be read by every user of a machine, environments cannot.
        environment = {**os.environ, "CONVNET_ATLAS_STORE": self._store.url, "PYTHONPATH": path}
        command = [sys.executable, "-m", "explorer.jobs.worker", "--name", name, "--device", device]
        command += ["--train", self._train, "--tasks", self._tasks, "--patience", str(self._patience)]
        try:
            with (paths.data_directory() / "worker.log").open("ab") as log:
                process = subprocess.Popen(
                    command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
        except OSError as problem:
            raise RunStoreError(f"No worker can be started: {problem}.") from problem
        return _Worker(name, device, time.monotonic(), process)
