"""Train a claimed run in its thread, and buffer its points until they are written."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from explorer.errors import ExplorerError, RunDamaged, RunStoreAway, RunStoreError, TrainingDiverged
from explorer.jobs.database import FULL
from explorer.jobs.lease import DAMAGED, ClaimedRun, Lease
from explorer.jobs.retrying import retry_while_away
from explorer.jobs.step_scheduler import StepScheduler
from explorer.records import TrainPoint

_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Trainer:
    """The functions of `explorer.training` that a worker calls."""

    train: Callable[..., Iterator[TrainPoint]]
    weights_of: Callable[[bytes], bytes]
    warm_up: Callable[[], None]

    @classmethod
    def load(cls, name: str) -> Trainer:
        """The trainer named MODULE:FUNCTION; `weights_of` and `warm_up` are in the same module."""
        path, function = name.split(":")
        module = import_module(path)
        return cls(getattr(module, function), module.weights_of, module.warm_up)


class PendingPoints:
    """The points of a group's runs that are not in the store yet.

    They are written for all runs in one transaction: a reader sees the whole group at one moment.
    """

    def __init__(self, run_ids: Iterable[str]) -> None:
        self._points: dict[str, deque[TrainPoint]] = {run_id: deque() for run_id in run_ids}
        self._writing = threading.Lock()  # points reach the store in order, and before the checkpoint after them

    def add(self, run_id: str, point: TrainPoint) -> None:
        """Add a point of a run."""
        self._points[run_id].append(point)

    @contextmanager
    def flush(self) -> Iterator[dict[str, tuple[TrainPoint, ...]]]:
        """Run id -> points to write; they count as written if the block ends without an error."""
        with self._writing:
            new = {run_id: tuple(points) for run_id, points in self._points.items() if points}
            yield new
            for run_id, points in new.items():
                for _ in points:
                    self._points[run_id].popleft()


class RunningRun:
    """A run that trains in a thread of this process, with its stop flag."""

    def __init__(
        self, lease: Lease, claimed: ClaimedRun, trainer: Trainer, scheduler: StepScheduler, pending: PendingPoints
    ) -> None:
        self.id, self.config = claimed.id, claimed.config
        self.stopping, self.ended = threading.Event(), threading.Event()
        self._lease, self._trainer, self._scheduler, self._pending = lease, trainer, scheduler, pending
        self._checkpoint: tuple[int, bytes] | None = None  # the newest
        self._start_step: int | None = None  # 0, or the one it was resumed at

    def work(self) -> None:
        """Train until the run is finished, stopped or failed, and close it accordingly.

        Raises `RunStoreError` where the store is unavailable for too long, or the lease has expired.
        """
        try:
            self._scheduler.wait(self.id, 0, 1, self.stopping.is_set)  # building the network takes a core as well
            self._train()
        except RunDamaged as problem:
            self._close("failed", DAMAGED, one_line(problem))
        except RunStoreAway as problem:
            if problem.reason != FULL:
                raise
            why = one_line(problem)  # what is not written is trained again, from the last checkpoint
            self._lease.store.database.with_room(lambda: self._lease.finish(self.id, "interrupted", FULL, why))
        except RunStoreError:
            raise
        except Exception as problem:
            retry_while_away(self._flush)
            self._close("failed", "diverged" if isinstance(problem, TrainingDiverged) else "error", one_line(problem))
        finally:
            self._scheduler.leave(self.id)
            self.ended.set()

    def stop(self) -> None:
        """Stop after the current step."""
        self.stopping.set()
        self._scheduler.recheck()

    def _train(self) -> None:
        if self.stopping.is_set():
            self._close("stopped")
            return
        for point in self._trainer.train(
            self.config,
            device=self._lease.device,
            resume=retry_while_away(lambda: self._lease.checkpoint(self.id)),
            on_start=self._started,
            on_checkpoint=lambda step, blob: retry_while_away(lambda: self._save(step, blob)),
            stop=self._stop_before,
        ):
            self._pending.add(self.id, point)
        retry_while_away(self._flush)
        if self._checkpoint and self._checkpoint[0] >= self.config.steps:
            self._close("finished", weights=self._trainer.weights_of(self._checkpoint[1]))
        else:
            self._close("stopped")

    def _started(self, info: Any) -> None:
        retry_while_away(lambda: self._lease.started(self.id, info.parameters, info.layers, info.device))

    def _close(self, state: str, reason: str = "", detail: str = "", weights: bytes | None = None) -> None:
        retry_while_away(lambda: self._lease.finish(self.id, state, reason, detail, weights))

    def _stop_before(self, step: int) -> bool:
        """Wait until the scheduler allows the next step; true if the run is to stop."""
        if self._start_step is None:
            self._start_step = step
        # Progress since the start step: runs that were resumed at different steps end together as well.
        start = self._start_step
        self._scheduler.wait(self.id, step - start, self.config.steps - start, self.stopping.is_set)
        return self.stopping.is_set()

    def _save(self, step: int, blob: bytes) -> None:
        with self._pending.flush() as new:
            self._lease.save_checkpoint(self.id, step, blob, new)
        self._checkpoint = step, blob

    def _flush(self) -> None:
        with self._pending.flush() as new:
            self._lease.append(new)


def one_line(problem: BaseException) -> str:
    """An error as one line of at most 300 characters, after its type unless it is an `ExplorerError`."""
    text = " ".join(str(problem).split())[:_LONGEST_DETAIL]
    return text if isinstance(problem, ExplorerError) else f"{type(problem).__name__}: {text}"
