"""What a unit sees: windows and heat on the picture itself. Arrays in, PNG bytes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from explorer.figures.maps import coloured, palette_png, scaled
from explorer.figures.raster import enlarged, image_of, png
from explorer.records import StageSummary, Window

_INK, _HALO = (230, 159, 0), (20, 20, 20)  # Okabe & Ito's orange, with a dark edge: seen on any picture


@dataclass(frozen=True, slots=True)
class StagePictures:
    """A stage as PNGs: the image with the strongest unit's window, the mean of all maps, the strongest channels."""

    window: bytes
    mean: bytes
    channels: tuple[bytes, ...]


def stage_pictures(summary: StageSummary, volume: np.ndarray, picture: np.ndarray, side: int = 76) -> StagePictures:
    """A stage, float32 (C, H, W) or (C,), made of a picture, uint8 (H, W, C); each PNG at least `side` pixels tall."""
    window = window_png(picture, summary.window, side)
    if volume.ndim == 1:
        return StagePictures(window, barcode_png(volume, side), ())
    channels = tuple(map_png(volume[channel], side) for channel in summary.channels)
    return StagePictures(window, map_png(volume.mean(0), side), channels)


def map_png(one: np.ndarray, side: int) -> bytes:
    """One map (H, W) in the palette of all maps, each cell a square, at least `side` pixels tall."""
    return palette_png(scaled(one[None], shared=False)[0], max(1, -(-side // one.shape[0])))


def barcode_png(vector: np.ndarray, side: int) -> bytes:
    """A vector as a block of cells, row by row, close to a square of `side` pixels."""
    columns = int(np.ceil(np.sqrt(len(vector))))
    cells = np.full((-(-len(vector) // columns), columns), 255, np.uint8)
    cells.flat[: len(vector)] = scaled(vector[None, None], shared=True)[0, 0]
    return palette_png(cells, max(1, side // columns))


def window_png(picture: np.ndarray, window: Window, side: int, heat: np.ndarray | None = None) -> bytes:
    """A picture, uint8 (H, W, 3 or 1), with a window drawn on it, at least `side` pixels tall.

    Outside the window it is dimmed. With `heat` (H, W), what is brighter there shows more of the picture: the
    effective receptive field in front of the theoretical one.
    """
    rows, columns = picture.shape[:2]
    factor = max(1, -(-side // rows))
    rgb = np.repeat(picture, 3, 2) if picture.shape[2] == 1 else picture
    top, left, bottom, right = window
    light = np.full((rows, columns), 0.35)
    light[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 1.0
    if heat is not None:
        heard = heat[heat > 0]
        bright = float(np.quantile(heard, 0.9)) if heard.size else 1.0  # a few pixels must not leave the others dark
        light = 0.25 + 0.75 * np.sqrt(heat / bright).clip(0, 1)
    lit = (rgb * light[..., None]).round().astype(np.uint8)
    image = enlarged(Image.fromarray(lit), factor)
    _outline(image, tuple(factor * edge for edge in (top, left, bottom, right)))
    return png(image)


def _outline(image: Image.Image, window: tuple[int, ...]) -> None:
    top, left, bottom, right = window
    box = (max(0, left), max(0, top), min(image.width, right) - 1, min(image.height, bottom) - 1)
    if box[2] < box[0] or box[3] < box[1]:
        return  # all of it lies in the padding
    pen = ImageDraw.Draw(image)
    pen.rectangle(box, outline=_HALO, width=max(2, image.height // 40))
    pen.rectangle(box, outline=_INK, width=max(1, image.height // 80))


def reach_png(change: np.ndarray, cells: Window, side: int) -> bytes:
    """A map of changes (H, W), the cells that can change at all drawn around, at least `side` pixels tall."""
    factor = max(1, -(-side // change.shape[0]))
    image = enlarged(Image.fromarray(coloured(np.sqrt(change))), factor)
    _outline(image, tuple(factor * edge for edge in cells))
    return png(image)


def picture_png(picture: np.ndarray, side: int) -> bytes:
    """A picture, uint8 (H, W), (H, W, 1) or (H, W, 3), enlarged by a whole factor to at least `side` pixels."""
    return png(enlarged(image_of(picture), -(-side // picture.shape[0])))
