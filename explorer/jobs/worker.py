"""`python -m explorer.jobs.worker`: claims groups of runs, or tasks, until none has come for a while.

The runs of a group train side by side, one Python thread each, as many at once as there are cores (`turns`): torch
gives the interpreter free while it computes, and one thread for each network is faster than all threads for one. A
worker of a slot for tasks does one after the other. A pulse beside the work keeps the lease alive, writes what is new
and hears of Stop. SIGTERM stops everything; runs can be resumed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from explorer import paths
from explorer.errors import RunStoreError
from explorer.jobs.doing import Catalogue, RunningTask
from explorer.jobs.executor import TASKS, TRAINER
from explorer.jobs.lease import Claimed, Lease
from explorer.jobs.patience import patiently
from explorer.jobs.pulse import Pulse
from explorer.jobs.running import RunningRun, Trainer, Unwritten, one_line
from explorer.jobs.store import RunStore
from explorer.jobs.task_lease import TaskLease
from explorer.jobs.timing import IDLE_SECONDS, PULSE_SECONDS
from explorer.jobs.turns import Turns
from explorer.jobs.workers import TASK_SLOTS
from explorer.records import TaskOrder

_NICENESS = 5  # pages come first


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def train_group(lease: Lease, trainer: Trainer, claimed: Sequence[Claimed], pulse: Pulse) -> None:
    """Train the runs of a group, together."""
    ids = [run.id for run in claimed]
    turns, unwritten = Turns(ids, _cores()), Unwritten(ids)
    group = [RunningRun(lease, run, trainer, turns, unwritten) for run in claimed]
    pulse.watch(group, unwritten)
    with ThreadPoolExecutor(len(group), thread_name_prefix="run") as pool:
        for done in [pool.submit(run.work) for run in group]:
            done.result()


def do_task(lease: TaskLease, catalogue: Catalogue, claimed: Sequence[TaskOrder], pulse: Pulse) -> None:
    """Do the one task that was claimed."""
    for order in claimed:
        running = RunningTask(lease, order, catalogue)
        pulse.watch([running], running.report)
        running.work()


def work(
    lease: Lease | TaskLease,
    do: Callable[[Sequence[Any], Pulse], None],
    terminating: threading.Event,
    patience: float = 0.0,
) -> None:
    """`do` what waits for the lease's slot, until nothing has for `patience` seconds or `terminating` is set.

    Raises `RunStoreError` where the store is away for too long, or has given the worker up.
    """
    pulse = Pulse(lease, terminating)
    pulse.start()
    try:
        idle_since = time.monotonic()
        while not terminating.is_set():
            keep = time.monotonic() - idle_since < patience
            if claimed := patiently(partial(lease.claim, keep=keep)):
                do(claimed, pulse)
                idle_since = time.monotonic()
            elif not keep:
                break
            else:
                terminating.wait(PULSE_SECONDS)
    finally:
        pulse.end()
        patiently(lease.close)


def _run(lease: Lease | TaskLease, options: argparse.Namespace, terminating: threading.Event) -> None:
    """Load what the work needs, and do it. Where it cannot be had, what waits here cannot be done: it is told so."""
    try:
        do: Callable[[Sequence[Any], Pulse], None]
        if isinstance(lease, TaskLease):
            do = partial(do_task, lease, Catalogue.load(options.tasks))
        else:
            do = partial(train_group, lease, Trainer.load(options.train))
    except Exception as problem:  # a broken library raises whatever it likes
        why = f"Work cannot start on this machine: {one_line(problem)}"
        print(why, file=sys.stderr, flush=True)
        lease.store.workers.fail_waiting(lease.device, why)
        lease.close()
        return
    torch: Any = sys.modules.get("torch")  # not there with a trainer that does without
    if torch is not None:
        torch.set_num_threads(1)
    work(lease, do, terminating, options.patience)


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer.jobs.worker", description=__doc__)
    parser.add_argument("--device", default="auto", help="the slot to work for")
    parser.add_argument("--patience", type=float, default=IDLE_SECONDS, help="seconds to wait for more work")
    parser.add_argument("--train", default=TRAINER, metavar="MODULE:FUNCTION", help="another loop, for tests")
    parser.add_argument("--tasks", default=TASKS, metavar="MODULE", help="another catalogue of tasks, for tests")
    parser.add_argument("--name", default="", help="what the store knows this worker by")
    options = parser.parse_args(arguments)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    terminating = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: terminating.set())
    kind = TaskLease if options.device in TASK_SLOTS else Lease
    try:
        with RunStore(paths.store_url()) as store:
            lease = kind(store, options.device, options.name)
            if lease.take():
                _run(lease, options, terminating)
    except RunStoreError as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
