"""A filtered photograph as a PNG, and the code that makes the same pixels with torch."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from explorer.figures import palette
from explorer.figures.raster import colour_scale, image_of
from explorer.records.filtered import Filter, Filtered

BEFORE, AFTER = "filter-before", "filter-after"
"""The names of the two files, without their ending."""

_SCALES = {"signed": palette.SIGNED, "magnitude": palette.VIRIDIS}


def before_png(found: Filtered) -> bytes:
    """The image that was filtered."""
    return _png(image_of(found.before))


def after_pixels(found: Filtered, index: int | None = None) -> np.ndarray:
    """The result as uint8 (H', W') or (H', W', 3); of three maps, the one of `index`, or together as one image.

    Of signed values and magnitudes: which of the 256 colours of their scale.
    """
    values = found.values if index is None else found.values[index : index + 1]
    if found.result == "image":
        grey = _byte(values * (255 / found.limit))
        pixels: np.ndarray = grey[0] if len(grey) == 1 else np.moveaxis(grey, 0, 2)
        return pixels
    place = values[0] * (255 / found.limit) if found.result == "magnitude" else (values[0] / found.limit + 1) * 127.5
    return _byte(place)


def _byte(values: np.ndarray) -> np.ndarray:
    whole: np.ndarray = np.rint(values).clip(0, 255).astype(np.uint8)
    return whole


def after_png(found: Filtered, index: int | None = None) -> bytes:
    """The result, or one of its three maps, as a PNG."""
    image = image_of(after_pixels(found, index))
    if found.result != "image":
        image = image.convert("P")
        image.putpalette(colour_scale(_SCALES[found.result]).tobytes())
    return _png(image)


def _png(image: Image.Image) -> bytes:
    """Encoded in a few milliseconds, for a slider that moves; not as small as could be."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=2)
    return buffer.getvalue()


def code(found: Filtered, asked: Filter) -> str:
    """Python that reads `filter-before.png` and writes `filter-after.png`: pixel for pixel what is shown.

    Three signed maps are written as three files, `filter-after-0.png` and so on.
    """
    shape = "x[None, None]" if found.before.ndim == 2 else "x.permute(2, 0, 1)[None]"
    channels = 1 if found.before.ndim == 2 else 3
    groups = {"grey": "[None, None]", "sum": ".expand(1, 3, -1, -1)", "each": "[None, None].expand(3, 1, -1, -1)"}
    more = f", stride={asked.stride}, padding={asked.padding}, dilation={asked.dilation}"
    more += ", groups=3" if asked.over == "each" else ""
    lines = [
        "import numpy as np",
        "import torch",
        "import torch.nn.functional as F",
        "from PIL import Image",
        "",
        f'x = torch.from_numpy(np.array(Image.open("{BEFORE}.png"))).double()  # 0 to 255',
        f"x = {shape}  # (1, {channels}, H, W)",
        f"kernel = torch.tensor({_listed(asked)}, dtype=torch.float64)",
        f"y = F.conv2d(x, kernel{groups[asked.over]}{more})[0]",
    ]
    if asked.magnitude:
        lines.append(f"y = torch.hypot(y, F.conv2d(x, kernel.T{groups[asked.over]}{more})[0])")
    return "\n".join([*lines, "", *_coloured(found)])


def _listed(asked: Filter) -> str:
    rows = [", ".join(f"{weight!r}" for weight in row) for row in asked.kernel]
    return "[" + ", ".join(f"[{row}]" for row in rows) + "]"


def _coloured(found: Filtered) -> list[str]:
    """The lines from values to colours."""
    to_byte = ".round().clamp(0, 255).byte().numpy()"
    if found.result == "image":
        pixels = "y[0]" if len(found.values) == 1 else "y.permute(1, 2, 0)"
        return [
            f"pixels = ({pixels} * (255 / {found.limit!r})){to_byte}  # 0 is black, {found.limit:g} is white",
            f'Image.fromarray(pixels).save("{AFTER}.png")',
        ]
    anchors = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in _SCALES[found.result]]
    place = "y * (255 / limit)" if found.result == "magnitude" else "(y / limit + 1) * 127.5"
    name = f'"{AFTER}.png"' if len(found.values) == 1 else f'f"{AFTER}-{{number}}.png"'
    return [
        f"limit = {found.limit!r}  # the end of the colour scale",
        f"index = ({place}){to_byte}",
        f"anchors = np.array({anchors}, float)  # from its low end to its high end",
        "at = np.linspace(0, len(anchors) - 1, 256)",
        "colours = np.stack([np.interp(at, range(len(anchors)), anchors[:, c]) for c in range(3)], 1)",
        "for number, each in enumerate(index):",
        f"    Image.fromarray(colours.round().astype(np.uint8)[each]).save({name})",
    ]
