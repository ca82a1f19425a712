"""`python -m explorer.jobs.worker`: claims groups from the queue and trains them, until none has come for a while.

The runs of a group train side by side, one Python thread each, as many at once as there are cores (`turns`): torch
gives the interpreter free while it computes, and one thread for each network is faster than all threads for one. A
pulse beside them keeps the lease alive, writes points and hears of Stop. SIGTERM stops all runs; they can be resumed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from explorer import places
from explorer.errors import RunStoreError
from explorer.jobs.executor import TRAINER
from explorer.jobs.lease import Claimed, Lease
from explorer.jobs.patience import patiently
from explorer.jobs.pulse import Pulse
from explorer.jobs.running import RunningRun, Trainer, Unwritten, one_line
from explorer.jobs.store import RunStore
from explorer.jobs.timing import PATIENCE_SECONDS, PULSE_SECONDS
from explorer.jobs.turns import Turns

_NICENESS = 5  # pages come first


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _train_group(claimed: Sequence[Claimed], lease: Lease, trainer: Trainer, pulse: Pulse) -> None:
    ids = [one.id for one in claimed]
    turns, unwritten = Turns(ids, _cores()), Unwritten(ids)
    group = [RunningRun(lease, one, trainer, turns, unwritten) for one in claimed]
    pulse.watch(group, unwritten)
    with ThreadPoolExecutor(len(group), thread_name_prefix="run") as pool:
        for done in [pool.submit(run.work) for run in group]:
            done.result()


def work(lease: Lease, trainer: Trainer, terminating: threading.Event, patience: float = 0.0) -> None:
    """Train what waits for the lease's device, until nothing has for `patience` seconds or `terminating` is set.

    Raises `RunStoreError` where the store is away for too long, or has given the worker up.
    """
    pulse = Pulse(lease, terminating)
    pulse.start()
    try:
        idle_since = time.monotonic()
        while not terminating.is_set():
            keep = time.monotonic() - idle_since < patience
            if claimed := patiently(partial(lease.claim, keep=keep)):
                _train_group(claimed, lease, trainer, pulse)
                idle_since = time.monotonic()
            elif not keep:
                break
            else:
                terminating.wait(PULSE_SECONDS)
    finally:
        pulse.end()
        patiently(lease.close)


def _load(name: str, lease: Lease) -> Trainer | None:
    """The loop, with torch behind it. Where it cannot be had, nothing that waits here can be trained: it is told so."""
    try:
        trainer = Trainer.load(name)
    except Exception as problem:  # a broken library raises whatever it likes
        why = f"Training cannot start on this machine: {one_line(problem)}"
        print(why, file=sys.stderr, flush=True)
        lease.store.fail_waiting(lease.device, why)
        lease.close()
        return None
    torch: Any = sys.modules.get("torch")  # not there with a trainer that does without
    if torch is not None:
        torch.set_num_threads(1)
    return trainer


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer.jobs.worker", description=__doc__)
    parser.add_argument("--device", default="auto", help="the device slot to work for")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for another run")
    parser.add_argument("--train", default=TRAINER, metavar="MODULE:FUNCTION", help="another loop, for tests")
    parser.add_argument("--name", default="", help="what the store knows this worker by")
    options = parser.parse_args(arguments)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    terminating = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: terminating.set())
    try:
        with RunStore(places.store_url()) as store:
            lease = Lease(store, options.device, options.name)
            if lease.take() and (trainer := _load(options.train, lease)):
                work(lease, trainer, terminating, options.patience)
    except RunStoreError as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
