"""Runs in their threads, from their claim to their end."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from explorer.errors import ExplorerError, RunStoreError, TrainingDiverged
from explorer.jobs.lease import Claimed, Lease
from explorer.jobs.patience import patiently
from explorer.jobs.turns import Turns
from explorer.records import TrainPoint

_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Trainer:
    """The functions of `explorer.training` that a worker calls."""

    train: Callable[..., Iterator[TrainPoint]]
    weights_of: Callable[[bytes], bytes]

    @classmethod
    def load(cls, name: str) -> Trainer:
        """The trainer called MODULE:FUNCTION; `weights_of` lies in the same module."""
        module, function = name.split(":")
        found = import_module(module)
        return cls(getattr(found, function), found.weights_of)


class Unwritten:
    """The points of a group that the store does not have yet.

    Whoever writes, writes those of all runs in one transaction: a reader sees the whole group at one moment.
    """

    def __init__(self, run_ids: Iterable[str]) -> None:
        self._points: dict[str, deque[TrainPoint]] = {run_id: deque() for run_id in run_ids}
        self._writing = threading.Lock()  # points reach the store in order, and before the checkpoint after them

    def add(self, run_id: str, point: TrainPoint) -> None:
        """A run has reported a point."""
        self._points[run_id].append(point)

    @contextmanager
    def all(self) -> Iterator[dict[str, tuple[TrainPoint, ...]]]:
        """By run what is to be written. When the block ends without an error, the store has it."""
        with self._writing:
            new = {run_id: tuple(points) for run_id, points in self._points.items() if points}
            yield new
            for run_id, points in new.items():
                for _ in points:
                    self._points[run_id].popleft()


class RunningRun:
    """A run in its thread: where it stands, and whether it is to stop."""

    def __init__(self, lease: Lease, claimed: Claimed, trainer: Trainer, turns: Turns, unwritten: Unwritten) -> None:
        self.id, self.config = claimed.id, claimed.config
        self.stopping, self.ended = threading.Event(), threading.Event()
        self._lease, self._trainer, self._turns, self._unwritten = lease, trainer, turns, unwritten
        self._last: tuple[int, bytes] | None = None
        self._first: int | None = None  # the step it began or was resumed at

    def work(self) -> None:
        """Train to the end, to Stop, or to an error, and close the run accordingly.

        Raises `RunStoreError` where the store is away for too long, or has given the run up.
        """
        try:
            self._turns.wait(self.id, 0, 1, self.stopping.is_set)  # building the network takes a core as well
            self._train()
        except RunStoreError:
            raise
        except Exception as problem:
            patiently(self._flush)
            self._close("failed", "diverged" if isinstance(problem, TrainingDiverged) else "error", one_line(problem))
        finally:
            self._turns.leave(self.id)
            self.ended.set()

    def stop(self) -> None:
        """End after the present step."""
        self.stopping.set()
        self._turns.look_again()

    def _train(self) -> None:
        if self.stopping.is_set():
            self._close("stopped")
            return
        for point in self._trainer.train(
            self.config,
            device=self._lease.device,
            resume=patiently(lambda: self._lease.checkpoint(self.id)),
            on_start=self._started,
            on_checkpoint=lambda step, blob: patiently(lambda: self._save(step, blob)),
            stop=self._stop_before,
        ):
            self._unwritten.add(self.id, point)
        patiently(self._flush)
        if self._last and self._last[0] >= self.config.steps:
            self._close("finished", weights=self._trainer.weights_of(self._last[1]))
        else:
            self._close("stopped")

    def _started(self, info: Any) -> None:
        patiently(lambda: self._lease.started(self.id, info.parameters, info.layers, info.device))

    def _close(self, state: str, reason: str = "", detail: str = "", weights: bytes | None = None) -> None:
        patiently(lambda: self._lease.finish(self.id, state, reason, detail, weights))

    def _stop_before(self, step: int) -> bool:
        """Wait for the turn of the next step; true if there is to be none."""
        if self._first is None:
            self._first = step
        # Of what was left when it began: runs that are resumed at different steps end together as well.
        self._turns.wait(self.id, step - self._first, self.config.steps - self._first, self.stopping.is_set)
        return self.stopping.is_set()

    def _save(self, step: int, blob: bytes) -> None:
        with self._unwritten.all() as new:
            self._lease.save_checkpoint(self.id, step, blob, new)
        self._last = step, blob

    def _flush(self) -> None:
        with self._unwritten.all() as new:
            self._lease.append(new)


def one_line(problem: BaseException) -> str:
    """An error as one line of at most 300 characters, its kind in front unless its text is a sentence of ours."""
    text = " ".join(str(problem).split())[:_LONGEST_DETAIL]
    return text if isinstance(problem, ExplorerError) else f"{type(problem).__name__}: {text}"
