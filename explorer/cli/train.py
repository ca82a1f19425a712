"""Train an experiment through the run store, side by side and visible on the pages while it trains.

    python -m explorer train digits
    python -m explorer train digits steps=400 option.norm=0
    python -m explorer train lenet dataset=own:mnist --save results --half

An experiment is a set of configurations from `explorer.training.presets`; `field=value` changes a field of all of them,
`option.name=value` an option of the network. Ctrl-C stops the runs, which can be resumed on the page "Runs"; a second
one leaves them alone with their worker. On a machine with torch and torchvision only: `python -m explorer.training`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from explorer.cli.follow import watch
from explorer.jobs import RunService
from explorer.records import TrainConfig
from explorer.training.parsing import add_arguments, conclude, configurations
from explorer.training.recording import Finished


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_arguments(parser)


def run(options: argparse.Namespace, command: str) -> int:
    """Train, show the progress, save; returns 0 if all runs are finished in the end."""
    configs = configurations(options.experiment, options.changes)
    return conclude(train(configs, options.device), options, command)


def train(configs: Sequence[TrainConfig], device: str = "auto") -> list[Finished]:
    """Queue runs, show their progress until all are closed, and return them in the order of `configs`.

    Raises `RunStoreError`.
    """
    service = RunService.default()
    try:
        ids = [run.id for run in service.start(configs, device)]
        try:
            watch(service, ids)
        except KeyboardInterrupt:
            print("Stopping. Ctrl-C again leaves the runs to their worker.")
            service.stop(ids)
            watch(service, ids)
        return [_finished(service, run_id) for run_id in ids]
    finally:
        service.close()


def _finished(service: RunService, run_id: str) -> Finished:
    run, points, weights = service.run(run_id), service.points(run_id), service.weights(run_id) or b""
    return Finished(run.config, run.state, points, run.layers, run.parameters, run.device, weights, run.detail)
