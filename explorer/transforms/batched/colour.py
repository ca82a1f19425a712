"""Transforms that change colours, in batches: jitter, a shift of each channel, AlexNet's, grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import rgb_to_grayscale

from explorer.errors import BadOption
from explorer.records import Given
from explorer.transforms.batched._contract import Batched, Tensors
from explorer.transforms.batched._numbers import real, uniform
from explorer.transforms.batched._pixels import each
from explorer.transforms.contract import Call, Parameters

# --- jitter -----------------------------------------------------------------------------------------------------------

_JITTERED = ("brightness", "contrast", "saturation", "hue")


def _draw_jitter(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    """The order of the four for each image, (B, 4), and the factors of those that are not left out."""
    transform = call.build()
    order = torch.rand(count, 4, generator=generator).argsort(1)
    bounds = {name: getattr(transform, name) for name in _JITTERED}
    factors = {name: uniform(count, bound, generator) for name, bound in bounds.items() if bound}
    return {"order": order, **_factors(factors)}


def _stack_jitter(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    factors = {name: [one[f"{name}_factor"] for one in parameters] for name in _JITTERED}
    known = {name: real(values) for name, values in factors.items() if None not in values}
    return {"order": torch.stack([one["fn_idx"] for one in parameters]), **_factors(known)}


def _factors(factors: Tensors) -> Tensors:
    """Factors as float32, and what is left to 1 where two images are blended, rounded only once."""
    rest = {f"{name}.rest": 1 - factor for name, factor in factors.items() if name in ("contrast", "saturation")}
    return {name: factor.float() for name, factor in {**factors, **rest}.items()}


def _apply_jitter(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    """Four rounds: in each, an image is changed by the one of the four whose turn it is."""
    for now in drawn["order"].unbind(1):
        for index, name in enumerate(_JITTERED):
            if name in drawn:
                images = torch.where(each(now == index), _CHANGES[name](images, drawn), images)
    return images


def _brighter(images: Tensor, drawn: Tensors) -> Tensor:
    return (images * each(drawn["brightness"])).clamp(0, 255).to(torch.uint8)


def _grey(images: Tensor) -> Tensor:
    """Luminance without a fraction, float32 (B, 1, H, W)."""
    grey: Tensor = rgb_to_grayscale(images.float()) if images.shape[1] == 3 else images.float()
    return grey.floor()


def _blended(images: Tensor, others: Tensor, drawn: Tensors, name: str) -> Tensor:
    mixed = images * each(drawn[name]) + others * each(drawn[f"{name}.rest"])
    return mixed.clamp(0, 255).to(torch.uint8)


def _in_contrast(images: Tensor, drawn: Tensors) -> Tensor:
    return _blended(images, _grey(images).mean((1, 2, 3), keepdim=True), drawn, "contrast")


def _saturated(images: Tensor, drawn: Tensors) -> Tensor:
    return _blended(images, _grey(images), drawn, "saturation") if images.shape[1] == 3 else images


def _turned(images: Tensor, drawn: Tensors) -> Tensor:
    """The hue moved along its circle of length 1; value and chroma stay."""
    if images.shape[1] == 1:
        return images
    hue = 6 * (_hue(images) + drawn["hue"][:, None, None])  # (B, H, W)
    value, chroma = images.amax(1), images.amax(1) - images.amin(1)
    # The distance of each channel from the value rises and falls along the circle, a third of it apart.
    along = torch.stack([(hue + start).remainder(6) for start in (5, 3, 1)], 1)  # (B, 3, H, W)
    below = torch.minimum(along, 4 - along).clamp(0, 1)
    turned = value[:, None] / 255 - chroma[:, None] / 255 * below
    return (turned * _FULL).to(torch.uint8)


_FULL = 255.999
"""Torchvision's factor from 0 to 1 to whole levels, whose fraction is cut off."""


def _hue(images: Tensor) -> Tensor:
    """From 0 to 1 (B, H, W); 0 for grey."""
    red, green, blue = images.float().unbind(1)
    most, least = images.float().amax(1), images.float().amin(1)
    chroma = torch.where(most == least, 1, most - least)
    of_red, of_green, of_blue = (green - blue) / chroma, 2 + (blue - red) / chroma, 4 + (red - green) / chroma
    return torch.where(most == red, of_red, torch.where(most == green, of_green, of_blue)).remainder(6) / 6


_CHANGES: dict[str, Callable[[Tensor, Tensors], Tensor]] = {
    "brightness": _brighter,
    "contrast": _in_contrast,
    "saturation": _saturated,
    "hue": _turned,
}


# --- shifts of the channels -------------------------------------------------------------------------------------------


def _levels(shift: Tensor) -> Tensors:
    """A shift (B, C) in whole levels: pixels are whole, so that rounding it or the sum is the same."""
    return {"levels": shift.round().clamp(-255, 255).to(torch.int16)}


def _apply_levels(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    return (images + drawn["levels"][:, :, None, None]).clamp(0, 255).to(torch.uint8)


def _draw_shift(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    transform, shape = call.build(), (count, given.shape[0])
    normal = transform.law == "normal"
    drawn = torch.randn(shape, generator=generator) if normal else torch.rand(shape, generator=generator) * 2 - 1
    return _levels(transform.sigma * drawn)


def _stack_shift(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    return _levels(torch.stack([one["shift"] for one in parameters]))


def _draw_pca(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    drawn = torch.randn(count, given.shape[0], dtype=torch.float64, generator=generator)
    return _along_components(call, call.build().sigma * drawn)


def _stack_pca(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    return _along_components(call, torch.stack([one["alphas"] for one in parameters]))


def _along_components(call: Call, alphas: Tensor) -> Tensors:
    """Shifts along the principal components of a data set's colours, by alphas (B, C)."""
    transform = call.build()
    if transform.covariance is None:
        raise BadOption("In batches, pca-colour needs the covariance of a data set, not that of each image.")
    covariance = torch.tensor(transform.covariance, dtype=torch.float64)
    components = torch.stack([transform.shift(covariance, unit) for unit in torch.eye(len(covariance)).double()])
    return _levels(255 * alphas @ components)


SPECS = (
    Batched("jitter", _draw_jitter, _apply_jitter, _stack_jitter, within=3),
    Batched("rgb-shift", _draw_shift, _apply_levels, _stack_shift),
    Batched("pca-colour", _draw_pca, _apply_levels, _stack_pca),
    Batched(
        "grey",
        lambda call, given, count, generator: {},
        lambda call, images, drawn: rgb_to_grayscale(images, num_output_channels=images.shape[1]),
        lambda call, given, parameters: {},
    ),
)
