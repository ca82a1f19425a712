"""What the first visitor of *Feature maps* sees: a model's answer to a photograph, and the maps of its depth strip."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import paths
from explorer.records import ModelCard, ModelMeta, StageSummary
from explorer.summaries import archive
from explorer.summaries.fingerprint import TRACED, fingerprint
from explorer.summaries.traces import layer_of, specs, tuples

if TYPE_CHECKING:
    import numpy as np

RECORD = Path(__file__).with_name("first_look.zip")
IMAGE, CHANNELS = "cat", 5
_NETWORK = "efficientnet-lite0"
_SOURCES = (
    *TRACED,
    *(f"figures/{name}.py" for name in ("maps", "palette", "raster", "receptive_windows")),
    *("images/bundled.py", "inspection/depth.py", "inspection/layers.py", "models/model.py", "models/packaged.py"),
    *("records/inspected.py", "records/preprocessing.py"),
)


@dataclass(frozen=True, slots=True, eq=False)
class FirstLook:
    """A model, its logits (classes,) for a bundled image, and each stage with PNGs: its mean and its strongest maps."""

    card: ModelCard
    image: str
    logits: np.ndarray
    stages: tuple[tuple[StageSummary, bytes, tuple[bytes, ...]], ...]

    @property
    def channels(self) -> int:
        """How many of the strongest maps each stage has."""
        return CHANNELS


def key() -> str:
    """Fingerprint of the sources and of the weights; "" where these are not on this machine."""
    weights = paths.weights_in_package(specs()[_NETWORK].package)
    return f"{fingerprint(*_SOURCES)} {hashlib.sha256(weights.read_bytes()).hexdigest()[:16]}" if weights else ""


@cache
def recorded() -> FirstLook | None:
    """The recorded look, or None if it is missing or stale, or the weights are not on this machine."""
    if not (now := key()) or not archive.is_current(RECORD, now):
        return None
    import numpy as np

    plain = json.loads(archive.read(RECORD, "look.json"))
    card = ModelCard(plain["id"], ModelMeta.from_json(plain["meta"]))
    stages = tuple(_stage(number, each) for number, each in enumerate(plain["stages"]))
    return FirstLook(card, plain["image"], np.array(plain["logits"], np.float32), stages)


def _stage(number: int, plain: Mapping[str, Any]) -> tuple[StageSummary, bytes, tuple[bytes, ...]]:
    summary = StageSummary(**{**tuples(plain), "layer": layer_of(plain["layer"])})
    channels = tuple(archive.read(RECORD, f"{number}.{channel}.png") for channel in summary.channels)
    return summary, archive.read(RECORD, f"{number}.mean.png"), channels


def compute() -> FirstLook:
    """Compute it: the network looks at the photograph."""
    from explorer.figures.receptive_windows import stage_images
    from explorer.images import load
    from explorer.inspection import depth_summary, stage_ends
    from explorer.models import pretrained_model
    from explorer.tracing import capture, layers_of

    model, pixels = pretrained_model(_NETWORK), load(IMAGE)
    layers = layers_of(model.instance)
    ends = [layer.name for layer in stage_ends(layers)]
    found = capture(model.instantiate(), model.preprocess(pixels), layers, ends)
    summaries = depth_summary(model, found, CHANNELS)
    cropped = model.resize_crop(pixels)
    drawn = [(stage, stage_images(stage, found.maps[stage.layer.name], cropped)) for stage in summaries]
    stages = tuple((stage, images.mean, images.channels) for stage, images in drawn)
    return FirstLook(ModelCard(model.id, model.meta), IMAGE, found.logits, stages)


def write(look: FirstLook) -> None:
    """Record a look under the present key."""
    files = {}
    for number, (summary, mean, channels) in enumerate(look.stages):
        files[f"{number}.mean.png"] = mean
        files |= {f"{number}.{n}.png": png for n, png in zip(summary.channels, channels, strict=True)}
    plain = {
        "id": look.card.id,
        "meta": look.card.meta.to_json(),
        "image": look.image,
        "logits": look.logits.tolist(),
        "stages": [asdict(summary) for summary, _, _ in look.stages],
    }
    archive.write(RECORD, key(), {"look.json": json.dumps(plain, ensure_ascii=False).encode(), **files})
    recorded.cache_clear()
