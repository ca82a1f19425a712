"""A task in its worker, from its claim to its end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from explorer.errors import ExplorerError
from explorer.jobs.patience import patiently
from explorer.jobs.running import one_line
from explorer.jobs.task_lease import TaskLease, TaskNews
from explorer.records import TaskOrder
from explorer.tasks import TaskSpec


class Stopped(Exception):
    """Raised out of a task that is to stop, by the next thing it reports."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The functions of `explorer.tasks` that a worker calls."""

    task: Callable[[str], TaskSpec]
    load_model: Callable[[str, bytes], Any]

    @classmethod
    def load(cls, name: str) -> Catalogue:
        """The catalogue in the module `name`, with everything that its tasks need: torch takes seconds to load."""
        found = import_module(name)
        found.warm_up()
        return cls(found.task, found.load_model)


class TaskReport:
    """What a task has said and is not written yet."""

    def __init__(self, key: str, stopping: threading.Event) -> None:
        self._key, self._stopping = key, stopping
        self._done, self._total, self._values = 0, 0, list[float]()
        self._files: dict[str, bytes] = {}
        self._changing, self._writing = threading.Lock(), threading.Lock()
        self._over = False

    def at(self, done: int, total: int) -> None:
        """So much of it is done."""
        self._stop_here()
        self._done, self._total = done, total

    def value(self, value: float) -> None:
        """One number more that is watched while it goes on."""
        self._stop_here()
        self._values.append(value)

    def put(self, name: str, content: bytes) -> None:
        """A file of the result; one of the same name is replaced."""
        self._stop_here()
        with self._changing:
            self._files[name] = content

    @contextmanager
    def all(self) -> Iterator[Mapping[str, TaskNews]]:
        """What is to be written: nothing of a task that is over. If the block ends without an error, it is."""
        with self._writing:
            with self._changing:
                files = dict(self._files)
            news = TaskNews(self._done, self._total, tuple(self._values), files)
            yield {} if self._over else {self._key: news}
            with self._changing:
                for name in [name for name, content in files.items() if self._files[name] is content]:
                    del self._files[name]

    @contextmanager
    def the_rest(self) -> Iterator[Mapping[str, TaskNews]]:
        """The same, for the last time."""
        with self.all() as news:
            yield news
            self._over = True

    def _stop_here(self) -> None:
        if self._stopping.is_set():
            raise Stopped


class RunningTask:
    """A task that is done in this process, and whether it is to stop."""

    def __init__(self, lease: TaskLease, order: TaskOrder, catalogue: Catalogue) -> None:
        self.id = order.key
        self.stopping, self.ended = threading.Event(), threading.Event()
        self.report = TaskReport(order.key, self.stopping)
        self._lease, self._order, self._catalogue = lease, order, catalogue

    def work(self) -> None:
        """Do it to the end, to Stop, or to an error, and close it accordingly. Raises `RunStoreError`."""
        state, detail = "done", ""
        try:
            self._do()
        except Stopped:
            state = "stopped"
        except Exception as problem:
            state, detail = "failed", one_line(problem)
        patiently(lambda: self._close(state, detail))
        self.ended.set()

    def stop(self) -> None:
        """End with the next thing that is reported."""
        self.stopping.set()

    def _do(self) -> None:
        order = self._order
        spec = self._catalogue.task(order.slug)
        if spec.version != order.version:
            raise ExplorerError("This was ordered of another version of the program. Start it again.")
        model = self._catalogue.load_model(order.model, patiently(lambda: self._lease.weights(order)))
        spec.run(model, spec.request(**json.loads(order.request)), self.report)

    def _close(self, state: str, detail: str) -> None:
        with self.report.the_rest() as news:
            self._lease.finish(self.id, state, detail, news)
