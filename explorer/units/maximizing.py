"""Feature visualisation by optimisation (Olah, Mordvintsev, Schubert 2017, Distill, doi:10.23915/distill.00007).

Gradient ascent on an image that maximises a unit, a channel or a class. Unregularised, it ends in high-frequency
noise; the regularisers are a parameterisation (frequencies scaled as in natural images, colours decorrelated) and
small random transformations of the image before each step.
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
from explorer.units.layers import StopForward, forward_hook

# Square root of the covariance of ImageNet's colours, as published with the paper (github.com/tensorflow/lucid).
_COLOURS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
_MIXING = _COLOURS / _COLOURS.norm(dim=0).max()
_INITIAL_STD = 0.01
_OPEN_STEPS = 16  # at first, and while the objective is zero, inactive ReLUs pass the gradient, so that it can rise
_ANGLE, _ZOOM, _SHIFT = 10.0, 0.10, 1 / 16  # largest rotation in degrees; scale; fraction of the side


def maximize_activation(
    net: nn.Module, scale: Normalizer, shape: Shape, config: FeatureVisConfig
) -> Generator[Frame, None, None]:
    """Yield a frame per step, then the final image; deterministic for a `config` on a CPU.

    `shape` (C, h, w) is the network's input. Raises `ExplorerError` for a channel or class that does not exist.
    """
    generator = torch.Generator().manual_seed(config.seed)
    factor = config.enlarge if config.objective == "channel" else 1
    canvas = _Canvas((shape[0], shape[1] * factor, shape[2] * factor), config, generator)
    optimiser = torch.optim.Adam([canvas.values], lr=config.rate)
    with _open_relus(net, config.layer) as relus:
        objective = torch.zeros(())
        for step in range(config.steps):
            relus.open = step < _OPEN_STEPS or float(objective.detach()) == 0
            image = canvas.image()
            objective = _objective(net, scale, _transformed(image, config, generator), config)
            optimiser.zero_grad()
            (-objective).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            yield Frame(step, float(objective.detach()), _to_uint8(image))
        with torch.no_grad():
            image = canvas.image()
            yield Frame(config.steps, float(_objective(net, scale, image, config)), _to_uint8(image))


class _Canvas:
    """The parameterised image: `values` are optimised, `image()` decodes them."""

    def __init__(self, shape: Shape, config: FeatureVisConfig, generator: torch.Generator) -> None:
        channels, self._height, self._width = shape
        self._fourier, self._mixed = config.fourier, config.decorrelate and channels == 3
        size: tuple[int, ...] = (1, channels, self._height, self._width)
        if config.fourier:
            down, across = torch.fft.fftfreq(self._height)[:, None], torch.fft.rfftfreq(self._width)[None]
            frequency = torch.hypot(down, across).clamp_min(1 / max(self._height, self._width))
            self._spectrum = math.sqrt(self._height * self._width) / frequency  # as natural images: 1/f
            size = (1, channels, *frequency.shape, 2)
        self.values = (torch.randn(size, generator=generator) * _INITIAL_STD).requires_grad_(True)

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
    """The image randomly shifted, rotated and scaled, with reflection padding; (1, C, h, w)."""
    shift_y, shift_x, turn, zoom = (2 * torch.rand(4, generator=generator) - 1).tolist()
    angle = math.radians(_ANGLE) * turn * config.rotate
    size = 1 + _ZOOM * zoom * config.scale
    across, down = (2 * _SHIFT * shift * config.jitter for shift in (shift_x, shift_y))  # a side is 2 long
    if not (config.jitter or config.rotate or config.scale):
        return image
    rotation = [[math.cos(angle) * size, -math.sin(angle) * size], [math.sin(angle) * size, math.cos(angle) * size]]
    matrix = torch.tensor([[[*rotation[0], across], [*rotation[1], down]]])
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
        raise StopForward  # later layers are not needed, and might not accept a larger canvas

    with forward_hook(net.get_submodule(config.layer), hook), suppress(StopForward):
        net(x)
    return objectives[0]


def _select(values: Tensor, index: int, kind: str) -> Tensor:
    if not 0 <= index < len(values):
        raise ExplorerError(f"There is no {kind} {index}: choose 0 to {len(values) - 1}.")
    return values[index]


def _to_uint8(image: Tensor) -> Any:
    """Pixels as uint8 (h, w, C)."""
    return (255 * image.detach()[0]).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


class _StraightThroughReLU(torch.autograd.Function):
    """A ReLU or ReLU6 forward; identity backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, ceiling: float) -> Tensor:
        return x.clamp(0, ceiling)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return gradients[0], None


class _OpenReLU(nn.Module):
    """A ReLU or ReLU6 whose backward is the identity while `switch.open`."""

    def __init__(self, switch: _Switch, closed: nn.Module) -> None:
        super().__init__()
        self._switch, self._closed = (switch,), functional.relu6 if isinstance(closed, nn.ReLU6) else functional.relu
        self._ceiling = 6.0 if isinstance(closed, nn.ReLU6) else math.inf

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = _StraightThroughReLU.apply(x, self._ceiling) if self._switch[0].open else self._closed(x)
        return result


class _Switch:
    open = True


@contextmanager
def _open_relus(net: nn.Module, layer: str) -> Iterator[_Switch]:
    """Replace the ReLU modules of a network by `_OpenReLU`s inside the block, and the ReLU6 that ends `layer`.

    With every ReLU6 open the search would run into their ceilings, where a gradient that passes says nothing.
    """
    switch = _Switch()
    children = [(parent, name, child) for parent in net.modules() for name, child in parent.named_children()]
    *_, last = net.get_submodule(layer).modules()
    opened: list[nn.Module] = [child for _, _, child in children if isinstance(child, nn.ReLU)]
    opened += [last] if isinstance(last, nn.ReLU6) else []
    replaced = [entry for entry in children if any(entry[2] is child for child in opened)]
    try:
        for parent, name, child in replaced:
            setattr(parent, name, _OpenReLU(switch, child))
        yield switch
    finally:
        for parent, name, child in replaced:
            setattr(parent, name, child)
