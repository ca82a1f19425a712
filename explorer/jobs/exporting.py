"""Export runs as CSV, TensorBoard event files and zips; and the command that reproduces one."""

from __future__ import annotations

import csv
import io
import re
import shlex
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory

from explorer.errors import BadOption
from explorer.records import TrainConfig, TrainPoint

MEASURES = ("seconds", "lr", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "images_per_second")
TAGS = {
    "train_loss": "train/loss",
    "train_accuracy": "train/accuracy",
    "test_loss": "test/loss",
    "test_accuracy": "test/accuracy",
    "lr": "learning_rate",
    "images_per_second": "images_per_second",
}
"""Measure -> tag in TensorBoard; gradient norms are `gradient_norm/<number>-<layer>`."""


@dataclass(frozen=True, slots=True)
class Export:
    """A run to export: `name` is unique within an export, `started` in seconds since 1970."""

    name: str
    config: TrainConfig
    points: Sequence[TrainPoint]
    layers: Sequence[str] = ()
    started: float = 0.0


def curves_csv(runs: Sequence[Export]) -> str:
    """All points of all runs, one row each; cells that were not measured are empty. Accuracies are 0 to 1."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["run", "step", "epoch", *MEASURES])
    for run in runs:
        for point in run.points:
            writer.writerow([run.name, point.step, point.epoch, *(getattr(point, name) for name in MEASURES)])
    return out.getvalue()


def event_files(runs: Sequence[Export]) -> bytes:
    """A zip with a folder for each run, in it one TensorBoard event file."""
    with TemporaryDirectory() as folder:
        return _zipped(
            {f"{file_name(run.name)}/{path.name}": path.read_bytes() for run, path in _event_files(runs, folder)}
        )


def _event_files(runs: Sequence[Export], folder: str) -> Iterator[tuple[Export, Path]]:
    # The low-level writer: tensorboardX's FileWriter keeps a thread, and every file open until the interpreter exits.
    from tensorboardX.event_file_writer import EventsWriter
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.summary import scalar

    for index, run in enumerate(runs):
        directory = Path(folder, str(index))
        directory.mkdir()
        writer = EventsWriter(str(directory / "events"))
        for point in run.points:
            when = run.started + point.seconds
            for tag, value in _scalars(run, point):
                writer.write_event(Event(wall_time=when, step=point.step, summary=scalar(tag, value)))
        writer.close()
        (path,) = directory.iterdir()
        # TensorBoard needs "tfevents" in the name; the writer adds the host's name, which is private.
        yield run, path.rename(directory / f"events.out.tfevents.{run.started:.0f}.convnet-atlas")


def _scalars(run: Export, point: TrainPoint) -> Iterator[tuple[str, float]]:
    for name, tag in TAGS.items():
        value = getattr(point, name)
        if value is not None:
            yield tag, value
    for index, norm in enumerate(point.gradient_norms or ()):
        layer = run.layers[index] if index < len(run.layers) else "layer"
        yield f"gradient_norm/{index + 1:03d}-{layer}", norm


def archive(blobs: Mapping[str, bytes]) -> bytes:
    """Several files as a zip, by name."""
    return _zipped({file_name(name): blob for name, blob in blobs.items()})


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return out.getvalue()


def file_name(text: str) -> str:
    """Text as a file name that is valid on every file system."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.") or "run"


def command(config: TrainConfig) -> str:
    """The shortest command line that trains exactly this configuration; imports torch.

    Raises `ExplorerError` where none does: its network, or an option of it, no longer exists.
    """
    from explorer.training.parsing import configurations
    from explorer.training.presets import EXPERIMENTS

    candidates = [[slug, *_changes(experiment.configs, config)] for slug, experiment in EXPERIMENTS.items()]
    exact = [arguments for arguments in candidates if configurations(arguments[0], arguments[1:]) == (config,)]
    if not exact:
        raise BadOption(f"No command makes this run again: {config.network} does not take its options any more.")
    shortest: list[str] = min(exact, key=len)
    return "python -m explorer train " + shlex.join(shortest)


def _changes(bases: Sequence[TrainConfig], config: TrainConfig) -> list[str]:
    """`field=value` for all fields in which one of `bases` differs."""
    names = [field.name for field in fields(TrainConfig) if field.name != "options"]
    changes = [
        f"{name}={_argument(getattr(config, name), number=True)}"
        for name in names
        if any(getattr(base, name) != getattr(config, name) for base in bases)
    ]
    other = any(base.network != config.network for base in bases)  # then the command drops the base's own options
    return changes + [
        f"option.{name}={_argument(value)}"
        for name, value in config.options
        if other or any(dict(base.options).get(name) != value for base in bases)
    ]


def _argument(value: object, *, number: bool = False) -> str:
    """A value as the command line parses it: bools are 0 and 1 for fields, true and false for options."""
    if isinstance(value, bool):
        return str(int(value)) if number else str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)
