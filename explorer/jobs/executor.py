"""Who starts workers."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Protocol

from explorer import places
from explorer.jobs.lease import host_name
from explorer.jobs.store import RunStore

TRAINER = "explorer.training:train"

PATIENCE_SECONDS = 45.0
"""An idle worker stays this long, with torch loaded: whoever presses again does not wait for it."""

_STARTING_SECONDS = 5.0  # that a new worker may need until it holds its slot
_ROOT = Path(__file__).parents[2]


class Executor(Protocol):
    """What makes sure that queued runs are trained.

    The queue itself is in the run store, so that an executor only ever brings a worker to it. One on Ray would submit,
    in `wake`, a remote function that does what `explorer.jobs.worker.main` does, with `num_gpus=1` for the slot "cuda"
    and the store's URL in its environment (PostgreSQL, as all nodes must reach it), and keep the handle; `shutdown`
    would cancel the handles. Pages, queue, loop and worker stay as they are.
    """

    def wake(self, device: str) -> None:
        """Make sure that a worker is looking at the queue of `device`, or will in a moment. Returns at once."""

    def shutdown(self) -> None:
        """End the workers that were started here; their runs are stopped and can be resumed."""


class LocalExecutor:
    """Workers as processes on this machine, one for each device slot, in their own sessions: they outlive the server.

    `train` names another loop than the project's own, for tests; an idle worker waits `patience` seconds for more work.
    Workers write what goes wrong to `worker.log` in the data directory.
    """

    def __init__(self, store: RunStore, train: str = TRAINER, patience: float = PATIENCE_SECONDS) -> None:
        self._store, self._train, self._patience = store, train, patience
        self._lock = threading.Lock()
        self._workers: list[tuple[str, float, subprocess.Popen[bytes]]] = []

    def wake(self, device: str) -> None:
        """Start a worker, unless one that is alive holds the slot or one was started a moment ago."""
        with self._lock:
            self._bury()
            recent = time.monotonic() - _STARTING_SECONDS
            starting = any(slot == device and begun > recent for slot, begun, _ in self._workers)
            if not starting and not self._store.is_attended(host_name(), device):
                self._workers.append((device, time.monotonic(), self._start(device)))

    def shutdown(self) -> None:
        """Stop this executor's workers and wait for them; those that do not end in time are killed."""
        with self._lock:
            for _, _, process in self._workers:
                process.terminate()
            for _, _, process in self._workers:
                try:
                    process.wait(_STARTING_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            self._workers = []

    def _bury(self) -> None:
        """Collect the workers that have ended; one that was killed may still have held its slot."""
        for _, _, process in self._workers:
            if process.poll() is not None:
                self._store.free_slot(host_name(), process.pid)
        self._workers = [worker for worker in self._workers if worker[2].returncode is None]

    def _start(self, device: str) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        # The URL may hold a password: command lines can be read by every user of a machine, environments cannot.
        environment = {**os.environ, "CONVNET_ATLAS_STORE": self._store.url, "PYTHONPATH": path}
        command = (sys.executable, "-m", "explorer.jobs.worker")
        with (places.data_directory() / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--device", device, "--train", self._train, "--patience", str(self._patience)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
