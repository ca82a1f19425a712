"""What is recorded as the first look: the network looks at the photograph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer import inspection
from explorer.attributions import methods
from explorer.figures.receptive_windows import stage_images
from explorer.images import load
from explorer.models import Model, pretrained_model
from explorer.records import Explain, ExplainedMap, LayerRecord, MethodCard, ModelCard
from explorer.summaries.first_look import CHANNELS, IMAGE, METHODS, NETWORK, FirstLook
from explorer.tracing import capture, layers_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def compute() -> FirstLook:
    """Compute it: strip, maps and filters."""
    model, pixels = pretrained_model(NETWORK), load(IMAGE)
    layers = layers_of(model.instance)
    ends = [layer.name for layer in inspection.stage_ends(layers)]
    found = capture(model.instantiate(), model.preprocess(pixels), layers, ends)
    cropped = model.resize_crop(pixels)
    drawn = [
        (stage, stage_images(stage, found.maps[stage.layer.name], cropped))
        for stage in inspection.depth_summary(model, found, CHANNELS)
    ]
    best = int(found.logits.argmax())
    return FirstLook(
        ModelCard(model.id, model.meta),
        IMAGE,
        found.logits,
        tuple((stage, images.mean, images.channels) for stage, images in drawn),
        tuple(MethodCard(**{name: getattr(spec, name) for name in _OF_A_METHOD}) for spec in methods().values()),
        tuple(_explained(model, pixels, layers, Explain(method, best)) for method in METHODS),
        inspection.relu_count(model),
        inspection.first_filters(model, by_norm=True),
    )


_OF_A_METHOD = tuple(MethodCard.__dataclass_fields__)


def _explained(model: Model, pixels: np.ndarray, layers: Sequence[LayerRecord], asked: Explain) -> ExplainedMap:
    found = inspection.explain(model, pixels, asked)
    opens = inspection.operation_behind(layers, model.spec, found.layer, found.grid)
    return ExplainedMap(found, inspection.map_summary(found), opens)
