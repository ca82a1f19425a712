"""Cached calls around the feature maps of one image. A `model_id` names the weights (`explorer.models`)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from explorer.records import FeatureMaps, InputImage, LayerRecord, LayerSheet, LayerView, Pair, StageSummary
from explorer.summaries import FirstLook, recorded_look
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import card, model

if TYPE_CHECKING:
    import numpy as np

    from explorer.figures.maps import Sheet
    from explorer.figures.receptive_windows import StageImages

_SIDE = 150  # pixels of the image of a field, at least


@kept(max_entries=64)
def layers(model_id: str) -> tuple[LayerRecord, ...]:
    """The operations of a network, in order."""
    from explorer.tracing import layers_of

    return layers_of(model(model_id).instance)


@kept(max_entries=16)
def photograph(model_id: str, image: InputImage) -> bytes:
    """The image in its own resolution, bright where it is the network's input, as JPEG."""
    from explorer.figures.receptive_windows import photograph_jpeg
    from explorer.images import crop

    return photograph_jpeg(image.pixels, crop(image.pixels.shape[:2], card(model_id).instance.size))


def stage_ends(model_id: str) -> tuple[LayerRecord, ...]:
    """The last operation of every stage."""
    from explorer import inspection

    return inspection.stage_ends(layers(model_id))


def grids(model_id: str) -> tuple[LayerRecord, ...]:
    """The layers whose output is a grid of maps, larger than one cell."""
    from explorer import inspection

    return inspection.grid_layers(layers(model_id))


def too_many_megabytes(model_id: str) -> float:
    """Size of all maps of one image where they are not kept together; else 0."""
    from explorer import inspection

    size = inspection.megabytes(layers(model_id))
    return size if size > inspection.MOST_MEGABYTES else 0.0


@kept(max_entries=4)
def _captured(model_id: str, image: InputImage, names: tuple[str, ...] | None) -> FeatureMaps:
    from explorer.tracing import capture

    looked_into = model(model_id)
    return capture(looked_into.instantiate(), looked_into.preprocess(image.pixels), layers(model_id), names)


def maps(model_id: str, image: InputImage, layer: str = "") -> FeatureMaps:
    """The maps of every stage's end, and of `layer`; of all layers where they fit into memory."""
    from explorer import inspection

    return _captured(model_id, image, inspection.layers_to_keep(layers(model_id), layer))


def recorded(model_id: str, image: InputImage) -> FirstLook | None:
    """The first look, if it is at this image with this model: it waits for no torch."""
    look = recorded_look()
    return look if look and (look.card.id, look.image) == (model_id, image.key) else None


def answer(model_id: str, image: InputImage) -> FeatureMaps:
    """The logits for an image, perhaps without any maps."""
    look = recorded(model_id, image)
    return FeatureMaps((), {}, look.logits) if look else maps(model_id, image)


@kept(max_entries=64)
def depth_strip(model_id: str, image: InputImage, channels: int) -> tuple[tuple[StageSummary, StageImages], ...]:
    """Every stage's end with its `channels` strongest maps, in numbers and as images."""
    from explorer.figures.receptive_windows import StageImages, stage_window
    from explorer.images import fitted

    look = recorded(model_id, image)
    if look is None or look.channels != channels:
        return _depth_strip(model_id, image, channels)
    pixels = fitted(image.pixels, look.card.instance.size)
    return tuple((stage, StageImages(stage_window(stage, pixels), mean, maps)) for stage, mean, maps in look.stages)


def _depth_strip(model_id: str, image: InputImage, channels: int) -> tuple[tuple[StageSummary, StageImages], ...]:
    from explorer import inspection
    from explorer.figures.receptive_windows import stage_images

    found, pixels = maps(model_id, image), model(model_id).resize_crop(image.pixels)
    summaries = inspection.depth_summary(model(model_id), found, channels)
    return tuple((stage, stage_images(stage, found.maps[stage.layer.name], pixels)) for stage in summaries)


@kept(max_entries=64)
def layer_sheet(model_id: str, image: InputImage, layer: str, order: str, shared: bool) -> tuple[LayerSheet, Sheet]:
    """All maps of a layer, by `order` (one of `SHEET_ORDERS`), on one colour scale or each on its own."""
    from explorer import inspection
    from explorer.figures.maps import sheet

    volume = maps(model_id, image, layer).maps[layer]
    found = inspection.layer_sheet(volume, order)
    return found, sheet(volume[list(found.order)], shared=shared)


def strongest_channel(model_id: str, image: InputImage, layer: str) -> int:
    """The channel of a layer with the largest value."""
    volume = maps(model_id, image, layer).maps[layer]  # (C, H, W)
    return int(volume.max((1, 2)).argmax())


def channel(model_id: str, image: InputImage, layer: str, number: int) -> np.ndarray:
    """One map of a layer, float32 (H, W). Shared: not to be changed."""
    values: np.ndarray = maps(model_id, image, layer).maps[layer][number]
    return values


def archive(volume: np.ndarray) -> bytes:
    """The maps of a layer, float32 (C, H, W), as an NPZ file with one array `maps`. Needs no session."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez_compressed(buffer, maps=volume)
    return buffer.getvalue()


@kept(max_entries=64)
def effective_receptive_field(
    model_id: str, image: InputImage, layer: str, cell: Pair
) -> tuple[tuple[LayerView, bytes], ...]:
    """What a cell of a layer, and the cell at the same place at the end of every stage, depends on, each as a PNG."""
    from explorer import inspection
    from explorer.figures.receptive_windows import window_png

    every = layers(model_id)
    chosen = next(record for record in every if record.name == layer)
    found = inspection.effective_receptive_field(model(model_id), image.pixels, every, chosen, cell)
    pixels = model(model_id).resize_crop(image.pixels)
    return tuple((view, window_png(pixels, view.window, _SIDE, heat=heat)) for view, heat in found)


@kept(max_entries=64)
def projective_field(model_id: str, image: InputImage, pixel: Pair) -> tuple[tuple[LayerView, bytes], ...]:
    """The cells that one pixel of the network's input moves, at the end of every stage, each as a PNG."""
    from explorer import inspection
    from explorer.figures.receptive_windows import reach_png

    found = inspection.projective_field(model(model_id), image.pixels, layers(model_id), pixel)
    return tuple((view, reach_png(change, view.window, _SIDE)) for view, change in found)
