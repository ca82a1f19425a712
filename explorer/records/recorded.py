"""`RecordedRun`: a finished training run that ships with the project, with its configuration and curve."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from explorer.records.training import TrainConfig, TrainPoint


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A finished run: configuration, curve and provenance.

    `command` reproduces it; `device`, `date` (ISO), `seconds` (of training) and `versions` say how it was made.
    `data` describes the data set: where the images were altered (JPEG-coded CIFAR-10), the accuracy is not the paper's.
    `weights` names the safetensors file beside the record, "" where only the curve was kept; `half`: it stores
    float16, whose test accuracy is `half_accuracy`. `mean` and `std` are those of the training images, 0 to 255, per
    channel: inputs must be normalised with them. `confusion` counts what the weights, as they were saved, answer on the
    test set (rows are the truth, columns the answer); empty without weights. `diverged`: it ended before its last step,
    because the loss or a gradient was no longer finite.
    """

    name: str
    config: TrainConfig
    points: tuple[TrainPoint, ...]
    layers: tuple[str, ...]
    parameters: int
    classes: tuple[str, ...]
    data: str
    command: str
    device: str
    date: str
    seconds: float
    versions: str
    weights: str = ""
    half: bool = False
    half_accuracy: float | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    diverged: bool = False

    @property
    def test_accuracy(self) -> float | None:
        """Accuracy (0 to 1) on the test set at the end."""
        return self.points[-1].test_accuracy if self.points else None

    @property
    def shipped_accuracy(self) -> float:
        """Accuracy (0 to 1) on the test set of the weights as they were saved; 0 where it was never measured."""
        return (self.half_accuracy if self.half else None) or self.test_accuracy or 0.0

    @property
    def trained_on(self) -> str:
        """The data set it was trained on, as it was published (it lay in the folder of one's own) or was altered."""
        return self.config.dataset.removeprefix("own:") + ("-jpeg" if "JPEG" in self.data else "")

    def to_json(self, digits: int = 5) -> str:
        """JSON with so many significant digits per number: a curve, not a checkpoint."""
        plain = {**asdict(self), "config": json.loads(self.config.to_json())}
        plain["points"] = [[_short(value, digits) for value in asdict(point).values()] for point in self.points]
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> RecordedRun:
        """Parse the text of `to_json`."""
        plain = json.loads(text)
        plain["config"] = TrainConfig.from_json(json.dumps(plain["config"]))
        plain["points"] = tuple(_point(row) for row in plain["points"])
        plain["layers"], plain["classes"] = tuple(plain["layers"]), tuple(plain["classes"])
        plain["mean"], plain["std"] = tuple(plain["mean"]), tuple(plain["std"])
        plain["confusion"] = _tuples(plain.get("confusion", []))
        return cls(**plain)


def _short(value: object, digits: int) -> object:
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    return [_short(item, digits) for item in value] if isinstance(value, tuple | list) else value


def _point(row: list[Any]) -> TrainPoint:
    """A point; older records lack the last fields."""
    names = [field.name for field in fields(TrainPoint)][: len(row)]
    return TrainPoint(**dict(zip(names, map(_tuples, row), strict=True)))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
