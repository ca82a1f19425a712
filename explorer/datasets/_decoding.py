"""Decode images of any size and format into one uint8 tensor, in parallel; report those that cannot be read."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.errors import DatasetError

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 64
"""Images are square, and at most this many pixels wide: larger ones are downsampled."""

MOST_IMAGES, MOST_BYTES = 1_000_000, 1_500_000_000
"""Limits of a decoded data set: 120,000 colour images of 64 x 64 pixels, or all of EMNIST."""

_MOST_PIXELS = 100_000_000  # a phone's largest photograph; a "decompression bomb" is a small file with far more
_PEEKED, _CHUNK, _TASK = 200, 4_096, 64
_GREY_MODES = {"1", "L", "LA", "I;16", "I", "F"}
_ORIENTATION = 0x0112  # the Exif tag

Label = int | str


@dataclass(frozen=True, slots=True)
class Sample:
    """An encoded image: its name in messages, its label (None if missing), and its bytes or its file."""

    name: str
    label: Label | None
    stored: bytes | Path | None


@dataclass(frozen=True, slots=True)
class _DecodedImage:
    name: str
    label: Label
    pixels: np.ndarray  # uint8 (S, S) or (S, S, 3)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Images uint8 (N, C, S, S), the label of each, and the names of the samples that could not be read."""

    images: Tensor
    labels: list[Label]
    broken: tuple[str, ...]


def decode(name: str, parts: list[Callable[[], Iterable[Sample]]], count: int) -> list[Decoded]:
    """Decode every part to a common format: grey if the first 200 images are, and of the most common size.

    Each image is cropped to its central square. A part is a function, since its beginning is read twice; `count` is the
    number of images in all. Raises `DatasetError`, before much is decoded, where the limits above are exceeded.
    """
    if count > MOST_IMAGES:
        has, most = f"{count:,}", f"{MOST_IMAGES:,}"
        message = f"{name} has {has} images, and up to {most} are read. Use a part of it."
        raise DatasetError(message, "too_many", name=name, count=has, most=most)
    grey = _all_grey(islice(parts[0](), _PEEKED))
    budget = _MemoryBudget(name)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        read = [list(_in_parallel(pool, part(), grey, budget)) for part in parts]
    sides = Counter(entry.pixels.shape[0] for part in read for entry in part if isinstance(entry, _DecodedImage))
    side = sides.most_common(1)[0][0] if sides else 0
    return [_stacked(part, side, grey) for part in read]


@dataclass(slots=True)
class _MemoryBudget:
    """Number of bytes of a data set decoded so far."""

    name: str
    used: int = 0

    def charge(self, entry: _DecodedImage | str) -> None:
        """Raises `DatasetError` above `MOST_BYTES`."""
        self.used += entry.pixels.nbytes if isinstance(entry, _DecodedImage) else 0
        if self.used > MOST_BYTES:
            most = f"{MOST_BYTES / 1e9:g}"
            message = f"{self.name} takes more than {most} GB once decoded. Use a part of it."
            raise DatasetError(message, "too_large", name=self.name, most=most)


def _in_parallel(
    pool: ThreadPoolExecutor, samples: Iterable[Sample], grey: bool, budget: _MemoryBudget
) -> Iterator[_DecodedImage | str]:
    """`_read` of each sample, in order. In chunks, so that a large file is not in memory as a whole, encoded."""
    stream = iter(samples)
    while chunk := list(islice(stream, _CHUNK)):
        tasks = [chunk[start : start + _TASK] for start in range(0, len(chunk), _TASK)]
        for done in pool.map(lambda task: [_read(sample, grey) for sample in task], tasks):
            for entry in done:
                budget.charge(entry)
                yield entry


def _stacked(entries: list[_DecodedImage | str], side: int, grey: bool) -> Decoded:
    read = [entry for entry in entries if isinstance(entry, _DecodedImage)]
    pixels = [_resized(entry.pixels, side) for entry in read]
    empty = np.empty((0, side, side) if grey else (0, side, side, 3), np.uint8)
    images = torch.from_numpy(np.stack(pixels) if pixels else empty)  # (N, S, S), or (N, S, S, 3)
    images = images[:, None] if grey else images.permute(0, 3, 1, 2).contiguous()  # (N, C, S, S)
    return Decoded(images, [entry.label for entry in read], tuple(e for e in entries if isinstance(e, str)))


def _read(sample: Sample, grey: bool) -> _DecodedImage | str:
    """The decoded image, or a line with its name and error."""
    if sample.label is None:
        return f"{sample.name}: no label"
    if sample.stored is None:
        return f"{sample.name}: no image"
    try:
        return _DecodedImage(sample.name, sample.label, _square(sample.stored, grey))
    except Exception as error:  # damaged bytes may make decoders raise anything
        return f"{sample.name}: {' '.join(str(error).split())[:120] or type(error).__name__}"


def _open(stored: bytes | Path) -> Image:
    from PIL import Image

    if isinstance(stored, Path) and not stored.is_file():  # opening a named pipe would block
        raise FileNotFoundError("a link that leads nowhere, or no regular file")
    return Image.open(io.BytesIO(stored) if isinstance(stored, bytes) else stored)


def _all_grey(samples: Iterable[Sample]) -> bool:
    modes = set()
    for sample in samples:
        if sample.stored is None:
            continue
        try:
            with _open(sample.stored) as image:
                modes.add(image.mode)
        except Exception:  # it is reported when it is read; here it is ignored
            continue
    return modes <= _GREY_MODES


def _square(stored: bytes | Path, grey: bool) -> np.ndarray:
    """The central square of an image, uint8 (S, S) or (S, S, 3), at most 64 pixels wide."""
    from PIL import Image, ImageOps

    with _open(stored) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise ValueError(f"{image.width}x{image.height} pixels are too many")
        if min(image.size) > 2 * LARGEST:
            image.draft(None, (2 * LARGEST, 2 * LARGEST))  # a JPEG is then decoded at a fraction of its size
        upright = ImageOps.exif_transpose(image) if image.getexif().get(_ORIENTATION, 1) != 1 else image
        plain = _converted(upright, "L" if grey else "RGB")
        short = min(plain.size)
        side = min(short, LARGEST)
        if plain.size != (side, side):
            left, top = (plain.width - short) // 2, (plain.height - short) // 2
            plain = plain.resize((side, side), Image.Resampling.BICUBIC, box=(left, top, left + short, top + short))
        return np.asarray(plain)


def _converted(image: Image, mode: str) -> Image:
    """Convert to grey or RGB; transparency over white, 16 bits to 8."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert(mode)
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), colours)
    return image if image.mode == mode else image.convert(mode)


def _resized(pixels: np.ndarray, side: int) -> np.ndarray:
    if len(pixels) == side:
        return pixels
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))
