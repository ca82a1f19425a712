"""`python -m explorer.jobs.worker`: claims groups from the queue and trains them, until none has come for a while.

The runs of a group train side by side, one Python thread each, as many at once as there are cores: torch gives the
interpreter free while it computes, and one thread for each network is faster than all threads for one. A pulse beside
them keeps the lease alive, writes points and hears of Stop. SIGTERM stops all runs; they can be resumed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy.exc import OperationalError

from explorer import places
from explorer.errors import ExplorerError, TrainingDiverged
from explorer.jobs.executor import PATIENCE_SECONDS, TRAINER
from explorer.jobs.lease import Claimed, Lease
from explorer.jobs.store import RunStore
from explorer.records import TrainConfig, TrainPoint

_PULSE_SECONDS = 0.25
_STOP_SECONDS = 0.7  # after which a step is too slow to wait for
_NICENESS = 5  # pages come first
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


class RunningRun:
    """One run in its thread: what it has reported and is not written yet, and whether it is to stop."""

    def __init__(self, lease: Lease, claimed: Claimed, trainer: Trainer) -> None:
        self.id, self.config = claimed.id, claimed.config
        self.stopping, self.ended = threading.Event(), threading.Event()
        self._lease, self._trainer = lease, trainer
        self._buffer: deque[TrainPoint] = deque()
        self._writing = threading.Lock()  # points reach the store in order, and before the checkpoint after them
        self._last: tuple[int, bytes] | None = None

    def work(self) -> None:
        """Train to the end, to Stop, or to an error, and close the run accordingly."""
        try:
            self._train()
        except Exception as problem:
            self.flush()
            reason = "diverged" if isinstance(problem, TrainingDiverged) else "error"
            self._lease.finish(self.id, "failed", reason, _one_line(problem))
        finally:
            self.ended.set()

    def flush(self) -> None:
        """Write the points reported so far."""
        with self._writing:
            if new := tuple(self._buffer):
                self._lease.append(self.id, new)
                self._drop(len(new))

    def _train(self) -> None:
        if self.stopping.is_set():
            self._lease.finish(self.id, "stopped")
            return
        for point in self._trainer.train(
            self.config,
            device=self._lease.device,
            resume=self._lease.checkpoint(self.id),
            on_start=lambda info: self._lease.started(self.id, info.parameters, info.layers, info.device),
            on_checkpoint=self._save,
            stop=self.stopping.is_set,
        ):
            self._buffer.append(point)
        self.flush()
        if self._last and self._last[0] >= self.config.steps:
            self._lease.finish(self.id, "finished", its_weights=self._trainer.weights_of(self._last[1]))
        else:
            self._lease.finish(self.id, "stopped")

    def _save(self, step: int, blob: bytes) -> None:
        with self._writing:
            new = tuple(self._buffer)
            self._lease.save_checkpoint(self.id, step, blob, new)
            self._drop(len(new))
        self._last = step, blob

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._buffer.popleft()


class Pulse(threading.Thread):
    """Every quarter of a second: stay alive, write points, hear of Stop. Ends the process where a run does not."""

    def __init__(self, lease: Lease, terminating: threading.Event) -> None:
        super().__init__(name="pulse", daemon=True)
        self._lease, self._terminating, self._done = lease, terminating, threading.Event()
        self._group: tuple[RunningRun, ...] = ()
        self._all_stopping_since: float | None = None

    def watch(self, group: Sequence[RunningRun]) -> None:
        """Look after these runs from now on."""
        self._group, self._all_stopping_since = tuple(group), None

    def end(self) -> None:
        """Beat no more; returns when the last beat is over."""
        self._done.set()
        self.join()

    def run(self) -> None:
        """Beat until `end`."""
        while not self._done.wait(_PULSE_SECONDS):
            try:
                self._tick()
            except OperationalError as problem:  # the store is busy or out of reach: points wait for the next tick
                print(f"The run store does not answer: {_one_line(problem)}", file=sys.stderr, flush=True)
            except ExplorerError as problem:  # the lease has run out: the runs are no longer ours
                if self._active():
                    _exit_at_once(1, _one_line(problem))
                return  # or was given back a moment ago; whoever claims by it hears so

    def _active(self) -> list[RunningRun]:
        return [run for run in self._group if not run.ended.is_set()]

    def _tick(self) -> None:
        asked = self._lease.beat()
        active = self._active()
        for run in active:
            if run.id in asked or self._terminating.is_set():
                run.stopping.set()
            else:
                _flush_unless_ended(run)
        if not active or not all(run.stopping.is_set() for run in active):
            self._all_stopping_since = None
        elif self._all_stopping_since is None:
            self._all_stopping_since = time.monotonic()
        elif time.monotonic() - self._all_stopping_since > _STOP_SECONDS - _PULSE_SECONDS:
            for run in active:
                _flush_unless_ended(run)
            self._lease.close()
            _exit_at_once(0, "A step took too long to wait for its end; its run was stopped where it was.")


def _flush_unless_ended(run: RunningRun) -> None:
    try:
        run.flush()
    except ExplorerError:
        if not run.ended.wait(1.0):  # closing a run takes two transactions; the points came before
            raise


def _exit_at_once(status: int, why: str) -> None:
    """Leave without waiting for threads: one of them may sit in a step for seconds."""
    print(why, file=sys.stderr, flush=True)
    os._exit(status)


def _one_line(problem: BaseException) -> str:
    text = " ".join(str(problem).split())[:_LONGEST_DETAIL]
    return text if isinstance(problem, ExplorerError) else f"{type(problem).__name__}: {text}"


def _cost(config: TrainConfig) -> float:
    """What a run costs, roughly: enough to start the longest first, so that none is left to train alone."""
    depth = dict(config.options).get("depth", 1)
    return config.steps * config.batch * (depth if isinstance(depth, int | float) else 1)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _train_group(claimed: Sequence[Claimed], lease: Lease, trainer: Trainer, pulse: Pulse) -> None:
    group = [RunningRun(lease, one, trainer) for one in claimed]
    pulse.watch(group)
    group.sort(key=lambda run: _cost(run.config), reverse=True)
    with ThreadPoolExecutor(min(_cores(), len(group)), thread_name_prefix="run") as pool:
        for done in [pool.submit(run.work) for run in group]:
            done.result()


def work(lease: Lease, trainer: Trainer, terminating: threading.Event, patience: float = 0.0) -> None:
    """Train what waits for the lease's device, until nothing has for `patience` seconds or `terminating` is set."""
    pulse = Pulse(lease, terminating)
    pulse.start()
    try:
        idle_since = time.monotonic()
        while not terminating.is_set():
            keep = time.monotonic() - idle_since < patience
            if claimed := lease.claim(keep=keep):
                _train_group(claimed, lease, trainer, pulse)
                idle_since = time.monotonic()
            elif not keep:
                break
            else:
                terminating.wait(_PULSE_SECONDS)
    finally:
        pulse.end()
        lease.close()


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser("python -m explorer.jobs.worker", description=__doc__)
    parser.add_argument("--device", default="auto", help="the device slot to work for")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for another run")
    parser.add_argument("--train", default=TRAINER, metavar="MODULE:FUNCTION", help="another loop, for tests")
    options = parser.parse_args(arguments)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    terminating = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: terminating.set())
    with RunStore(places.store_url()) as store:
        lease = Lease(store, options.device)
        if not lease.take():
            return
        trainer = Trainer.load(options.train)
        torch: Any = sys.modules.get("torch")  # not there with a trainer that does without
        if torch is not None:
            torch.set_num_threads(1)
        work(lease, trainer, terminating, options.patience)


if __name__ == "__main__":
    main(sys.argv[1:])
