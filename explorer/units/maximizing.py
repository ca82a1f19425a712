"""Feature visualisation by optimisation (Olah, Mordvintsev, Schubert 2017, Distill, doi:10.23915/distill.00007).

An image is sought by gradient ascent that excites a unit, a channel or a class. Left alone, the search ends in noise
that no photograph has; what holds it to images are a parameterisation (frequencies scaled as in natural images,
colours decorrelated) and small random movements of the image before each step.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.errors import ExplorerError
from explorer.records import FeatureVisConfig, Frame, Shape
from explorer.training.evaluating import Normalizer
from explorer.units.layers import Reached, watching

# Square root of the covariance of ImageNet's colours, as published with the paper (github.com/tensorflow/lucid).
_COLOURS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
_MIXING = _COLOURS / _COLOURS.norm(dim=0).max()
_START = 0.01  # deviation of the first noise
_OPEN_STEPS = 16  # in which a ReLU that is shut lets the gradient pass, so that the search can leave the dark
_ANGLE, _ZOOM, _SHIFT = 10.0, 0.10, 1 / 16  # degrees; share of the side, both ways


def maximize_activation(
    net: nn.Module, scale: Normalizer, shape: Shape, config: FeatureVisConfig
) -> Generator[Frame, None, None]:
    """Yields a frame a step, and at the end the finished image; the same frames for the same settings, on a CPU.

    `shape` (C, h, w) is the network's input. Raises `ExplorerError` for a channel or class that does not exist.
    """
    generator = torch.Generator().manual_seed(config.seed)
    factor = config.enlarge if config.objective == "channel" else 1
    canvas = _Canvas((shape[0], shape[1] * factor, shape[2] * factor), config, generator)
    optimiser = torch.optim.Adam([canvas.values], lr=config.rate)
    with _opened(net) as relus:
        for step in range(config.steps):
            relus.open = step < _OPEN_STEPS
            image = canvas.image()
            objective = _objective(net, scale, _transformed(image, config, generator), config)
            optimiser.zero_grad()
            (-objective).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            yield Frame(step, float(objective.detach()), _stored(image))
        with torch.no_grad():
            image = canvas.image()
            yield Frame(config.steps, float(_objective(net, scale, image, config)), _stored(image))


class _Canvas:
    """An image by its parameters: (1, C, h, w) in 0 to 1."""

    def __init__(self, shape: Shape, config: FeatureVisConfig, generator: torch.Generator) -> None:
        channels, self._height, self._width = shape
        self._fourier, self._mixed = config.fourier, config.decorrelate and channels == 3
        size: tuple[int, ...] = (1, channels, self._height, self._width)
        if config.fourier:
            down, across = torch.fft.fftfreq(self._height)[:, None], torch.fft.rfftfreq(self._width)[None]
            frequency = torch.hypot(down, across).clamp_min(1 / max(self._height, self._width))
            self._spectrum = math.sqrt(self._height * self._width) / frequency  # as natural images: 1/f
            size = (1, channels, *frequency.shape, 2)
        self.values = (torch.randn(size, generator=generator) * _START).requires_grad_(True)

    def image(self) -> Tensor:
        """(1, C, h, w), each pixel between 0 and 1."""
        x = self.values
        if self._fourier:
            # Divided by 4, so that both parameterisations start with the same contrast.
            x = torch.fft.irfft2(torch.view_as_complex(x) * self._spectrum, s=(self._height, self._width)) / 4
        if self._mixed:
            x = torch.einsum("bchw,kc->bkhw", x, _MIXING)
        return x.sigmoid()


def _transformed(image: Tensor, config: FeatureVisConfig, generator: torch.Generator) -> Tensor:
    """The image shifted, turned and zoomed a little, mirrored at its borders; (1, C, h, w)."""
    shift_y, shift_x, turn, zoom = (2 * torch.rand(4, generator=generator) - 1).tolist()
    angle = math.radians(_ANGLE) * turn * config.rotate
    size = 1 + _ZOOM * zoom * config.scale
    across, down = (2 * _SHIFT * shift * config.jitter for shift in (shift_x, shift_y))  # a side is 2 long
    if not (config.jitter or config.rotate or config.scale):
        return image
    turned = [[math.cos(angle) * size, -math.sin(angle) * size], [math.sin(angle) * size, math.cos(angle) * size]]
    matrix = torch.tensor([[[*turned[0], across], [*turned[1], down]]])
    grid = functional.affine_grid(matrix, list(image.shape), align_corners=False)
    return functional.grid_sample(image, grid, padding_mode="reflection", align_corners=False)


def _objective(net: nn.Module, scale: Normalizer, image: Tensor, config: FeatureVisConfig) -> Tensor:
    x = (255 * image - scale.mean) / scale.std
    if config.objective == "class":
        return _select(net(x)[0], config.index, "class")
    objectives: list[Tensor] = []

    def hook(output: Tensor) -> None:
        values = _select(output[0], config.index, "channel")  # (h, w)
        objectives.append(
            values.mean() if config.objective == "channel" else values[values.shape[0] // 2, values.shape[1] // 2]
        )
        raise Reached  # what comes later is not needed, and might not take a larger canvas

    with watching(net.get_submodule(config.layer), hook), suppress(Reached):
        net(x)
    return objectives[0]


def _select(of: Tensor, index: int, what: str) -> Tensor:
    if not 0 <= index < len(of):
        raise ExplorerError(f"There is no {what} {index}: choose 0 to {len(of) - 1}.")
    return of[index]


def _stored(image: Tensor) -> Any:
    """Pixels as uint8 (h, w, C)."""
    return (255 * image.detach()[0]).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


class _Through(torch.autograd.Function):
    """ReLU forward; backward the gradient passes everywhere."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clamp_min(0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0]


class _OpenReLU(nn.Module):
    """A ReLU whose gate can be opened for the gradient."""

    def __init__(self, switch: _Switch) -> None:
        super().__init__()
        self._switch = (switch,)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = _Through.apply(x) if self._switch[0].open else functional.relu(x)
        return result


class _Switch:
    open = True


@contextmanager
def _opened(net: nn.Module) -> Iterator[_Switch]:
    """Replaces the ReLU modules of a network by ones whose gate can be opened; they are put back in the end."""
    switch = _Switch()
    objectives = [(parent, name, child) for parent in net.modules() for name, child in parent.named_children()]
    replaced = [entry for entry in objectives if isinstance(entry[2], nn.ReLU)]
    try:
        for parent, name, _ in replaced:
            setattr(parent, name, _OpenReLU(switch))
        yield switch
    finally:
        for parent, name, child in replaced:
            setattr(parent, name, child)
