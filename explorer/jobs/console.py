"""Runs of the queue in a terminal: progress bars, Ctrl-C to stop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from tqdm import tqdm

from explorer.jobs.lab import Lab
from explorer.records import TrainConfig, TrainingRun
from explorer.training.recording import Finished, name_of

_LOOK_SECONDS = 0.5


def follow(configs: Sequence[TrainConfig], device: str = "auto") -> list[Finished]:
    """Queue runs, show how they go until all are closed, and return them in the order of `configs`.

    Ctrl-C stops the runs; a second one leaves them alone with their worker. Raises `RunStoreError`.
    """
    lab = Lab.default()
    try:
        runs = lab.start(configs, device)
        ids = [run.id for run in runs]
        try:
            _watch(lab, ids)
        except KeyboardInterrupt:
            print("Stopping. Ctrl-C again leaves the runs to their worker.")
            lab.stop(ids)
            _watch(lab, ids)
        return [_finished(lab, lab.run(run_id)) for run_id in ids]
    finally:
        lab.close()


def _watch(lab: Lab, ids: Sequence[str]) -> None:
    with ExitStack() as stack:
        bars = {
            run.id: stack.enter_context(tqdm(total=run.config.steps, desc=name_of(run.config), unit="step"))
            for run in lab.runs(set(ids))
        }
        while True:
            runs, newest = lab.runs(set(ids)), lab.latest(set(ids))
            for run in runs:
                bars[run.id].update(run.step - bars[run.id].n)
                point = newest.get(run.id)
                measured = f"loss {point.train_loss:.4f} acc {point.train_accuracy:.4f}" if point else ""
                bars[run.id].set_postfix_str(f"{run.state} {measured}")
            if not any(run.is_open for run in runs):
                return
            time.sleep(_LOOK_SECONDS)


def _finished(lab: Lab, run: TrainingRun) -> Finished:
    points, weights = lab.points(run.id), lab.weights(run.id) or b""
    return Finished(run.config, run.state, points, run.layers, run.parameters, run.device, weights, run.detail)
