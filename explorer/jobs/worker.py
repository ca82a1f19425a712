"""`python -m explorer.jobs.worker`: claims and does groups of runs, or tasks, until none has come for a while.

The runs of a group train side by side, one Python thread each, as many at once as there are cores (`step_scheduler`):
torch releases the GIL while it computes, and one thread for each network is faster than all threads for one. A worker
of a task slot does one task after the other. A heartbeat thread renews the lease, writes progress and checks for stop
requests. SIGTERM stops everything; runs can be resumed.
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
from explorer.jobs.executor import TASKS, TRAINER
from explorer.jobs.heartbeat import Heartbeat
from explorer.jobs.lease import ClaimedRun, Lease
from explorer.jobs.retrying import log, retry_while_away
from explorer.jobs.running import PendingPoints, RunningRun, Trainer, one_line
from explorer.jobs.step_scheduler import StepScheduler
from explorer.jobs.store import RunStore
from explorer.jobs.task_lease import TaskLease
from explorer.jobs.task_worker import Catalogue, RunningTask
from explorer.jobs.timing import HEARTBEAT_SECONDS, IDLE_SECONDS
from explorer.jobs.workers import TASK_SLOTS
from explorer.records import TaskOrder

_NICENESS = 5  # pages come first


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def train_group(lease: Lease, trainer: Trainer, claimed: Sequence[ClaimedRun], heartbeat: Heartbeat) -> None:
    """Train the runs of a group side by side."""
    ids = [run.id for run in claimed]
    scheduler, pending = StepScheduler(ids, _cores()), PendingPoints(ids)
    group = [RunningRun(lease, run, trainer, scheduler, pending) for run in claimed]
    heartbeat.watch(group, pending)
    with ThreadPoolExecutor(len(group), thread_name_prefix="run") as pool:
        for future in [pool.submit(run.work) for run in group]:
            future.result()


def do_task(lease: TaskLease, catalogue: Catalogue, claimed: Sequence[TaskOrder], heartbeat: Heartbeat) -> None:
    """Do the claimed task; there is at most one."""
    for order in claimed:
        running = RunningTask(lease, order, catalogue)
        heartbeat.watch([running], running.report)
        running.work()


def work(
    lease: Lease | TaskLease,
    do: Callable[[Sequence[Any], Heartbeat], None],
    terminating: threading.Event,
    idle_timeout: float = 0.0,
) -> None:
    """Claim and `do` jobs until none has come for `idle_timeout` seconds or `terminating` is set.

    Raises `RunStoreError` where the store is unavailable for too long, or the lease has expired.
    """
    heartbeat = Heartbeat(lease, terminating)
    heartbeat.start()
    try:
        idle_since = time.monotonic()
        while not terminating.is_set():
            keep_slot = time.monotonic() - idle_since < idle_timeout
            if claimed := retry_while_away(partial(lease.claim, keep_slot=keep_slot)):
                do(claimed, heartbeat)
                idle_since = time.monotonic()
            elif not keep_slot:
                break
            else:
                terminating.wait(HEARTBEAT_SECONDS)
    finally:
        heartbeat.stop()
        retry_while_away(lease.close)


def _run(lease: Lease | TaskLease, options: argparse.Namespace, terminating: threading.Event) -> None:
    """Import the trainer or the tasks, and work; where that fails, close what waits for the slot as failed."""
    try:
        do: Callable[[Sequence[Any], Heartbeat], None]
        if isinstance(lease, TaskLease):
            do = partial(do_task, lease, Catalogue.load(options.tasks))
        else:
            trainer = Trainer.load(options.train)
            trainer.warm_up()
            do = partial(train_group, lease, trainer)
    except Exception as problem:  # importing a broken library may raise anything
        detail = f"Work cannot start on this machine: {one_line(problem)}"
        log(detail)
        retry_while_away(partial(lease.store.workers.fail_waiting, lease.device, detail))
        retry_while_away(lease.close)
        return
    torch: Any = sys.modules.get("torch")  # None with a test trainer that does not import it
    if torch is not None:
        torch.set_num_threads(1)
    work(lease, do, terminating, options.idle_timeout)


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer.jobs.worker", description=__doc__)
    parser.add_argument("--device", default="auto", help="the slot to work for")
    parser.add_argument("--idle-timeout", type=float, default=IDLE_SECONDS, help="seconds to wait for more work")
    parser.add_argument("--train", default=TRAINER, metavar="MODULE:FUNCTION", help="another loop, for tests")
    parser.add_argument("--tasks", default=TASKS, metavar="MODULE", help="another catalogue of tasks, for tests")
    parser.add_argument("--name", default="", help="id of this worker in the store")
    options = parser.parse_args(arguments)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    terminating = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: terminating.set())
    kind = TaskLease if options.device in TASK_SLOTS else Lease
    try:
        with RunStore(paths.store_url()) as store:
            lease = kind(store, options.device, options.name)
            if lease.acquire():
                _run(lease, options, terminating)
    except RunStoreError as problem:
        log(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
