"""Transforms of two images and their labels: mixup, cutmix."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.transforms import v2

from explorer.records import Control, Given, Quantity
from explorer.transforms.contract import Call, Parameters, TransformSpec


def _apply_to_pair(call: Call, pair: Tensor, parameters: Parameters) -> Tensor:
    """The first of two uint8 images (2, C, H, W), mixed with the second; torchvision mixes neighbours in a batch."""
    mixed: Tensor = call.build().transform(pair.float(), {**parameters, "labels": None, "batch_size": len(pair)})
    return mixed[0].round().to(torch.uint8)


def _cut_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    left, top, _, _ = parameters["box"]
    share = Quantity("share", 100 * parameters["lam_adjusted"], "percent")
    return share, Quantity("top", top, "px"), Quantity("left", left, "px")


SPECS = (
    TransformSpec(
        "mixup",
        "mixing",
        lambda settings, given: Call.of(v2.MixUp, alpha=float(settings["alpha"]), num_classes=2),
        lambda parameters, given: (Quantity("share", 100 * parameters["lam"], "percent"),),
        (Control("alpha", 0.2, low=0.1, high=4, step=0.1),),
        apply=_apply_to_pair,
        swept="alpha",
        mixes=True,
        share=lambda parameters: float(parameters["lam"]),
        paper="Zhang et al. 2017",
    ),
    TransformSpec(
        "cutmix",
        "mixing",
        lambda settings, given: Call.of(v2.CutMix, alpha=float(settings["alpha"]), num_classes=2),
        _cut_numbers,
        (Control("alpha", 1.0, low=0.1, high=4, step=0.1),),
        apply=_apply_to_pair,
        swept="alpha",
        mixes=True,
        share=lambda parameters: float(parameters["lam_adjusted"]),
        paper="Yun et al. 2019",
    ),
)
