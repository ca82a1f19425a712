"""Receptive fields as windows and heat maps on the input image. Arrays in, PNG bytes out."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from explorer.figures.maps import coloured, palette_png, scaled
from explorer.figures.raster import enlarged, image_of, png
from explorer.records import StageSummary, Window

_DIM = 110  # of 255: what lies outside the crop
_LARGE = 400  # pixels a small image is enlarged to
_INK, _HALO = (230, 159, 0), (20, 20, 20)  # Okabe & Ito's orange, with a dark edge: visible on any image


@dataclass(frozen=True, slots=True)
class StageImages:
    """A stage as PNGs: the image with the strongest unit's window, the mean of all maps, the strongest channels."""

    window: bytes
    mean: bytes
    channels: tuple[bytes, ...]


def stage_images(summary: StageSummary, volume: np.ndarray, pixels: np.ndarray, side: int = 76) -> StageImages:
    """A stage, float32 (C, H, W) or (C,), made of an image, uint8 (H, W, C); each PNG at least `side` pixels tall."""
    if volume.ndim == 1:
        return StageImages(stage_window(summary, pixels, side), barcode_png(volume, side), ())
    channels = tuple(map_png(volume[channel], side) for channel in summary.channels)
    return StageImages(stage_window(summary, pixels, side), map_png(volume.mean(0), side), channels)


def stage_window(summary: StageSummary, pixels: np.ndarray, side: int = 76) -> bytes:
    """The image, uint8 (H, W, C), with the window of a stage's strongest unit."""
    return window_png(*_smaller(pixels, summary.window, 2 * side), side)


def _smaller(pixels: np.ndarray, window: Window, most: int) -> tuple[np.ndarray, Window]:
    """An image and a window on it, reduced to at most `most` rows: a strip of photographs is no megabyte then."""
    scale = most / pixels.shape[0]
    if scale >= 1:
        return pixels, window
    image = image_of(pixels).resize((round(pixels.shape[1] * scale), most), Image.Resampling.BICUBIC)
    top, left, bottom, right = (round(edge * scale) for edge in window)
    reduced = np.asarray(image)
    return reduced.reshape(*reduced.shape[:2], -1), (top, left, max(bottom, top + 1), max(right, left + 1))


def map_png(values: np.ndarray, side: int) -> bytes:
    """One map (H, W) in the palette of all maps, each cell a square, at least `side` pixels tall."""
    return palette_png(scaled(values[None], shared=False)[0], max(1, -(-side // values.shape[0])))


def barcode_png(vector: np.ndarray, side: int) -> bytes:
    """A vector as a block of cells, row by row, close to a square of `side` pixels."""
    columns = int(np.ceil(np.sqrt(len(vector))))
    cells = np.full((-(-len(vector) // columns), columns), 255, np.uint8)
    cells.flat[: len(vector)] = scaled(vector[None, None], shared=True)[0, 0]
    return palette_png(cells, max(1, side // columns))


def window_png(pixels: np.ndarray, window: Window, side: int, heat: np.ndarray | None = None) -> bytes:
    """An image, uint8 (H, W, 3 or 1), with a window drawn on it, at least `side` pixels tall.

    Outside the window it is dimmed. With `heat` (H, W), the image is brighter where the heat is larger: the effective
    receptive field inside the theoretical one.
    """
    rows, columns = pixels.shape[:2]
    factor = max(1, -(-side // rows))
    rgb = np.repeat(pixels, 3, 2) if pixels.shape[2] == 1 else pixels
    top, left, bottom, right = window
    light = np.full((rows, columns), 0.35)
    light[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 1.0
    if heat is not None:
        lit_up = heat[heat > 0]
        bright = float(np.quantile(lit_up, 0.9)) if lit_up.size else 1.0  # a few pixels must not leave the others dark
        light = 0.25 + 0.75 * np.sqrt(heat / bright).clip(0, 1)
    lit = (rgb * light[..., None]).round().astype(np.uint8)
    image = enlarged(Image.fromarray(lit), factor)
    _outline(image, tuple(factor * edge for edge in (top, left, bottom, right)))
    return png(image)


def _outline(image: Image.Image, window: tuple[int, ...]) -> None:
    top, left, bottom, right = window
    box = (max(0, left), max(0, top), min(image.width, right) - 1, min(image.height, bottom) - 1)
    if box[2] < box[0] or box[3] < box[1]:
        return  # all of it is in the padding
    pen = ImageDraw.Draw(image)
    pen.rectangle(box, outline=_HALO, width=max(2, image.height // 40))
    pen.rectangle(box, outline=_INK, width=max(1, image.height // 80))


def photograph_jpeg(pixels: np.ndarray, seen: tuple[float, float, float, float], side: int = 900) -> bytes:
    """A photograph, uint8 (H, W, 3), at most `side` pixels long, bright where the network gets it.

    `seen` is (top, left, bottom, right). Small images are enlarged without smoothing, so that their pixels can be seen.
    """
    image = Image.fromarray(pixels)
    scale = side / max(image.size)
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    else:
        image = enlarged(image, max(1, int(min(scale, _LARGE / max(image.size)))))
    top, left, bottom, right = (round(edge * image.height / pixels.shape[0]) for edge in seen)
    light = Image.new("L", image.size, _DIM)
    light.paste(255, (left, top, right, bottom))
    buffer = io.BytesIO()
    Image.composite(image, Image.new("RGB", image.size), light).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def reach_png(change: np.ndarray, cells: Window, side: int) -> bytes:
    """A map of changes (H, W), with the window of cells that can change outlined, at least `side` pixels tall."""
    factor = max(1, -(-side // change.shape[0]))
    image = enlarged(Image.fromarray(coloured(np.sqrt(change))), factor)
    _outline(image, tuple(factor * edge for edge in cells))
    return png(image)


def image_png(pixels: np.ndarray, side: int) -> bytes:
    """Enlarge an image, uint8 (H, W), (H, W, 1) or (H, W, 3), by an integer factor to at least `side` pixels."""
    return png(enlarged(image_of(pixels), -(-side // pixels.shape[0])))
