"""Show the progress of runs until all are closed: those that are open now, or those that are named.

    python -m explorer follow
    python -m explorer follow 3f0c8a7e5d914f6c8b1f0b6f6d1c2a4e

Ctrl-C leaves them alone; they are stopped on the page "Runs".
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from tqdm import tqdm

from explorer.jobs import RunService
from explorer.records import OPEN_STATES

_POLL_SECONDS = 0.5


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("runs", nargs="*", metavar="RUN", help="ids of runs; default: all that wait or run")


def run(options: argparse.Namespace, command: str) -> int:
    """Follow runs; returns 0 if all are finished in the end."""
    service = RunService.default()
    try:
        runs = [service.run(run_id) for run_id in options.runs] or service.runs(states=OPEN_STATES)
        ids = [run.id for run in runs]
        if not ids:
            print("No run waits or runs.")
        with suppress(KeyboardInterrupt):
            watch(service, ids)
        return 0 if all(service.run(run_id).state == "finished" for run_id in ids) else 1
    finally:
        service.close()


def watch(service: RunService, ids: Sequence[str]) -> None:
    """Show a progress bar for each run, until all are closed."""
    from explorer.training.recording import name_of  # imports torch

    with ExitStack() as stack:
        bars = {
            run.id: stack.enter_context(tqdm(total=run.config.steps, desc=name_of(run.config), unit="step"))
            for run in service.runs(set(ids))
        }
        while True:
            runs, newest = service.runs(set(ids)), service.latest(set(ids))
            for run in runs:
                bars[run.id].update(run.step - bars[run.id].n)
                point = newest.get(run.id)
                metrics = f"loss {point.train_loss:.4f} acc {point.train_accuracy:.4f}" if point else ""
                bars[run.id].set_postfix_str(f"{run.state} {metrics}")
            if not any(run.is_open for run in runs):
                return
            time.sleep(_POLL_SECONDS)
