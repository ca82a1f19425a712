"""Training runs that ship with the project: curves, and weights of small networks as safetensors.

Law: reading a run or a curve needs no torch. Each run is one `<name>.json` (a `RecordedRun`: data, recipe, command,
seed, measured accuracy, device, time, all points), some with `<name>.safetensors` beside it. To add one, train it with
`python -m explorer.training ... --save explorer/weights`; nothing else has to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from explorer.errors import UnknownEntry
from explorer.records import RecordedRun

__all__ = ["also_shipped", "recorded", "recorded_runs", "shipped", "shipped_runs", "weights_file"]

_HERE = Path(__file__).parent


@cache
def recorded_runs() -> Mapping[str, RecordedRun]:
    """Every recorded run by name."""
    runs = (RecordedRun.from_json(path.read_text(encoding="utf-8")) for path in sorted(_HERE.glob("*.json")))
    return {run.name: run for run in runs}


def recorded(experiment: str) -> tuple[RecordedRun, ...]:
    """The recorded runs of an experiment: those whose name starts with it."""
    return tuple(run for name, run in recorded_runs().items() if name.startswith(f"{experiment}-"))


def shipped_runs(slug: str = "") -> tuple[RecordedRun, ...]:
    """The recorded runs with weights, of one network or of all, by date and name: a new one changes no old link."""
    found = [run for run in recorded_runs().values() if run.weights and slug in ("", run.config.network)]
    return tuple(sorted(found, key=lambda run: (run.date, run.name)))


def weights_file(name: str) -> Path:
    """The safetensors file of a recorded run. Raises `UnknownEntry` where it has none."""
    files = {run.name: run.weights for run in shipped_runs()}
    if name not in files:
        raise UnknownEntry("shipped weights", name, files)
    return _HERE / files[name]


def shipped() -> Mapping[str, str]:
    """The ids of the models that ship, by the slug of their network; the first of `shipped_runs`, ResNet-20 on top."""
    found = {run.config.network: f"recorded:{run.name}" for run in reversed(shipped_runs())}
    return dict(sorted(found.items(), key=lambda item: (item[0] != "cifar-resnet20", item[1])))


def also_shipped(slug: str) -> Mapping[str, RecordedRun]:
    """Further models that ship for a network: the run of each, by id."""
    return {f"recorded:{run.name}": run for run in shipped_runs(slug)[1:]}
