"""Run a claimed task in a worker, and buffer what it reports until the heartbeat writes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from explorer.errors import ExplorerError
from explorer.jobs.retrying import retry_while_away
from explorer.jobs.running import one_line
from explorer.jobs.task_lease import TaskLease, TaskUpdate
from explorer.records import TaskOrder
from explorer.tasks import TaskSpec


class TaskStopped(Exception):
    """Raised by a report of a task that was asked to stop."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The functions of `explorer.tasks` that a worker calls."""

    task: Callable[[str], TaskSpec]
    load_model: Callable[[str, bytes], Any]

    @classmethod
    def load(cls, name: str) -> Catalogue:
        """The catalogue in the module `name`; imports all that its tasks need, as torch takes seconds."""
        module = import_module(name)
        module.warm_up()
        return cls(module.task, module.load_model)


class TaskReport:
    """Progress, values and files that a task has reported and that are not written yet."""

    def __init__(self, key: str, stopping: threading.Event) -> None:
        self._key, self._stopping = key, stopping
        self._done, self._total, self._values = 0, 0, list[float]()
        self._files: dict[str, bytes] = {}
        self._changing, self._writing = threading.Lock(), threading.Lock()
        self._closed = False

    def progress(self, done: int, total: int) -> None:
        """Report that `done` of `total` steps are done."""
        self._check_stop()
        self._done, self._total = done, total

    def value(self, value: float) -> None:
        """Append a value to the curve that is shown while the task runs."""
        self._check_stop()
        self._values.append(value)

    def put(self, name: str, content: bytes) -> None:
        """Add a file to the result; one of the same name is replaced."""
        self._check_stop()
        with self._changing:
            self._files[name] = content

    @contextmanager
    def flush(self) -> Iterator[Mapping[str, TaskUpdate]]:
        """The update to write, none once closed; its files count as written if the block ends without an error."""
        with self._writing:
            with self._changing:
                files = dict(self._files)
            update = TaskUpdate(self._done, self._total, tuple(self._values), files)
            yield {} if self._closed else {self._key: update}
            with self._changing:
                for name in [name for name, content in files.items() if self._files[name] is content]:
                    del self._files[name]

    @contextmanager
    def flush_and_close(self) -> Iterator[Mapping[str, TaskUpdate]]:
        """The last update to write."""
        with self.flush() as updates:
            yield updates
            self._closed = True

    def _check_stop(self) -> None:
        if self._stopping.is_set():
            raise TaskStopped


class RunningTask:
    """A task that runs in this process, with its stop flag."""

    def __init__(self, lease: TaskLease, order: TaskOrder, catalogue: Catalogue) -> None:
        self.id = order.key
        self.stopping, self.ended = threading.Event(), threading.Event()
        self.report = TaskReport(order.key, self.stopping)
        self._lease, self._order, self._catalogue = lease, order, catalogue

    def work(self) -> None:
        """Do the task until it is done, stopped or failed, and close it accordingly. Raises `RunStoreError`."""
        state, detail = "done", ""
        try:
            self._do()
        except TaskStopped:
            state = "stopped"
        except Exception as problem:
            state, detail = "failed", one_line(problem)
        retry_while_away(lambda: self._close(state, detail))
        self.ended.set()

    def stop(self) -> None:
        """Make the next report raise `TaskStopped`."""
        self.stopping.set()

    def _do(self) -> None:
        order = self._order
        spec = self._catalogue.task(order.slug)
        if spec.version != order.version:
            raise ExplorerError("This was ordered of another version of the program. Start it again.")
        model = self._catalogue.load_model(order.model, retry_while_away(lambda: self._lease.weights(order)))
        spec.run(model, spec.request(**json.loads(order.request)), self.report)

    def _close(self, state: str, detail: str) -> None:
        with self.report.flush_and_close() as updates:
            self._lease.finish(self.id, state, detail, updates)
