"""Policies, which draw operations with their strengths: AutoAugment, RandAugment, TrivialAugment, AugMix.

Torchvision draws and applies them in one go. To draw, its own `forward` runs with a recorder in place of the
operations; to apply, the operations that were recorded are applied in their order.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torchvision.transforms import v2

from explorer.records import Control, Given, Quantity
from explorer.transforms.contract import Call, Parameters, TransformSpec, blank

Operation = tuple[str, float]
"""Torchvision's name of an operation, and its strength."""

_UNITS = {
    "TranslateX": "px",
    "TranslateY": "px",
    "Rotate": "degrees",
    "Brightness": "times",
    "Color": "times",
    "Contrast": "times",
    "Sharpness": "times",
    "Posterize": "bits",
    "Solarize": "level",
}
_WITHOUT_NUMBER = {"Identity", "AutoContrast", "Equalize", "Invert"}


class _Recorder:
    """Stands before a policy of torchvision and notes operations and weights instead of applying them."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.chains: list[list[Operation]] = []
        self.weights: list[Tensor] = []
        self.start: Tensor | None = None

    def _apply_image_or_video_transform(self, image: Tensor, transform_id: str, magnitude: float, **how: Any) -> Tensor:
        if self.start is None or image is self.start:  # AugMix begins each of its chains with the image itself
            self.start = image
            self.chains.append([])
        self.chains[-1].append((transform_id, magnitude))
        return image[...]

    def _sample_dirichlet(self, params: Tensor) -> Tensor:
        self.weights.append(torch._sample_dirichlet(params))
        return self.weights[-1]


def _recorded(call: Call, given: Given) -> Any:
    recorder = type("Recorder", (_Recorder, call.kind), {})(**dict(call.arguments))
    recorder(blank(given))
    return recorder


def _draw(call: Call, given: Given) -> Parameters:
    return {"operations": tuple(operation for chain in _recorded(call, given).chains for operation in chain)}


def _apply(call: Call, image: Tensor, parameters: Parameters) -> Tensor:
    policy = call.build()
    return _after(policy, image, parameters["operations"])


def _after(policy: Any, image: Tensor, operations: tuple[Operation, ...]) -> Tensor:
    for name, magnitude in operations:
        image = policy._apply_image_or_video_transform(
            image, name, magnitude, interpolation=policy.interpolation, fill=policy._fill
        )
    return image


def _draw_mix(call: Call, given: Given) -> Parameters:
    recorder = _recorded(call, given)
    kept, weights = recorder.weights  # (1, 2) and (1, width)
    chains = tuple(map(tuple, recorder.chains))
    return {"kept": kept[:, 0], "weights": weights * kept[:, 1:], "chains": chains}


def _apply_mix(call: Call, image: Tensor, parameters: Parameters) -> Tensor:
    """As in `v2.AugMix.forward`: the image and its augmented copies, weighted; the fraction is cut off."""
    policy = call.build()
    mix = parameters["kept"].reshape(1, 1, 1, 1) * image[None]
    for weight, operations in zip(parameters["weights"][0], parameters["chains"], strict=True):
        mix.add_(weight * _after(policy, image[None], operations))
    mixed: Tensor = mix[0].to(torch.uint8)
    return mixed


def _operation(name: str, magnitude: float) -> Quantity:
    if name in _WITHOUT_NUMBER:
        return Quantity(name, None)
    unit = _UNITS.get(name, "")
    value = 1 + magnitude if unit == "times" else 255 * magnitude if unit == "level" else magnitude
    return Quantity(name, int(value) if unit in ("px", "bits") else value, unit)


def _numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    return tuple(_operation(*operation) for operation in parameters["operations"])


def _mix_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    weights = [float(parameters["kept"][0]), *parameters["weights"][0].tolist()]
    chains = zip(weights[1:], parameters["chains"], strict=True)
    said = (
        (Quantity("weight", 100 * weight, "percent"), *(_operation(*op) for op in chain)) for weight, chain in chains
    )
    return Quantity("share", 100 * weights[0], "percent"), *(quantity for group in said for quantity in group)


_POLICIES = {"imagenet": v2.AutoAugmentPolicy.IMAGENET, "cifar10": v2.AutoAugmentPolicy.CIFAR10} | {
    "svhn": v2.AutoAugmentPolicy.SVHN
}

SPECS = (
    TransformSpec(
        "autoaugment",
        "policy",
        lambda settings, given: Call.of(v2.AutoAugment, policy=_POLICIES[str(settings["policy"])]),
        _numbers,
        (Control("policy", "imagenet", tuple(_POLICIES)),),
        draw=_draw,
        apply=_apply,
        paper="Cubuk et al. 2018",
    ),
    TransformSpec(
        "randaugment",
        "policy",
        lambda settings, given: Call.of(v2.RandAugment, num_ops=int(settings["n"]), magnitude=int(settings["m"])),
        _numbers,
        (Control("n", 2, low=0, high=6, step=1), Control("m", 9, low=0, high=30, step=1)),
        draw=_draw,
        apply=_apply,
        swept="m",
        still={"n": 0},
        paper="Cubuk et al. 2019",
    ),
    TransformSpec(
        "trivialaugment",
        "policy",
        lambda settings, given: Call.of(v2.TrivialAugmentWide),
        _numbers,
        draw=_draw,
        apply=_apply,
        paper="Müller & Hutter 2021",
    ),
    TransformSpec(
        "augmix",
        "policy",
        lambda settings, given: Call.of(v2.AugMix, severity=int(settings["severity"])),
        _mix_numbers,
        (Control("severity", 3, low=1, high=10, step=1),),
        draw=_draw_mix,
        apply=_apply_mix,
        swept="severity",
        paper="Hendrycks et al. 2019",
    ),
)
