"""Which views an image is cut into: plain numbers, no pixels."""

from __future__ import annotations

from explorer.records import View

SCHEMES = ("one", "flip", "ten", "multi")
"""One crop from the middle; that and its mirror image; four corners and the middle, each mirrored as well (Krizhevsky
et al. 2012); the whole image at three scales, mirrored as well (He et al. 2015, who took five)."""

LARGER = (0, 32, 96)
"""Pixels that the whole image has more than an input of 224, at each scale; for others in proportion."""


def margin(side: int) -> int:
    """Pixels that the picture has more than a crop of `side`: 32 for 224, as ImageNet's 256; 8 for 32, 6 for 28."""
    return 32 if side >= 64 else side // 8 * 2


def views_of(scheme: str, side: int) -> tuple[View, ...]:
    """The views of a scheme, for a network that takes `side` x `side`. Raises `KeyError` for an unknown scheme."""
    return {"one": _one, "flip": _flip, "ten": _ten, "multi": _multi}[scheme](side)


def _one(side: int) -> tuple[View, ...]:
    canvas = side + margin(side)
    middle = round((canvas - side) / 2)
    return (View(canvas, middle, middle, side),)


def _flip(side: int) -> tuple[View, ...]:
    return _mirrored(_one(side))


def _ten(side: int) -> tuple[View, ...]:
    """In the order of torchvision's `TenCrop`, whose second five are cut from the mirrored image."""
    (middle,) = _one(side)
    free = middle.canvas - side
    corners = [(0, 0), (0, free), (free, 0), (free, free)]
    upright = [*(View(middle.canvas, top, left, side) for top, left in corners), middle]
    seen_from_behind = [(0, free), (0, 0), (free, free), (free, 0)]
    mirrored = [View(middle.canvas, top, left, side, True) for top, left in seen_from_behind]
    mirrored.append(View(middle.canvas, middle.top, free - middle.left, side, True))
    return (*upright, *mirrored)


def _multi(side: int) -> tuple[View, ...]:
    scales = [side + round(more * margin(side) / 32 / (1 if side >= 64 else 2)) for more in LARGER]
    return _mirrored(tuple(View(scale, 0, 0, scale) for scale in scales))


def _mirrored(views: tuple[View, ...]) -> tuple[View, ...]:
    return (*views, *(View(v.canvas, v.top, v.left, v.side, True) for v in views))
