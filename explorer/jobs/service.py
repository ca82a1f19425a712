"""The service: run store, tasks and executor behind one door."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Self

from explorer import paths
from explorer.errors import RunStoreError
from explorer.jobs.executor import Executor, LocalExecutor
from explorer.jobs.store import RunStore
from explorer.jobs.tasks import TaskStore
from explorer.jobs.timing import LOOK_SECONDS
from explorer.records import TaskOrder, TaskStatus, TrainConfig, TrainingRun, TrainPoint

_BETWEEN, _MOST_NAMED = ".", 16  # ids in a name: an address takes them as they are, and may be anybody's


class RunService:
    """What pages and command lines call. Safe to share between threads; every call returns within milliseconds, only
    weights of hundreds of megabytes take a second.

    Whoever looks also sees to it that a queue is attended: if a worker was killed, or left just before something was
    submitted, the next look starts another one.
    """

    def __init__(self, store: RunStore, executor: Executor) -> None:
        self.store, self._executor = store, executor
        self._tasks = TaskStore(store.database, store.workers)
        self._looked = -LOOK_SECONDS

    @classmethod
    def default(cls) -> Self:
        """The store that the settings name (`explorer.paths`) and workers on this machine. Raises `RunStoreError`."""
        store = RunStore(paths.store_url())
        return cls(store, LocalExecutor(store))

    def start(self, configs: Sequence[TrainConfig], device: str = "auto") -> tuple[TrainingRun, ...]:
        """Queue runs, or join those that are open already; see `RunStore.submit`."""
        started = self.store.submit(configs, device)
        self._executor.ensure_worker(device)
        return started

    def stop(self, ids: Collection[str]) -> None:
        """Stop runs, within a second."""
        self.store.request_stop(ids)

    def resume(self, ids: Collection[str]) -> None:
        """Let runs go on from their checkpoints. Raises `RunStoreError`."""
        self.store.resume(ids)
        self._ensure_workers()

    def delete(self, ids: Collection[str]) -> None:
        """Remove closed runs. Raises `RunStoreError`."""
        self.store.delete(ids)

    def run(self, run_id: str) -> TrainingRun:
        """One run. Raises `RunStoreError`."""
        self._look_after_queues()
        return self.store.run(run_id)

    def runs(
        self, ids: Collection[str] | None = None, states: Collection[str] | None = None
    ) -> tuple[TrainingRun, ...]:
        """Runs, newest first; see `RunStore.runs`."""
        self._look_after_queues()
        return self.store.runs(ids, states)

    def name_of(self, runs: Sequence[TrainingRun]) -> str:
        """What `group` finds exactly these runs by: their group, or their ids where others had started some of them."""
        together = self.store.runs(group=runs[0].group)
        if {run.id for run in together} == {run.id for run in runs}:
            return runs[0].group
        return _BETWEEN.join(run.id for run in runs)

    def group(self, name: str) -> tuple[TrainingRun, ...]:
        """The runs of that name as they were submitted; nothing if there are none."""
        self._look_after_queues()
        if _BETWEEN not in name and (together := self.store.runs(group=name)):
            return together
        ids = name.split(_BETWEEN)[:_MOST_NAMED]
        return tuple(sorted(self.store.runs(ids), key=lambda run: ids.index(run.id)))

    def points(self, run_id: str, after: int = -1) -> tuple[TrainPoint, ...]:
        """The points of a run beyond step `after`."""
        return self.store.points(run_id, after)

    def latest(self, run_ids: Collection[str]) -> dict[str, TrainPoint]:
        """The newest point of each run that has one."""
        return self.store.latest(run_ids)

    def place(self, run_id: str) -> int:
        """How many groups wait in front of a run."""
        return self.store.place_in_queue(run_id)

    def weights(self, run_id: str) -> bytes | None:
        """The weights of a finished run, as a safetensors blob."""
        return self.store.weights(run_id)

    # --- tasks --------------------------------------------------------------------------------------------------------

    def order(self, order: TaskOrder, weights: Callable[[], bytes]) -> None:
        """See to it that a task is done, or join whoever has; see `TaskStore.submit`."""
        self._tasks.submit(order, weights)
        self._ensure_workers()

    def task(self, key: str) -> TaskStatus:
        """How a task stands."""
        self._look_after_queues()
        return self._tasks.status(key)

    def stop_tasks(self, keys: Collection[str]) -> None:
        """Stop tasks, within a second; what they have put stays."""
        self._tasks.request_stop(keys)

    def artifact(self, key: str, name: str) -> bytes | None:
        """A file that a task has put."""
        return self._tasks.artifact(key, name)

    def artifacts(self, key: str) -> dict[str, bytes]:
        """All files that a task has put, by name."""
        return self._tasks.artifacts(key)

    # ------------------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections to the store. Workers go on."""
        self.store.close()

    def _look_after_queues(self) -> None:
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            with suppress(RunStoreError):  # whoever only wants to read can do so; the next look tries again
                self._ensure_workers()

    def _ensure_workers(self) -> None:
        for device in self.store.workers.waiting_slots():
            self._executor.ensure_worker(device)
