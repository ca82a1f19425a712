"""Feeding a device: when each batch was loaded, waited for, copied and trained on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from explorer.errors import BadOption

SOURCES = ("jpeg", "memory")
"""Files that are decoded and cropped image by image; decoded images on the device, cropped a batch at once."""

Span = tuple[float, float]
"""Seconds at which something began and ended, from the moment at which the trainer asks for the first batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConfig:
    """`workers` processes load batches for one trainer; 0: it loads them itself, one after the other.

    `side` is that of the images that are trained on, in pixels; those on file are 8/7 of it, as 256 for 224. `prefetch`
    counts batches that each worker has ready or at work, `pinned`: they lie in pinned memory when they are copied to
    the device. `step_ms` simulates a step of so many milliseconds; 0 trains `network`. Raises `BadOption`.
    """

    dataset: str
    source: str = "jpeg"
    workers: int = 0
    batch: int = 64
    batches: int = 16
    side: int = 224
    prefetch: int = 2
    pinned: bool = True
    step_ms: float = 0.0
    network: str = "resnet18"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise BadOption(f"source cannot be {self.source!r}; it can be: {', '.join(SOURCES)}.")
        if self.source == "memory" and self.workers:
            raise BadOption("Images in the device's memory need no workers.")
        least = {"workers": 0, "batch": 1, "batches": 1, "side": 8, "prefetch": 1, "step_ms": 0}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise BadOption(f"{name} cannot be {getattr(self, name)}; it is at least {low}.")


@dataclass(frozen=True, slots=True)
class FedBatch:
    """One batch: which worker loaded it and when; when the trainer waited for it, copied it to the device, trained."""

    worker: int
    loading: Span
    waiting: Span
    copying: Span
    step: Span


@dataclass(frozen=True, slots=True)
class FeedRates:
    """A model of feeding: workers that load in parallel, and a device that trains; the slower of the two decides.

    All of it in seconds for a batch of `batch` images: a worker loads one, it is copied, the device does a step.
    """

    batch: int
    loading: float
    copying: float
    step: float

    @property
    def loader(self) -> float:
        """Images/s of one worker."""
        return self.batch / self.loading

    @property
    def device(self) -> float:
        """Images/s of the device if nothing ever made it wait; copies and steps take turns."""
        return self.batch / (self.copying + self.step)

    @property
    def crossing(self) -> float:
        """So many workers, not always a whole number, give just what the device takes."""
        return self.device / self.loader

    def images_per_second(self, workers: int) -> float:
        """min(workers x loader, device); without a worker the trainer loads, copies and steps in turn.

        An upper bound: the start, handing batches over and batches of unequal length are left out.
        """
        if workers == 0:
            return self.batch / (self.loading + self.copying + self.step)
        return min(workers * self.loader, self.device)

    def changed(self, *, factor: float = 1.0, step: float | None = None) -> FeedRates:
        """The same with a decoder that takes `factor` times as long, and with steps of `step` seconds."""
        return replace(self, loading=factor * self.loading, step=self.step if step is None else step)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResult:
    """A measured timeline, batch by batch in the order of training; `cores` of the machine, and how it was made."""

    config: FeedConfig
    batches: tuple[FedBatch, ...]
    cores: int
    command: str
    device: str
    date: str
    versions: str

    @property
    def seconds(self) -> float:
        """From the question for the first batch to the end of the last step."""
        return self.batches[-1].step[1]

    @property
    def images_per_second(self) -> float:
        """All images by all seconds: workers begin with nothing, so that nothing is counted that was ready before."""
        return self.config.batch * len(self.batches) / self.seconds

    @property
    def shares(self) -> dict[str, float]:
        """What part of the trainer's time went into waiting, copying and steps."""
        sums = {
            name: sum(end - begin for begin, end in (getattr(batch, name) for batch in self.batches))
            for name in ("waiting", "copying", "step")
        }
        return {name: value / sum(sums.values()) for name, value in sums.items()}

    @property
    def loading_seconds(self) -> float:
        """Mean seconds in which a worker loads a batch."""
        return sum(batch.loading[1] - batch.loading[0] for batch in self.batches) / len(self.batches)

    @property
    def rates(self) -> FeedRates:
        """What was measured here, as the parts of a model."""
        copying, step = (
            sum(end - begin for begin, end in (getattr(batch, name) for batch in self.batches)) / len(self.batches)
            for name in ("copying", "step")
        )
        return FeedRates(self.config.batch, self.loading_seconds, copying, step)

    @property
    def bottleneck(self) -> str:
        """What the trainer's time went into most: "waiting" for batches, "copying" or "step"."""
        return max(self.shares, key=self.shares.__getitem__)

    def to_json(self) -> str:
        """One line of JSON; times to the hundredth of a millisecond."""
        plain = asdict(self)
        plain["batches"] = [
            [batch.worker, *(round(time, 5) for span in _spans(batch) for time in span)] for batch in self.batches
        ]
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> FeedResult:
        """Parse the text of `to_json`. Raises `ValueError`, `TypeError` or `KeyError` for another text."""
        plain: dict[str, Any] = json.loads(text)
        plain["config"] = FeedConfig(**plain["config"])
        plain["batches"] = tuple(
            FedBatch(int(worker), *zip(times[::2], times[1::2], strict=True)) for worker, *times in plain["batches"]
        )
        return cls(**plain)


def _spans(batch: FedBatch) -> tuple[Span, ...]:
    return batch.loading, batch.waiting, batch.copying, batch.step
