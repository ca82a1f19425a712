"""Decode a visitor's image file to RGB, or raise `BadImage` with one sentence; safe for damaged and hostile files."""

from __future__ import annotations

import io
import re
import warnings
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image

from explorer.errors import BadImage

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF")
SUFFIXES = ("png", "jpg", "jpeg", "jfif", "webp", "gif", "tif", "tiff")

MOST_MEGABYTES = 15
MOST_MEGAPIXELS = 40
LARGEST_SIDE = 2048
"""Longer sides are reduced to so many pixels: no network here takes more than 600."""

MOST_SCANS = 40
"""Passes over a progressive JPEG: programs write about ten, and each costs as much as decoding all of it once."""

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
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # within coded data, \xff is followed by the excluded ones

_decode_lock = Lock()  # one image at a time: that bounds the memory, and `catch_warnings` affects the whole process


def decode(data: bytes) -> np.ndarray:
    """Decode a file to uint8 (H, W, 3), read-only: PNG, JPEG, WebP, the first image of a GIF or TIFF.

    Upright, transparency over white, 16 bits scaled to 8, at most 2048 pixels a side. Size and pixels are checked
    against the limits before anything is decoded. Colour profiles are ignored. Raises `BadImage`.
    """
    if not data:
        raise BadImage("The file is empty; choose another.", "empty")
    if len(data) > MOST_MEGABYTES * 2**20:
        size = f"{len(data) / 2**20:.1f}"
        raise BadImage(
            f"The file has {size} MB; up to {MOST_MEGABYTES} MB are read.", "too_large", size=size, most=MOST_MEGABYTES
        )
    with _decode_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the limits here replace Pillow's warnings
        image = _open(data)
        try:
            pixels = np.asarray(_without_alpha(_reduced(image)))
        except BadImage:
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


def _open(data: bytes) -> Image.Image:
    """Open a file, read its header and check the limits."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels("more") from error
    except Exception as error:  # a hostile header may make plugins raise more than UnidentifiedImageError
        raise BadImage(
            "The file is no image that is read here; PNG, JPEG, WebP, GIF and TIFF are.", "unknown"
        ) from error
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


def scans(jpeg: bytes) -> int:
    """Number of scans of a JPEG file, counted up to `MOST_SCANS` + 1; nothing is decoded."""
    count, position = 0, len(_JPEG)
    while count <= MOST_SCANS and (match := _MARKER.search(jpeg, position)):
        marker, position = match[1][0], match.end()
        if marker == _END:
            break
        if marker not in _BARE:
            position += int.from_bytes(jpeg[position : position + 2])
            count += marker == _SCAN
    return count


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
    grey = np.asarray(image).astype(np.float32)  # (H, W)
    if image.mode.startswith("I;16") or (image.mode == "I" and grey.min() >= 0 and 255 < grey.max() <= 65_535):
        return Image.fromarray(np.round(grey / 257).astype(np.uint8))
    if not np.isfinite(grey).all():
        raise BadImage("The image holds numbers that are not finite; save it anew, as PNG or JPEG.", "numbers")
    low, high = (
        (0.0, 255.0) if image.mode == "I" and grey.min() >= 0 and grey.max() <= 255 else (grey.min(), grey.max())
    )
    span = np.float64(high) - np.float64(low)
    return Image.fromarray(np.round((grey - low) * (255 / span if span > 0 else 0)).clip(0, 255).astype(np.uint8))
