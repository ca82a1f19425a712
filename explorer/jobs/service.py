"""`RunService`: run store, tasks and executor in one interface."""

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
from explorer.jobs.timing import CHECK_SECONDS
from explorer.records import TaskOrder, TaskStatus, TrainConfig, TrainingRun, TrainPoint
from explorer.rights import MACHINE, Visitor

_SEPARATOR, _MOST_IDS = ".", 16  # of ids in a name: it needs no escaping in an address, which anybody may write


class RunService:
    """Interface for pages and command lines. Safe to share between threads; every call returns within milliseconds,
    only weights of hundreds of megabytes take a second.

    Reading also makes sure that queues have workers: if one was killed, or ended just before something was submitted,
    the next read starts another.
    """

    def __init__(self, store: RunStore, executor: Executor) -> None:
        self.store, self._executor = store, executor
        self._tasks = TaskStore(store.database, store.workers)
        self._checked = -CHECK_SECONDS

    @classmethod
    def default(cls) -> Self:
        """The store that the settings name (`explorer.paths`) and workers on this machine. Raises `RunStoreError`."""
        store = RunStore(paths.store_url())
        return cls(store, LocalExecutor(store))

    def start(
        self, configs: Sequence[TrainConfig], device: str = "auto", visitor: Visitor = MACHINE
    ) -> tuple[TrainingRun, ...]:
        """Queue runs, or join those that are open already; see `RunStore.submit`."""
        started = self.store.submit(configs, device, visitor)
        self._executor.ensure_worker(device)
        return started

    def prepare(self, device: str = "auto") -> None:
        """Start a worker that waits for runs: what is asked for in the next minute begins without its imports."""
        with suppress(RunStoreError):  # whoever starts a run is told
            self._executor.ensure_worker(device)

    def stop(self, ids: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Stop runs, within a second. Raises `NotYours` where one is not the visitor's."""
        self.store.request_stop(ids, visitor)

    def resume(self, ids: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Resume runs from their checkpoints. Raises `RunStoreError`, `NotYours`, `NotAllowed`."""
        self.store.resume(ids, visitor)
        self._ensure_workers()

    def delete(self, ids: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Remove closed runs. Raises `RunStoreError`, `NotYours`."""
        self.store.delete(ids, visitor)

    def run(self, run_id: str) -> TrainingRun:
        """One run. Raises `RunStoreError`."""
        self._check_queues()
        return self.store.run(run_id)

    def runs(
        self, ids: Collection[str] | None = None, states: Collection[str] | None = None, after: int = 0
    ) -> tuple[TrainingRun, ...]:
        """Runs, newest first; see `RunStore.runs`."""
        self._check_queues()
        return self.store.runs(ids, states, after=after)

    def count(self) -> int:
        """Number of all runs."""
        return self.store.count()

    def name_of(self, runs: Sequence[TrainingRun]) -> str:
        """The name that `group` resolves to exactly these runs: their group, or their ids if they are in several."""
        group = self.store.runs(group=runs[0].group)
        if {run.id for run in group} == {run.id for run in runs}:
            return runs[0].group
        return _SEPARATOR.join(run.id for run in runs)

    def group(self, name: str) -> tuple[TrainingRun, ...]:
        """The runs of a name from `name_of`, as they were submitted; empty if there are none."""
        self._check_queues()
        if _SEPARATOR not in name and (group := self.store.runs(group=name)):
            return group
        ids = name.split(_SEPARATOR)[:_MOST_IDS]
        return tuple(sorted(self.store.runs(ids), key=lambda run: ids.index(run.id)))

    def points(self, run_id: str, after: int = -1) -> tuple[TrainPoint, ...]:
        """The points of a run after step `after`."""
        return self.store.points(run_id, after)

    def latest(self, run_ids: Collection[str]) -> dict[str, TrainPoint]:
        """The newest point of each run that has one."""
        return self.store.latest(run_ids)

    def place(self, run_id: str) -> int:
        """Number of groups queued before a run's."""
        return self.store.place_in_queue(run_id)

    def weights(self, run_id: str) -> bytes | None:
        """The weights of a finished run, as a safetensors blob."""
        return self.store.weights(run_id)

    # --- tasks --------------------------------------------------------------------------------------------------------

    def order(self, order: TaskOrder, weights: Callable[[], bytes], visitor: Visitor = MACHINE) -> None:
        """Queue a task, or join an equal one; see `TaskStore.submit`."""
        self._tasks.submit(order, weights, visitor)
        self._ensure_workers()

    def task(self, key: str) -> TaskStatus:
        """Status of a task."""
        self._check_queues()
        return self._tasks.status(key)

    def stop_tasks(self, keys: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Stop tasks, within a second; their files are kept. Raises `NotYours` where one is not the visitor's."""
        self._tasks.request_stop(keys, visitor)

    def artifact(self, key: str, name: str) -> bytes | None:
        """A file of a task's result."""
        return self._tasks.artifact(key, name)

    def artifacts(self, key: str) -> dict[str, bytes]:
        """All files of a task's result, by name."""
        return self._tasks.artifacts(key)

    # ------------------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections to the store. Workers keep running."""
        self.store.close()

    def attend(self) -> None:
        """Start workers for what has been queued since before this server was started: nobody need look at it."""
        self._check_queues()

    def _check_queues(self) -> None:
        if time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            with suppress(RunStoreError):  # reading goes on; the next check tries again
                self._ensure_workers()

    def _ensure_workers(self) -> None:
        for device in self.store.workers.waiting_slots():
            self._executor.ensure_worker(device)
