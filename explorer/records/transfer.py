"""Transfer learning: what is transferred to which data, and what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from explorer.errors import BadOption
from explorer.records.training import AUGMENTS, PRECISIONS, TrainPoint

REGIMES = ("frozen", "finetune", "scratch")
"""A new softmax on the features of the first stages; all later stages train as well; initial weights, all train."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferConfig:
    """A network is taken from `source`, the id of a model, to a data set.

    It is trained on `per_class` images of each class; 0 is all images. `stages` counts the network's first stages,
    which stay as they are; where it is all of them, all but the last weight layer stay. `frozen` trains a softmax on
    their averaged output, `finetune` all that follows. `seed` selects the images, orders them and draws the initial
    weights of whatever is new. `evaluations` on the test set are spread over the steps, the last of them at the end.
    `similarity`: how alike the representations of each stage are before and after training is computed as well. The
    rest is as in `TrainConfig`. Raises `BadOption` for a value that is not allowed.
    """

    source: str
    dataset: str
    regime: str
    per_class: int
    stages: int
    steps: int
    batch: int
    lr: float
    weight_decay: float = 1e-4
    warmup: int = 0
    augment: str = "none"
    precision: str = "bf16"
    seed: int = 0
    evaluations: int = 1
    similarity: bool = False

    def __post_init__(self) -> None:
        allowed = {"regime": REGIMES, "augment": AUGMENTS, "precision": PRECISIONS}
        for name, choices in allowed.items():
            if getattr(self, name) not in choices:
                raise BadOption(f"{name} cannot be {getattr(self, name)!r}; it can be: {', '.join(choices)}.")
        if self.per_class < 0 or self.stages < 0 or self.evaluations < 1:
            raise BadOption("A number of images, of stages or of evaluations is too small.")
        if self.regime == "frozen" and (self.augment != "none" or self.stages == 0):
            raise BadOption("Frozen features are those of at least one stage, and of images as they are.")
        if self.regime == "scratch" and self.stages:
            raise BadOption("From scratch, no stage can stay as it is.")

    @property
    def name(self) -> str:
        """All but the seed, in a few words: runs of one name differ by their seed alone."""
        source = self.source.removeprefix("pretrained:").removeprefix("recorded:").removeprefix("random:")
        images = f"{self.per_class} a class" if self.per_class else "all"
        kept = f", {self.stages} stages kept" if self.stages else ""
        return f"{source} to {self.dataset.removeprefix('own:')}, {images}: {self.regime}{kept}, rate {self.lr:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferResult:
    """What came of a `TransferConfig`.

    `points` are those of the training. `features` is how many numbers the frozen stages give for an image (0 unless the
    regime is frozen), `parameters` how many are trained, `images` how many it is trained on. `feature_seconds` were
    spent on computing the features of all images of the data set, test images included, after every stage, once;
    `training_seconds` on training, the capture of steps included. `stage_names` names the network's stages, and
    `similarity[i][j]` is the linear CKA of stage i before and stage j after training, empty where it was not computed.
    `data` cites the data set; `command`, `device`, `date` and `versions` say how it was made.
    """

    config: TransferConfig
    points: tuple[TrainPoint, ...]
    features: int
    parameters: int
    images: int
    feature_seconds: float
    training_seconds: float
    stage_names: tuple[str, ...]
    similarity: tuple[tuple[float, ...], ...]
    data: str
    command: str
    device: str
    date: str
    versions: str

    @property
    def test_accuracy(self) -> float:
        """Accuracy (0 to 1) on the test set at the end."""
        accuracy = self.points[-1].test_accuracy
        assert accuracy is not None, "the last point of a run is evaluated"
        return accuracy

    def to_json(self, digits: int = 5) -> str:
        """One line of JSON, with so many significant digits per number; of each point the metrics, without probes."""
        plain = asdict(self)
        plain["points"] = [[_short(getattr(point, name), digits) for name in _KEPT] for point in self.points]
        plain["similarity"] = [[_short(value, digits) for value in row] for row in self.similarity]
        plain |= {name: _short(plain[name], digits) for name in ("feature_seconds", "training_seconds")}
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> TransferResult:
        """Parse the text of `to_json`. Raises `ValueError`, `TypeError` or `KeyError` for another text."""
        plain: dict[str, Any] = json.loads(text)
        plain["config"] = TransferConfig(**plain["config"])
        plain["points"] = tuple(TrainPoint(**dict(zip(_KEPT, row, strict=True))) for row in plain["points"])
        plain["stage_names"] = tuple(plain["stage_names"])
        plain["similarity"] = tuple(map(tuple, plain["similarity"]))
        return cls(**plain)


_KEPT = tuple(
    field.name for field in fields(TrainPoint) if field.name not in {"gradient_norms", "activations", "weight_norms"}
)


def _short(value: float | None, digits: int) -> float | None:
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value
