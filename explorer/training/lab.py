"""The recorded run that a page's controls stand for, and how long it would take to train one that is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from explorer.networks import network
from explorer.records import RecordedRun, TrainConfig
from explorer.weights import lab_runs, recorded_runs

_LABS: Mapping[str, str] = {"thin-resnet": "digits-lab", "lenet5": "lenet-lab"}
"""The archive of a network's experiments."""


def canonical(config: TrainConfig) -> TrainConfig:
    """The configuration with all options of its network; equal for two that train the same, point for point.

    The strength of the skip says nothing of a network without skips; a data set of one's own counts as the published
    one of its name; what only decides when to write something down is left out.
    """
    options = network(config.network).options(dict(config.options))
    if options.get("residual") is False and "strength" in options:
        options["strength"] = 1.0
    config = replace(config, dataset=config.dataset.removeprefix("own:"), options=tuple(options.items()))
    return replace(config, log_every=1, eval_every=1, probe_every=1, checkpoint_every=1)


@cache
def _index(slug: str) -> Mapping[TrainConfig, RecordedRun]:
    """Every recorded run of a network by its canonical configuration; what ships by itself before archives."""
    alone = [run for run in recorded_runs().values() if run.config.network == slug]
    packed = lab_runs(_LABS[slug]) if slug in _LABS else ()
    return {canonical(run.config): run for run in (*packed, *alone)}


def recorded_for(config: TrainConfig) -> RecordedRun | None:
    """The recorded run that training `config` would make again; None where there is none."""
    return _index(config.network).get(canonical(config))


def expected_seconds(configs: Sequence[TrainConfig], cores: int = 2) -> float | None:
    """About how long these would take on so many cores, by the recorded runs most like them; None where none is."""
    known = [_seconds(config) for config in configs]
    found = [seconds for seconds in known if seconds is not None]
    return sum(found) / min(cores, len(configs)) if len(found) == len(known) and found else None


def _seconds(config: TrainConfig) -> float | None:
    """By the time a recorded run took for an image; the nearest in data set, then in depth."""
    depth, data = dict(config.options).get("depth"), config.dataset.removeprefix("own:")

    def unlike(run: RecordedRun) -> tuple[bool, bool]:
        return run.config.dataset.removeprefix("own:") != data, dict(run.config.options).get("depth") != depth

    runs = [run for run in _index(config.network).values() if not run.diverged]
    if not runs:
        return None
    like = min(runs, key=unlike)
    return like.seconds * (config.steps * config.batch) / (like.config.steps * like.config.batch)
