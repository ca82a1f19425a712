"""Decode images of any size and format into one uint8 tensor, in parallel; report those that cannot be read."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import torch
from torch import Tensor

from explorer.errors import DatasetError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

LARGEST = 64
"""Images are square, and at most this many pixels wide: larger ones are downsampled."""

MOST_IMAGES, MOST_BYTES = 1_000_000, 1_500_000_000
"""Limits of a decoded data set: 120,000 colour images of 64 x 64 pixels, or all of EMNIST."""

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp", ".avif"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tif", ".tiff", ".jp2", ".tga"),
)
"""Names of files that are taken for images, in lower case."""

_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "AVIF", "PPM", "TIFF", "JPEG2000", "TGA")

_MOST_PIXELS = 100_000_000  # a phone's largest photograph; a "decompression bomb" is a small file with far more
_MOST_DECODED = 25_000_000  # pixels of an image that has to be decoded in full; a JPEG is decoded at an eighth
_MOST_ENCODED = 100_000_000  # bytes of a file or of a value in a table
_LARGE = 4_000_000  # pixels from which on images are decoded one at a time, as each takes up to 600 MB
_one_at_a_time = Semaphore()

_PEEKED, _CHUNK, _CHUNK_BYTES, _TASK = 200, 4_096, 64_000_000, 64
_GREY_MODES = {"1", "L", "LA", "I;16", "I", "F"}
_ORIENTATION = 0x0112  # the Exif tag

Label = int | str


@dataclass(frozen=True, slots=True)
class Sample:
    """An encoded image: its name in messages, its bytes or its file, and its label by every column of labels there is.

    A label is None where it is missing; a folder of images has one column.
    """

    name: str
    labels: tuple[Label | None, ...]
    stored: bytes | Path | None


@dataclass(frozen=True, slots=True)
class _DecodedImage:
    labels: tuple[Label | None, ...]
    pixels: np.ndarray  # uint8 (S, S) or (S, S, 3)
    deep: bool


@dataclass(frozen=True, slots=True)
class Decoded:
    """Images uint8 (N, C, S, S), the labels of each, and the names of the samples that could not be read.

    `deep` counts images that had more than 8 bits a channel.
    """

    images: Tensor
    labels: list[tuple[Label | None, ...]]
    broken: tuple[str, ...]
    deep: int


def decode(name: str, parts: list[Callable[[], Iterable[Sample]]], count: int) -> list[Decoded]:
    """Decode every part to a common format: grey if the first 200 images are, and of the most common size.

    Each image is cropped to its central square. A part is a function, since its beginning is read twice; `count` is the
    number of images in all. Raises `DatasetError`, before much is decoded, where the limits above are exceeded.
    """
    if count > MOST_IMAGES:
        has, most = f"{count:,}", f"{MOST_IMAGES:,}"
        message = f"{name} has {has} images, and up to {most} are read. Use a part of it."
        raise DatasetError(message, "too_many", name=name, count=has, most=most)
    grey, size = _peeked(islice(parts[0](), _PEEKED))
    budget = _MemoryBudget(name)
    if count * size > 2 * MOST_BYTES:  # twice, as the others may be smaller: that is found out while they are decoded
        budget.exceed()
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
            self.exceed()

    def exceed(self) -> NoReturn:
        """Raises `DatasetError`."""
        most = f"{MOST_BYTES / 1e9:g}"
        message = f"{self.name} takes more than {most} GB once decoded. Use a part of it."
        raise DatasetError(message, "too_large", name=self.name, most=most)


def _in_parallel(
    pool: ThreadPoolExecutor, samples: Iterable[Sample], grey: bool, budget: _MemoryBudget
) -> Iterator[_DecodedImage | str]:
    """`_read` of each sample, in order. In chunks, so that a large file is not in memory as a whole, encoded."""
    for chunk in _chunks(samples):
        tasks = [chunk[start : start + _TASK] for start in range(0, len(chunk), _TASK)]
        for done in pool.map(lambda task: [_read(sample, grey) for sample in task], tasks):
            for entry in done:
                budget.charge(entry)
                yield entry


def _chunks(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    """The samples in lists of so many, or of so many bytes."""
    chunk: list[Sample] = []
    held = 0
    for sample in samples:
        chunk.append(sample)
        held += len(sample.stored) if isinstance(sample.stored, bytes) else 0
        if len(chunk) >= _CHUNK or held >= _CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _stacked(entries: list[_DecodedImage | str], side: int, grey: bool) -> Decoded:
    read = [entry for entry in entries if isinstance(entry, _DecodedImage)]
    pixels = [_resized(entry.pixels, side) for entry in read]
    empty = np.empty((0, side, side) if grey else (0, side, side, 3), np.uint8)
    images = torch.from_numpy(np.stack(pixels) if pixels else empty)  # (N, S, S), or (N, S, S, 3)
    images = images[:, None] if grey else images.permute(0, 3, 1, 2).contiguous()  # (N, C, S, S)
    broken = tuple(entry for entry in entries if isinstance(entry, str))
    return Decoded(images, [entry.labels for entry in read], broken, sum(entry.deep for entry in read))


def _read(sample: Sample, grey: bool) -> _DecodedImage | str:
    """The decoded image, or a line with its name and error."""
    if sample.stored is None:
        return f"{sample.name}: no image"
    try:
        return _DecodedImage(sample.labels, *_square(sample.stored, grey))
    except Exception as error:  # damaged bytes may make decoders raise anything
        return f"{sample.name}: {_said(error)}"


def _said(error: Exception) -> str:
    """What was wrong, without the place of the file on this machine."""
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "no image that can be read"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(said.split())[:120] or type(error).__name__


def _open(stored: bytes | Path) -> ImageFile:
    from PIL import Image

    if isinstance(stored, Path) and not stored.is_file():  # opening a named pipe would block
        raise FileNotFoundError("a link that leads nowhere, or no regular file")
    size = len(stored) if isinstance(stored, bytes) else stored.stat().st_size
    if size > _MOST_ENCODED:
        raise ValueError(f"{size:,} bytes are too many")
    return Image.open(io.BytesIO(stored) if isinstance(stored, bytes) else stored, formats=_FORMATS)


def _peeked(samples: Iterable[Sample]) -> tuple[bool, float]:
    """Whether all are grey, and the mean number of bytes of one once decoded."""
    modes, pixels = set(), []
    for sample in samples:
        if sample.stored is None:
            continue
        try:
            with _open(sample.stored) as image:
                modes.add(image.mode)
                pixels.append(min(*image.size, LARGEST) ** 2)
        except Exception:  # it is reported when it is read; here it is ignored
            continue
    grey = modes <= _GREY_MODES
    return grey, (1 if grey else 3) * sum(pixels) / max(len(pixels), 1)


def _square(stored: bytes | Path, grey: bool) -> tuple[np.ndarray, bool]:
    """The central square of an image, uint8 (S, S) or (S, S, 3), at most 64 pixels wide; whether it had over 8 bits."""
    with _open(stored) as image:
        pixels = image.width * image.height
        if pixels > _MOST_PIXELS:
            raise ValueError(f"{image.width}x{image.height} pixels are too many")
        if min(image.size) > 2 * LARGEST:
            image.draft(None, (2 * LARGEST, 2 * LARGEST))  # a JPEG is then decoded at a fraction of its size
        if image.width * image.height > _MOST_DECODED:
            raise ValueError(f"{image.width}x{image.height} pixels are too many")
        deep = image.mode.startswith("I;16") or any(";16" in str(tile.args) for tile in image.tile)
        if image.mode == "F" or (image.mode == "I" and not deep):
            raise ValueError("pixels of 32 bits have no fixed range")
        with _one_at_a_time if pixels > _LARGE else nullcontext():
            return np.asarray(_cropped(image, "L" if grey else "RGB")), deep


def _cropped(image: Image, mode: str) -> Image:
    """The central square, upright, of at most 64 pixels a side."""
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(image) if image.getexif().get(_ORIENTATION, 1) != 1 else image
    plain = _converted(upright, mode)
    short = min(plain.size)
    side = min(short, LARGEST)
    if plain.size == (side, side):
        return plain
    left, top = (plain.width - short) // 2, (plain.height - short) // 2
    return plain.resize((side, side), Image.Resampling.BICUBIC, box=(left, top, left + short, top + short))


def _converted(image: Image, mode: str) -> Image:
    """Convert to grey or RGB; transparency over white, 16 bits to 8."""
    from PIL import Image

    if image.mode == "I" or image.mode.startswith("I;16"):  # 16 bits, of a PGM file and of all others
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
