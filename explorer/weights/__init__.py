"""Training runs that ship with the project: curves, and weights of small networks as safetensors.

Law: reading a run or a curve needs no torch. Each run is one `<name>.json` (a `RecordedRun`: data, recipe, command,
seed, measured accuracy, device, time, all points), some with `<name>.safetensors` beside it. To add one, train it with
`python -m explorer.training ... --save explorer/weights`; nothing else has to change. `lab/` holds what the controls of
pages choose among: an archive of runs for each such experiment (`--pack explorer/weights/lab`), read when one of them
is asked for, and listed nowhere else. `transfer.jsonl.gz` and `feeding.jsonl.gz` are what `python -m benchmarks.on_gpu
transfer feeding` measured on a GPU, `averaging.jsonl.gz` what `python -m explorer.averaging` did, `dying.jsonl.gz` what
`python -m explorer.blocks.dying` did, a line each.
`imagenet` are the class names of published weights. `SHA256SUMS` has the checksum of every file of weights, written by
`python -m explorer.weights`; a file that is changed by accident is refused, not shown.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from explorer.errors import BadWeights, UnknownEntry
from explorer.records import AveragedSet, FeedResult, RecordedRun, TransferResult
from explorer.records.nonlinear import DyingRun

__all__ = [
    "CHECKSUMS",
    "also_shipped",
    "checksums",
    "imagenet",
    "lab_runs",
    "recorded",
    "recorded_averages",
    "recorded_dying",
    "recorded_feeds",
    "recorded_run",
    "recorded_runs",
    "recorded_transfers",
    "shipped",
    "shipped_runs",
    "weights_file",
    "weights_of",
]

_HERE = Path(__file__).parent
_LAB = _HERE / "lab"

CHECKSUMS = _HERE / "SHA256SUMS"
"""The checksums of all files of weights here, as `sha256sum` writes and checks them."""


@cache
def imagenet() -> tuple[str, ...]:
    """ImageNet's names in torchvision's order, from a file: torchvision.models brings torch's compiler along."""
    return tuple((_HERE / "imagenet.txt").read_text(encoding="utf-8").splitlines())


@cache
def recorded_runs() -> Mapping[str, RecordedRun]:
    """Every recorded run by name."""
    runs = (RecordedRun.from_json(path.read_text(encoding="utf-8")) for path in sorted(_HERE.glob("*.json")))
    return {run.name: run for run in runs}


@cache
def lab_runs(experiment: str) -> tuple[RecordedRun, ...]:
    """The runs in the archive of an experiment; none where there is no archive."""
    path = _LAB / f"{experiment}.jsonl.gz"
    if not path.is_file():
        return ()
    return tuple(RecordedRun.from_json(line) for line in _lines(path))


@cache
def recorded_transfers() -> tuple[TransferResult, ...]:
    """Transfer learning as it was recorded, by worth."""
    return tuple(TransferResult.from_json(line) for line in _lines(_HERE / "transfer.jsonl.gz"))


@cache
def recorded_feeds() -> tuple[FeedResult, ...]:
    """Timelines of loaders and trainer as they were recorded."""
    return tuple(FeedResult.from_json(line) for line in _lines(_HERE / "feeding.jsonl.gz"))


@cache
def recorded_averages() -> Mapping[str, AveragedSet]:
    """Averaged answers of several models to the images of a test set as they were recorded, by name."""
    found = (AveragedSet.from_json(line) for line in _lines(_HERE / "averaging.jsonl.gz"))
    return {each.name: each for each in found}


@cache
def recorded_dying() -> tuple[DyingRun, ...]:
    """Small networks trained at several rates, and how many of their units fell silent, as they were recorded."""
    return tuple(DyingRun.from_json(line) for line in _lines(_HERE / "dying.jsonl.gz"))


def _lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def recorded_run(name: str) -> RecordedRun:
    """A recorded run by its name, one in an archive as well. Raises `UnknownEntry`."""
    found = recorded_runs().get(name) or next((run for run in _packed_with(name) if run.name == name), None)
    if found is None:
        raise UnknownEntry("recorded run", name, recorded_runs())
    return found


def _packed_with(name: str) -> tuple[RecordedRun, ...]:
    """The runs of the archive that a name belongs to."""
    experiment = name.rpartition("-")[0]
    return lab_runs(experiment) if experiment in {path.name.partition(".")[0] for path in _LAB.glob("*.gz")} else ()


def recorded(experiment: str) -> tuple[RecordedRun, ...]:
    """The recorded runs of an experiment: those whose name starts with it."""
    return tuple(run for name, run in recorded_runs().items() if name.startswith(f"{experiment}-"))


def shipped_runs(slug: str = "") -> tuple[RecordedRun, ...]:
    """The recorded runs with weights, of one network or of all, by date and name: a new one changes no old link."""
    found = [run for run in recorded_runs().values() if run.weights and slug in ("", run.config.network)]
    return tuple(sorted(found, key=lambda run: (run.date, run.name)))


def trained_runs(slug: str) -> tuple[RecordedRun, ...]:
    """The runs of a network with weights: what ships by itself, then those in the archives."""
    archives = (path.name.partition(".")[0] for path in sorted(_LAB.glob("*.jsonl.gz")))
    packed = (run for name in archives for run in lab_runs(name) if run.weights and run.config.network == slug)
    return (*shipped_runs(slug), *packed)


def weights_file(name: str) -> Path:
    """The safetensors file of a recorded run. Raises `UnknownEntry` where it has none."""
    files = {run.name: _HERE / run.weights for run in shipped_runs()}
    files |= {run.name: _LAB / run.weights for run in _packed_with(name) if run.weights}
    if name not in files:
        raise UnknownEntry("shipped weights", name, files)
    return files[name]


def weights_of(name: str) -> bytes:
    """The safetensors file of a recorded run, compared with its checksum. Raises `UnknownEntry`, `BadWeights`."""
    path = weights_file(name)
    listed = _listed().get(path.relative_to(_HERE).as_posix())
    try:
        blob = path.read_bytes()
        if listed in (None, hashlib.sha256(blob).hexdigest()):  # None: saved just now, and not listed yet
            return blob
    except OSError:  # it is gone, or its disk is damaged
        pass
    raise BadWeights(
        f"{path.name}, which ships with the project, is damaged. Restore it: git checkout explorer/weights",
        "bad_shipped",
        file=path.name,
    )


@cache
def _listed() -> Mapping[str, str]:
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def checksums() -> str:
    """The lines of `SHA256SUMS` for the files as they are now."""
    files = sorted(path.relative_to(_HERE).as_posix() for path in _HERE.rglob("*.safetensors"))
    return "".join(f"{hashlib.sha256((_HERE / name).read_bytes()).hexdigest()}  {name}\n" for name in files)


def shipped() -> Mapping[str, str]:
    """The ids of the models that ship, by the slug of their network; the first of `shipped_runs`, ResNet-20 on top."""
    found = {run.config.network: f"recorded:{run.name}" for run in reversed(shipped_runs())}
    return dict(sorted(found.items(), key=lambda item: (item[0] != "cifar-resnet20", item[1])))


def also_shipped(slug: str, asked: str = "") -> Mapping[str, RecordedRun]:
    """Further models that ship for a network: the run of each, by id; of those in the archives only the one `asked`."""
    packed = [
        run for run in _packed_with(asked.removeprefix("recorded:")) if run.weights and run.config.network == slug
    ]
    found = {f"recorded:{run.name}": run for run in (*shipped_runs(slug)[1:], *packed)}
    return {model_id: run for model_id, run in found.items() if run not in packed or model_id == asked}
