"""Save a finished run as files: a `RecordedRun` as JSON, and weights beside it."""

from __future__ import annotations

import gzip
import platform
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import torch

from explorer import datasets
from explorer.records import Normalize, RecordedRun, TrainConfig, TrainPoint
from explorer.training.building import build_for
from explorer.training.checkpoint import header
from explorer.training.evaluating import Normalizer, evaluate
from explorer.training.setup import training_data


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended, in this process or a worker; `weights` is a safetensors blob, empty if there is none."""

    config: TrainConfig
    state: str
    points: tuple[TrainPoint, ...]
    layers: tuple[str, ...]
    parameters: int
    device: str
    weights: bytes = b""
    detail: str = ""
    diverged: bool = False

    def summary(self) -> str:
        """The result in one line."""
        if not self.points:
            return f"{name_of(self.config)}: {self.state} before its first point. {self.detail}"
        last = self.points[-1]
        train = f"training loss {last.train_loss:.4f}, accuracy {last.train_accuracy:.4f}"
        test = (
            "" if last.test_accuracy is None else f"; test loss {last.test_loss:.4f}, accuracy {last.test_accuracy:.4f}"
        )
        speed = f"{last.step * self.config.batch / max(last.seconds, 1e-9):,.0f} images/s"
        ended = f"{name_of(self.config)}: {self.state} at step {last.step}"
        return f"{ended}; {train}{test}; {last.seconds:.1f} s, {speed}. {self.detail}".rstrip()


def name_of(config: TrainConfig) -> str:
    """A short name: network, options, what a run with some of the images does with them, seed."""
    options = [f"{name}{value:g}" if isinstance(value, float) else f"{name}-{value}" for name, value in config.options]
    images = [f"{config.per_class}-per-class", config.augment.replace("*", "-")] if config.per_class else []
    return "-".join([config.network, *options, *images, f"seed{config.seed}"]).lower()


def save_run(
    run: Finished, folder: str, experiment: str, command: str, weights: bytes | None, *, half: bool = False
) -> Path:
    """Write `<experiment>-<name>.json`, and `.safetensors` where there are weights; returns the path of the first."""
    directory = Path(folder)
    directory.mkdir(parents=True, exist_ok=True)
    record = _record(run, f"{experiment}-{name_of(run.config)}", command)
    if weights:
        record = _with_weights(record, weights, directory, run.device, half=half)
    path = directory / f"{record.name}.json"
    path.write_text(record.to_json() + "\n", encoding="utf-8")
    return path


def pack(runs: Iterable[Finished], folder: str, experiment: str, command: str, *, curve_only: bool) -> Path:
    """Write many runs as one archive, `<experiment>.jsonl.gz`, a `RecordedRun` a line; returns its path.

    For controls that choose among them. Numbers have three digits, and statistics of the activations are left out.
    A run that diverged is kept as far as it came, without weights. Weights are float16, in
    `<experiment>-<key of the configuration>.safetensors`.
    """
    directory = Path(folder)
    directory.mkdir(parents=True, exist_ok=True)
    lines = []
    for run in runs:
        slim = replace(run, points=tuple(replace(point, activations=None) for point in run.points))
        record = _record(slim, f"{experiment}-{run.config.key}", command)
        if run.weights and not curve_only:
            record = _with_weights(record, run.weights, directory, run.device, half=True)
        lines.append(record.to_json(digits=3))
    path = directory / f"{experiment}.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    return path


def _record(run: Finished, name: str, command: str) -> RecordedRun:
    spec, data = datasets.dataset(run.config.dataset), training_data(run.config)
    return RecordedRun(
        name=name,
        config=run.config,
        points=run.points,
        layers=run.layers,
        parameters=run.parameters,
        classes=tuple(spec.classes),
        data=spec.source,
        command=command,
        device=f"{run.device} ({_processor(run.device)})",
        date=date.today().isoformat(),
        seconds=run.points[-1].seconds,
        versions=f"torch {torch.__version__}",
        mean=data.mean,
        std=data.std,
        diverged=run.diverged,
    )


def _with_weights(record: RecordedRun, weights: bytes, directory: Path, device: str, *, half: bool) -> RecordedRun:
    """Write the weights of a record beside it; the record with their file, and what they answer on the test set."""
    from safetensors.torch import load, save

    tensors = load(weights)
    if half:
        tensors = {key: t.half() if t.is_floating_point() else t for key, t in tensors.items()}
    file = f"{record.name}.safetensors"
    (directory / file).write_bytes(save(tensors, header(weights)))
    accuracy, confusion = answers(record.config, tensors, device.split(",")[0])
    return replace(record, weights=file, half=half, half_accuracy=accuracy if half else None, confusion=confusion)


def answers(
    config: TrainConfig, tensors: dict[str, torch.Tensor], device: str
) -> tuple[float, tuple[tuple[int, ...], ...]]:
    """Accuracy and confusion matrix of weights as saved, on the test set, in float32 on the device of the run."""
    data = training_data(config)
    net = build_for(config, data.shape, len(data.classes))
    network = dict(net.named_children()).get("network", net)  # without the `Repeat` before it
    network.load_state_dict(tensors)
    scale = Normalizer.of(Normalize.of(config.pixels, data.mean, data.std), device)
    images, labels = data.test_images.to(device), data.test_labels.to(device)
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        predictions = evaluate(net.to(device), images, labels, scale)
    counts = predictions.confusion(data.test_labels).tolist()
    return predictions.accuracy, tuple(tuple(row) for row in counts)


def _processor(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name()
    return platform.processor() or platform.machine()
