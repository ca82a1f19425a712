"""Generated coloured shapes and textures: available offline, and colour and augmentation matter."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from explorer.datasets._declared import DatasetSpec, ImageData, split

_SIDE, _TRAIN, _TEST, _SEED = 32, 4_000, 1_000, 20_240_601
_TILTED_SHAPE, _TILTED_TEXTURE = math.pi, 0.3

# Each maps coordinates (N, H, W) in units of the figure's radius to a signed distance, negative inside.


def _circle(u: Tensor, v: Tensor) -> Tensor:
    return torch.hypot(u, v) - 0.85


def _square(u: Tensor, v: Tensor) -> Tensor:
    return torch.maximum(u.abs(), v.abs()) - 0.8


def _triangle(u: Tensor, v: Tensor) -> Tensor:
    slanted = u.abs() * math.sin(math.pi / 3) - v * math.cos(math.pi / 3)
    return torch.maximum(slanted, v) - 0.5


def _star(u: Tensor, v: Tensor) -> Tensor:
    """Five tips at radius 1, five inner corners at 0.42; by symmetry, all is folded into half of one tip."""
    sector, inner = math.pi / 5, 0.42
    turned = torch.remainder(torch.atan2(v, u) + sector, 2 * sector) - sector
    radius = torch.hypot(u, v)
    along, across = radius * turned.cos(), radius * turned.sin().abs()
    edge = inner * math.cos(sector) - 1, inner * math.sin(sector)  # from the tip at (1, 0) to the inner corner
    return (edge[1] * (along - 1) - edge[0] * across) / math.hypot(*edge)


def _cross(u: Tensor, v: Tensor) -> Tensor:
    long, short = torch.maximum(u.abs(), v.abs()), torch.minimum(u.abs(), v.abs())
    return torch.maximum(long - 0.95, short - 0.3)


def _ring(u: Tensor, v: Tensor) -> Tensor:
    return (torch.hypot(u, v) - 0.7).abs() - 0.22


def _horizontal(u: Tensor, v: Tensor) -> Tensor:
    return torch.sin(math.pi * v) / math.pi


def _vertical(u: Tensor, v: Tensor) -> Tensor:
    return torch.sin(math.pi * u) / math.pi


def _checkerboard(u: Tensor, v: Tensor) -> Tensor:
    return torch.sin(math.pi * u) * torch.sin(math.pi * v) / math.pi


def _dots(u: Tensor, v: Tensor) -> Tensor:
    return torch.hypot(torch.remainder(u, 1.6) - 0.8, torch.remainder(v, 1.6) - 0.8) - 0.5


_SHAPES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "cross": _cross,
    "ring": _ring,
}
_TEXTURES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "horizontal stripes": _horizontal,
    "vertical stripes": _vertical,
    "checkerboard": _checkerboard,
    "dots": _dots,
}
_CLASSES = (*_SHAPES, *_TEXTURES)


def _uniform(generator: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=generator) * (high - low) + low


def _coverage(name: str, count: int, generator: torch.Generator) -> Tensor:
    """The fraction of each pixel that the figure covers, 0 to 1 (N, 1, H, W), at a random position, size and angle."""
    texture = name in _TEXTURES
    limit = _TILTED_TEXTURE if texture else _TILTED_SHAPE  # stripes rotated further would change their class
    angle = _uniform(generator, -limit, limit, count, 1, 1)
    radius = _uniform(generator, *((2.0, 5.0) if texture else (5.0, 12.0)), count, 1, 1)
    centre = _uniform(generator, 0.3, 0.7, 2, count, 1, 1) * _SIDE
    pixels = torch.arange(_SIDE) + 0.5
    x, y = pixels[None, None, :] - centre[0], pixels[None, :, None] - centre[1]
    u = (angle.cos() * x + angle.sin() * y) / radius  # (N, H, W)
    v = (angle.cos() * y - angle.sin() * x) / radius
    distance = (_SHAPES | _TEXTURES)[name](u, v) * radius  # in pixels
    return (0.5 - distance).clamp(0, 1)[:, None]


def _background(count: int, generator: torch.Generator) -> Tensor:
    """A linear gradient from one random colour to another, in a random direction; (N, 3, H, W)."""
    colours = torch.rand(2, count, 3, 1, 1, generator=generator)
    angle = _uniform(generator, 0, 2 * math.pi, count, 1, 1)
    ramp = torch.linspace(-0.5, 0.5, _SIDE)
    height = 0.5 + (angle.cos() * ramp[None, None, :] + angle.sin() * ramp[None, :, None]) / math.sqrt(2)  # (N, H, W)
    return torch.lerp(colours[0], colours[1], height[:, None])


def _draw(labels: Tensor, generator: torch.Generator) -> Tensor:
    """One image for each label, uint8 (N, 3, 32, 32); vectorised over the images of each class."""
    count = len(labels)
    coverage = torch.empty(count, 1, _SIDE, _SIDE)
    for index, name in enumerate(_CLASSES):
        selected = labels == index
        coverage[selected] = _coverage(name, int(selected.sum()), generator)
    background = _background(count, generator)
    # Shifted by 1/4 to 3/4 modulo 1 in every channel: the brightness may still be that of the background.
    shift = _uniform(generator, 0.25, 0.75, count, 3, 1, 1)
    colour = torch.remainder(background.mean((2, 3), keepdim=True) + shift, 1)
    strength = _uniform(generator, 0.35, 1.0, count, 1, 1, 1)
    image = torch.lerp(background, colour, coverage * strength)
    noise = _uniform(generator, 0.02, 0.12, count, 1, 1, 1) * torch.randn(image.shape, generator=generator)
    return ((image + noise).clamp(0, 1) * 255).round().to(torch.uint8)


def _load() -> ImageData:
    generator = torch.Generator().manual_seed(_SEED)
    labels = torch.arange(_TRAIN + _TEST) % len(_CLASSES)
    return split(_draw(labels, generator), labels, _TRAIN, _CLASSES)


SPECS = (
    DatasetSpec(
        slug="shapes",
        title="Shapes 32×32",
        classes=_CLASSES,
        shape=(3, _SIDE, _SIDE),
        train=_TRAIN,
        test=_TEST,
        source="Drawn by this program: six shapes and four textures, always the same 5,000 images",
        bundled=True,
        load=_load,
    ),
)
