"""Executors: they start workers."""

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
from explorer.jobs.processes import host_name
from explorer.jobs.store import RunStore
from explorer.jobs.timing import IDLE_SECONDS, STARTING_SECONDS

TRAINER, TASKS = "explorer.training:train", "explorer.tasks"

_MOST_FAILED_STARTS = 3
_NO_WORKER = f"{_MOST_FAILED_STARTS} workers ended one after the other before they could begin; worker.log says more."
_ROOT = Path(__file__).parents[2]


class Executor(Protocol):
    """Starts workers for slots: a device for runs, one of `TASK_SLOTS` for tasks.

    The queue itself is in the run store, so that an executor only starts workers. One on Ray would submit, in
    `ensure_worker`, a remote function that does what `explorer.jobs.worker.main` does, with `num_gpus=1` for the slot
    "cuda" and the store's URL in its environment (PostgreSQL, as all nodes must reach it), and keep the handle;
    `shutdown` would cancel the handles. Pages, queue, loop and worker need no change.
    """

    def ensure_worker(self, device: str) -> None:
        """Make sure that a worker serves the queue of a slot, or will in a moment. Returns at once."""

    def shutdown(self) -> None:
        """Terminate the workers started here; their jobs are stopped."""


@dataclass(frozen=True, slots=True)
class _Worker:
    """A worker started here; `name` is its id in the store, `started` a monotonic time."""

    name: str
    device: str
    started: float
    process: subprocess.Popen[bytes]


class LocalExecutor:
    """Workers as processes on this machine, one for each slot, in their own sessions: they outlive the server.

    `train` and `tasks` name another loop and catalogue than the project's own, for tests; an idle worker waits
    `idle_timeout` seconds for more work. Workers log errors to `worker.log` in the data directory. If three in a row
    end before they have claimed anything, what waits for their slot is closed as failed.
    """

    def __init__(
        self, store: RunStore, train: str = TRAINER, tasks: str = TASKS, idle_timeout: float = IDLE_SECONDS
    ) -> None:
        self._store, self._train, self._tasks, self._idle_timeout = store, train, tasks, idle_timeout
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []
        self._failed_starts: Counter[str] = Counter()  # by device: consecutive workers that ended without a claim

    def ensure_worker(self, device: str) -> None:
        """Start a worker, unless a live one holds the slot or one was started a moment ago.

        Raises `RunStoreError` where the store is unavailable or no process can be started.
        """
        with self._lock:
            self._reap()
            if self._failed_starts[device] >= _MOST_FAILED_STARTS:
                self._failed_starts[device] = 0
                self._store.workers.fail_waiting(device, _NO_WORKER)
                return
            recent = time.monotonic() - STARTING_SECONDS
            starting = any(worker.device == device and worker.started > recent for worker in self._workers)
            if not starting and not self._store.workers.has_worker(host_name(), device):
                self._workers.append(self._start(device))

    def shutdown(self) -> None:
        """Terminate this executor's workers and wait for them; those that do not end in time are killed."""
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
        """Reap the workers that have ended; one that was killed may still hold its slot."""
        for worker in [worker for worker in self._workers if worker.process.poll() is not None]:
            has_claimed = self._store.workers.free_slot(worker.name)
            started = has_claimed or worker.process.returncode == 0
            self._failed_starts[worker.device] = 0 if started else self._failed_starts[worker.device] + 1
            self._workers.remove(worker)

    def _start(self, device: str) -> _Worker:
        name = uuid.uuid4().hex
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        # The URL may hold a password: command lines can be read by every user of a machine, environments cannot.
        environment = {**os.environ, "CONVNET_ATLAS_STORE": self._store.url, "PYTHONPATH": path}
        command = [sys.executable, "-m", "explorer.jobs.worker", "--name", name, "--device", device]
        command += ["--train", self._train, "--tasks", self._tasks, "--idle-timeout", str(self._idle_timeout)]
        try:
            with (paths.data_directory() / "worker.log").open("ab") as log:
                process = subprocess.Popen(
                    command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
        except OSError as problem:
            raise RunStoreError(f"No worker can be started: {problem}.") from problem
        return _Worker(name, device, time.monotonic(), process)
