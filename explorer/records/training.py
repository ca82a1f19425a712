"""Training runs: configuration, points of the curve, state."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from explorer.errors import BadOption
from explorer.records.declared import OptionValue

PIXELS = ("standard", "unit", "raw")
"""Zero mean and unit deviation per channel (of the training images); 0 to 1; 0 to 255 as stored."""

AUGMENTS = ("none", "crop-flip")
"""Nothing; a random crop of the image padded by 4, mirrored half of the time (He et al. 2015, 4.2)."""

_STEP = r"[a-z]+(-[a-z]+)*(\*[a-z0-9]+-[a-z0-9.]+)*"
_CHAIN = re.compile(rf"{_STEP}(_{_STEP})*", re.ASCII)
_LONGEST_CHAIN = 600
"""How the text of a chain of transforms looks; what it means, `explorer.transforms` knows."""

OPTIMIZERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "step", "cosine", "onecycle")
INITS = ("torch", "he", "glorot", "dirac", "zero")
PRECISIONS = ("fp32", "bf16")

STATES = ("queued", "running", "finished", "stopped", "interrupted", "failed")
"""`interrupted`: the worker died. `failed`: the run itself could not continue. Both keep every point."""

OPEN_STATES = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Full configuration of a run: equal configurations give equal curves, bit for bit on a CPU.

    `options` are the network's, sorted by name. `steps` counts batches. `warmup` steps raise the rate from zero.
    The schedule "step" divides the rate by 10 after a half and three quarters of the steps (He et al. 2015, 4.2).
    `init`: "torch" as PyTorch does by default, "he" normal by fan-out, "glorot" uniform as Keras does by default,
    "dirac" the identity with a little noise, "zero" as "he", but the branch of every residual block returns zero.
    `augment` is one of `AUGMENTS`, or the text of a chain of `explorer.transforms`, "mirror_crop*padding-0.25".
    `per_class` training images of each class are drawn with the seed, and the others left out; 0 takes all.
    `clip` bounds the norm of all gradients together; 0 leaves them. `mixup` is the parameter of its beta distribution.
    The `*_every` are steps between two points, evaluations on the test set, probes of gradients and activations, and
    checkpoints. Raises `BadOption` for a value that is not allowed.
    """

    network: str
    dataset: str
    steps: int
    lr: float
    options: tuple[tuple[str, OptionValue], ...] = ()
    pixels: str = "standard"
    augment: str = "none"
    batch: int = 128
    optimizer: str = "sgd"
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 1e-4
    schedule: str = "cosine"
    warmup: int = 0
    init: str = "he"
    label_smoothing: float = 0.0
    mixup: float = 0.0
    clip: float = 0.0
    precision: str = "fp32"
    seed: int = 0
    log_every: int = 5
    eval_every: int = 50
    probe_every: int = 10
    checkpoint_every: int = 50
    per_class: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", tuple(sorted((str(k), v) for k, v in self.options)))
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise BadOption(f"{name} cannot be {getattr(self, name)!r}; it can be: {', '.join(allowed)}.")
        if self.augment not in AUGMENTS and not is_chain(self.augment):
            raise BadOption(f"augment cannot be {self.augment!r}; it can be: {', '.join(AUGMENTS)}, or a chain.")
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:  # NaN is outside as well
                raise BadOption(f"{name} cannot be {getattr(self, name)!r}; it lies between {low:g} and {high:g}.")

    def to_json(self) -> str:
        """Canonical text: equal configurations have equal texts.

        A field that came later is left out where it says nothing, so that the keys of older runs stay what they are.
        """
        values = {name: value for name, value in asdict(self).items() if value or name not in _LATER}
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """Parse the text of `to_json`. Fields of another version are dropped or take their defaults."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in json.loads(text).items() if name in known}
        values["options"] = tuple((name, value) for name, value in values.get("options", ()))
        return cls(**values)

    @property
    def key(self) -> str:
        """Digest of the configuration: 16 hexadecimal digits, the same in every process."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]


def is_chain(augment: str) -> bool:
    """Whether it can be the text of a chain."""
    return isinstance(augment, str) and len(augment) <= _LONGEST_CHAIN and _CHAIN.fullmatch(augment) is not None


_LATER = ("per_class",)
_CHOICES = {
    "pixels": PIXELS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "init": INITS,
    "precision": PRECISIONS,
}
_RANGES = {
    "steps": (1, 10_000_000),
    "lr": (0.0, 100.0),
    "batch": (1, 65_536),
    "momentum": (0.0, 0.9999),
    "weight_decay": (0.0, 10.0),
    "warmup": (0, 10_000_000),
    "label_smoothing": (0.0, 0.99),
    "mixup": (0.0, 10.0),
    "clip": (0.0, 1e6),
    "seed": (0, 2**31 - 1),
    "log_every": (1, 10_000_000),
    "eval_every": (1, 10_000_000),
    "probe_every": (1, 10_000_000),
    "checkpoint_every": (1, 10_000_000),
    "per_class": (0, 10_000_000),
}


@dataclass(frozen=True, slots=True)
class TrainPoint:
    """Metrics after `step` batches; step 0 is before the first.

    Loss and accuracy (0 to 1) on the training batches are means since the previous point, in training mode; on the
    test set they are of the whole set in evaluation mode, None where it was not evaluated. `seconds` counts training
    only. `gradient_norms`, `activations` (mean, standard deviation of the output) and `weight_norms` have one entry for
    each weight layer from input to output, None where they were not probed; the step's update is not in them yet.
    """

    step: int
    epoch: float
    seconds: float
    lr: float
    train_loss: float
    train_accuracy: float
    images_per_second: float
    test_loss: float | None = None
    test_accuracy: float | None = None
    gradient_norms: tuple[float, ...] | None = None
    activations: tuple[tuple[float, float], ...] | None = None
    weight_norms: tuple[float, ...] | None = None

    @property
    def train_error(self) -> float:
        """Error on the training batches in percent."""
        return 100 * (1 - self.train_accuracy)

    @property
    def test_error(self) -> float | None:
        """Error on the test set in percent."""
        return None if self.test_accuracy is None else 100 * (1 - self.test_accuracy)


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A run as stored in the run store. Times are seconds since 1970; `device` is "" until a worker claims it.

    `group` is the id of runs that were submitted together and train side by side in one worker. `reason` is a code:
    why a run failed or was interrupted ("diverged", "worker-lost", "error"), with `detail` in plain words, or that
    its configuration is "unreadable": then `config` is a placeholder.
    `layers` names the weight layers, from input to output. `resumable`: it has a checkpoint. `owner` is a digest of who
    started it, and alone may stop, resume or delete it; "" for a run that anybody may.
    """

    id: str
    config: TrainConfig
    state: str
    group: str
    created: float
    device: str = ""
    started: float | None = None
    finished: float | None = None
    step: int = 0
    parameters: int = 0
    layers: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""
    resumable: bool = False
    has_weights: bool = False
    stop_requested: bool = False
    owner: str = ""

    @property
    def can_resume(self) -> bool:
        """Whether it can be resumed: from its checkpoint, or from the start where it ended before the first one."""
        if self.reason == "unreadable":
            return False
        return self.state in {"stopped", "interrupted"} or (self.state == "failed" and self.resumable)

    @property
    def is_open(self) -> bool:
        """Whether it is queued or running."""
        return self.state in OPEN_STATES
