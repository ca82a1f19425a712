"""Decode a visitor's image file to RGB, or raise `BadImage` with one sentence; safe for damaged and hostile files.

What may take long, or goes through a large decoder, is decoded in a process of its own (`apart`), which is ended where
it takes too much time or memory: neither the server nor the uploads of others wait for it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image

from explorer.errors import BadImage
from explorer.images.apart import decoded_apart

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")
SUFFIXES = ("png", "jpg", "jpeg", "jfif", "webp", "gif", "tif", "tiff", "avif", "heic", "heif")

MOST_MEGABYTES = 30
MOST_MEGAPIXELS = 50
"""A phone's photograph at its full size has 48 or 50; a JPEG of that size is decoded at a fraction of it."""

LARGEST_SIDE = 2048
"""Longer sides are reduced to so many pixels: no network here takes more than 600."""

MOST_SCANS = 40
"""Passes over a progressive JPEG: programs write about ten, and each costs as much as decoding all of it once."""

_MOST_HERE = 100_000_000
"""Pixels times passes over them that are decoded in this process: a second's work."""

_PASSES, _PASSES_IN_TIFF = (
    4,
    100,
)  # at most, in formats without scans; of the JPEGs within a TIFF, by libtiff's own limit
_ROWS = 256
_BOX, _HEIF_BRANDS = b"ftyp", (b"hei", b"hev", b"mif1", b"msf1")
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_ORIENTATION = 0x0112
_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Exif orientation (CIPA DC-008, tag 274) -> the transposition that makes an image upright."""

_JPEG, _SCAN, _END, _BARE = b"\xff\xd8", 0xDA, 0xD9, (0x01, 0xD8)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of a frame's header, which begins with its bits
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # within coded data, \xff is followed by the excluded ones

_decode_lock = Lock()  # one image at a time: that bounds the memory, and `catch_warnings` affects the whole process


def decode(data: bytes) -> np.ndarray:
    """Decode a file to uint8 (H, W, 3), read-only: PNG, JPEG, WebP, AVIF, HEIC, the first image of a GIF or TIFF.

    Upright, transparency over white, more than 8 bits scaled to 8, at most 2048 pixels a side. Size and pixels are
    checked against the limits before anything is decoded. Colour profiles are ignored. Raises `BadImage`.
    """
    if not data:
        raise BadImage("The file is empty; choose another.", "empty")
    if len(data) > MOST_MEGABYTES * 2**20:
        size = f"{len(data) / 2**20:.1f}"
        raise BadImage(
            f"The file has {size} MB; up to {MOST_MEGABYTES} MB are read.", "too_large", size=size, most=MOST_MEGABYTES
        )
    if data[4:8] == _BOX:
        return decoded_apart(data)
    with _decode_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the limits here replace Pillow's warnings
        image = _open(data)
        if _work(image, data) <= _MOST_HERE:
            return _pixels(image)
    return decoded_apart(data)


def decode_here(data: bytes) -> np.ndarray:
    """As `decode`, in this process whatever it takes; for the process of its own."""
    with _decode_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _pixels(_open(data))


def _pixels(image: Image.Image) -> np.ndarray:
    try:
        pixels = np.asarray(_without_alpha(_reduced(image)))
    except (BadImage, MemoryError):
        raise
    except Exception as error:  # damaged bytes may make decoders raise anything
        raise BadImage(
            f"The {image.format} file is damaged or cut short; save it anew, as PNG or JPEG.",
            "damaged",
            format=image.format,
        ) from error
    finally:
        image.close()
    pixels.setflags(write=False)
    return pixels


def _work(image: Image.Image, data: bytes) -> int:
    """Pixels times the passes over them."""
    passes = _PASSES
    if data.startswith(_JPEG):
        passes = max(_PASSES, scans(data))
    elif "jpeg" in str(image.info.get("compression", "")):
        passes = _PASSES_IN_TIFF
    return image.width * image.height * passes


def _open(data: bytes) -> Image.Image:
    """Open a file, read its header and check the limits."""
    if data[4:8] == _BOX and data[8:12].startswith(_HEIF_BRANDS):
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    if data.startswith(_JPEG) and bits(data) > 8:
        raise BadImage("The JPEG file has 12 bits per colour, which are not read; save it anew, with 8.", "twelve_bits")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels("more") from error
    except Exception as error:  # a hostile header may make plugins raise more than UnidentifiedImageError
        raise _unknown(data) from error
    if data.startswith(_JPEG) and scans(data) > MOST_SCANS:
        raise BadImage(
            f"The JPEG file goes over the image more than {MOST_SCANS} times; save it anew, as PNG or JPEG.",
            "scans",
            most=MOST_SCANS,
        )
    width, height = image.size
    if width * height > MOST_MEGAPIXELS * 1_000_000:
        raise _too_many_pixels(f"{width}×{height}")
    return image


def _unknown(data: bytes) -> BadImage:
    if data.startswith(_TIFF):
        return BadImage(
            "The TIFF file is damaged, or stores its pixels in a way that is not read here: colours of 12 bits, or as "
            "floating-point numbers. Save it anew, as PNG or JPEG.",
            "tiff",
        )
    return BadImage("The file is no image that is read here; PNG, JPEG, WebP, GIF, TIFF, AVIF and HEIC are.", "unknown")


def _markers(jpeg: bytes) -> Iterator[tuple[int, int]]:
    """The markers of a JPEG file, up to its end, and where each one's segment begins; nothing is decoded."""
    position = len(_JPEG)
    while match := _MARKER.search(jpeg, position):
        marker, position = match[1][0], match.end()
        if marker == _END:
            return
        if marker not in _BARE:
            yield marker, position
            position += int.from_bytes(jpeg[position : position + 2])


def scans(jpeg: bytes) -> int:
    """Number of scans of a JPEG file, counted up to `MOST_SCANS` + 1."""
    count = 0
    for marker, _ in _markers(jpeg):
        count += marker == _SCAN
        if count > MOST_SCANS:
            break
    return count


def bits(jpeg: bytes) -> int:
    """Bits per colour of a JPEG file, 8 where it does not say."""
    start = next((position for marker, position in _markers(jpeg) if marker in _FRAMES), None)
    return 8 if start is None or start + 2 >= len(jpeg) else jpeg[start + 2]


def _too_many_pixels(size: str) -> BadImage:
    return BadImage(
        f"The image has too many pixels ({size}); up to {MOST_MEGAPIXELS} million are read.",
        "too_many_pixels",
        size=size,
        most=MOST_MEGAPIXELS,
    )


def _reduced(image: Image.Image) -> Image.Image:
    """Decoded, upright, and at most `LARGEST_SIDE` pixels a side."""
    if max(image.size) > 2 * LARGEST_SIDE:
        image.draft(None, (LARGEST_SIDE, LARGEST_SIDE))  # a JPEG is then decoded at a fraction of its size
    image.load()
    orientation = _orientation(image)  # after the pixels of a PNG; a TIFF is upright by now
    longest = max(image.size)
    if longest > LARGEST_SIDE:
        image = _to_8_bits(image)
        size = [max(1, round(side * LARGEST_SIDE / longest)) for side in image.size]
        if image.mode in ("1", "P") or image.has_transparency_data:
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        image = image.resize((size[0], size[1]), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image.transpose(_TRANSPOSES[orientation]) if orientation in _TRANSPOSES else image


def _orientation(image: Image.Image) -> int:
    """The Exif orientation, 1 where there is none or it cannot be read: the pixels may be valid."""
    try:
        orientation: Any = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _without_alpha(image: Image.Image) -> Image.Image:
    """Convert to RGB, transparency over white."""
    image = _to_8_bits(image)
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), colours)
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Convert to 8 bits: 16-bit grey is scaled, 32-bit and floating-point grey is stretched from minimum to maximum."""
    if image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        return image
    grey = np.asarray(image)  # (H, W)
    if image.mode.startswith("I;16") or (image.mode == "I" and grey.min() >= 0 and 255 < grey.max() <= 65_535):
        scaled = np.empty(grey.shape, np.uint8)
        for start in range(0, len(grey), _ROWS):  # in parts: as floating-point numbers, they take eight times as much
            scaled[start : start + _ROWS] = np.round(grey[start : start + _ROWS].astype(np.float32) / 257)
        return Image.fromarray(scaled)
    grey = grey.astype(np.float32)
    if not np.isfinite(grey).all():
        raise BadImage("The image holds numbers that are not finite; save it anew, as PNG or JPEG.", "numbers")
    low, high = (
        (0.0, 255.0) if image.mode == "I" and grey.min() >= 0 and grey.max() <= 255 else (grey.min(), grey.max())
    )
    span = np.float64(high) - np.float64(low)
    return Image.fromarray(np.round((grey - low) * (255 / span if span > 0 else 0)).clip(0, 255).astype(np.uint8))
