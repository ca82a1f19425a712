"""Transforms that make images worse, in batches: blur, noise."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
from torch import Tensor

from explorer.records import Given
from explorer.transforms.batched._contract import Batched, Tensors
from explorer.transforms.batched._numbers import real, uniform
from explorer.transforms.batched._pixels import along_axes
from explorer.transforms.contract import Call, Parameters


def _draw_blur(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    return {"sigma": uniform(count, call.build().sigma, generator).float()}


def _apply_blur(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    taps = int(call.build().kernel_size[0])
    weights = _gaussian(taps, drawn["sigma"])  # (B, taps)
    rows, columns = (
        torch.einsum("bt,tij->bij", weights, _reflected(taps, side, images.device)) for side in images.shape[-2:]
    )
    return along_axes(images, rows, columns)


def _gaussian(taps: int, sigma: Tensor) -> Tensor:
    """The kernels of standard deviations (B,), as torchvision spaces them."""
    most = (taps - 1) / (2 * sqrt(2))
    at = torch.linspace(-most, most, taps, device=sigma.device)
    return (-(at / sigma[:, None]).square()).softmax(1)


def _reflected(taps: int, size: int, device: torch.device) -> Tensor:
    """Which pixel the tap of a kernel meets at each place, mirrored at the border; one-hot (taps, size, size)."""
    at = torch.arange(size, device=device)
    met = at + torch.arange(taps, device=device)[:, None] - taps // 2  # (taps, size)
    met = (size - 1) - ((size - 1) - met.abs()).abs()
    return (met[:, :, None] == at).float()


def _noise(noise: Tensor) -> Tensors:
    return {"noise": noise.to(torch.int16)}


def _draw_noise(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    return _noise(255 * call.build().sigma * torch.randn(count, *given.shape, generator=generator))


def _stack_noise(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    return _noise(torch.stack([one["noise"] for one in parameters]))


SPECS = (
    Batched(
        "blur",
        _draw_blur,
        _apply_blur,
        lambda call, given, parameters: {"sigma": real(one["sigma"][0] for one in parameters).float()},
        within=1,
    ),
    Batched(
        "noise",
        _draw_noise,
        lambda call, images, drawn: (images + drawn["noise"]).clamp(0, 255).to(torch.uint8),
        _stack_noise,
    ),
)
