"""What the first visitor of *Looking inside* sees of a model and a photograph.

Its answer and the maps of its depth strip; why it answers so; the filters that it begins with.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import paths
from explorer.records import (
    Attribution,
    Control,
    ExplainedMap,
    FirstFilters,
    MapSummary,
    MethodCard,
    ModelCard,
    ModelMeta,
    StageSummary,
)
from explorer.summaries import archive
from explorer.summaries.fingerprint import TRACED, fingerprint
from explorer.summaries.traces import layer_of, specs, tuples

if TYPE_CHECKING:
    import numpy as np

RECORD = Path(__file__).with_name("first_look.zip")
IMAGE, CHANNELS = "cat", 5
METHODS = ("saliency", "guided-backprop", "grad-cam")
"""Of attribution: quick ones, of three kinds."""

NETWORK = "efficientnet-lite0"
_SOURCES = (
    *TRACED,
    *(f"figures/{name}.py" for name in ("maps", "palette", "raster", "receptive_windows")),
    *("attributions", "attributions/entries", "images/bundled.py", "models/model.py", "models/packaged.py"),
    *(f"inspection/{name}.py" for name in ("depth", "explanation", "filters", "layers")),
    *(f"records/{name}.py" for name in ("feature_maps", "inspected", "preprocessing")),
    "units/filters.py",
)


@dataclass(frozen=True, slots=True, eq=False)
class FirstLook:
    """A model and what it makes of a bundled image.

    Its logits (classes,); each stage with PNGs, its mean and its strongest maps; `methods` are all there are, `maps`
    those of `METHODS` for the most probable class; `relus` counts the network's, `filters` are its first, by norm.
    """

    card: ModelCard
    image: str
    logits: np.ndarray
    stages: tuple[tuple[StageSummary, bytes, tuple[bytes, ...]], ...]
    methods: tuple[MethodCard, ...]
    maps: tuple[ExplainedMap, ...]
    relus: int
    filters: FirstFilters

    @property
    def channels(self) -> int:
        """How many of the strongest maps each stage has."""
        return CHANNELS


def key() -> str:
    """Fingerprint of the sources and of the weights; "" where these are not on this machine."""
    weights = paths.weights_in_package(specs()[NETWORK].package)
    return f"{fingerprint(*_SOURCES)} {hashlib.sha256(weights.read_bytes()).hexdigest()[:16]}" if weights else ""


@cache
def recorded() -> FirstLook | None:
    """The recorded look, or None if it is missing or stale, or the weights are not on this machine."""
    if not (now := key()) or not archive.is_current(RECORD, now):
        return None
    import numpy as np

    plain = json.loads(archive.read(RECORD, "look.json"))
    filters = tuples(plain["filters"])
    return FirstLook(
        ModelCard(plain["id"], ModelMeta.from_json(plain["meta"])),
        plain["image"],
        np.array(plain["logits"], np.float32),
        tuple(_stage(number, each) for number, each in enumerate(plain["stages"])),
        tuple(_method(each) for each in plain["methods"]),
        tuple(_map(each) for each in plain["maps"]),
        plain["relus"],
        FirstFilters(**filters, weights=_array("filters")),
    )


def _stage(number: int, plain: Mapping[str, Any]) -> tuple[StageSummary, bytes, tuple[bytes, ...]]:
    summary = StageSummary(**{**tuples(plain), "layer": layer_of(plain["layer"])})
    channels = tuple(archive.read(RECORD, f"{number}.{channel}.png") for channel in summary.channels)
    return summary, archive.read(RECORD, f"{number}.mean.png"), channels


def _method(plain: Mapping[str, Any]) -> MethodCard:
    controls = tuple(Control(**tuples(control)) for control in plain["controls"])
    return MethodCard(**{**plain, "controls": controls})


def _map(plain: Mapping[str, Any]) -> ExplainedMap:
    found, summary = tuples(plain["found"]), tuples(plain["summary"])
    values = _array(found["method"]).astype("float32")
    return ExplainedMap(Attribution(**found, values=values), MapSummary(**summary), plain["opens"])


def _array(name: str) -> np.ndarray:
    import numpy as np

    array: np.ndarray = np.load(io.BytesIO(archive.read(RECORD, f"{name}.npy")), allow_pickle=False)
    return array


def _without_arrays(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in items if not hasattr(value, "dtype")}


def _npy(values: np.ndarray) -> bytes:
    import numpy as np

    np.save(file := io.BytesIO(), values, allow_pickle=False)
    return file.getvalue()


def write(look: FirstLook) -> None:
    """Record a look under the present key; maps to three digits, which is more than 256 colours tell apart."""
    files = {"filters.npy": _npy(look.filters.weights)}
    for number, (summary, mean, channels) in enumerate(look.stages):
        files[f"{number}.mean.png"] = mean
        files |= {f"{number}.{n}.png": png for n, png in zip(summary.channels, channels, strict=True)}
    for each in look.maps:
        files[f"{each.found.method}.npy"] = _npy(each.found.values.astype("float16"))
    plain = {
        "id": look.card.id,
        "meta": look.card.meta.to_json(),
        "image": look.image,
        "logits": look.logits.tolist(),
        "stages": [asdict(summary) for summary, _, _ in look.stages],
        "methods": [asdict(card) for card in look.methods],
        "maps": [asdict(each, dict_factory=_without_arrays) for each in look.maps],
        "relus": look.relus,
        "filters": asdict(look.filters, dict_factory=_without_arrays),
    }
    archive.write(RECORD, key(), {"look.json": json.dumps(plain, ensure_ascii=False).encode(), **files})
    recorded.cache_clear()
