"""Occlusion: a grey window is moved over the image, and the fall of the logit is written where it stood."""

from __future__ import annotations

import torch
from captum.attr import Occlusion
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared, batch
from explorer.records import Control


def occlusion(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """`window` is a share of the image's sides; it moves by half of its own, and every pixel gets the mean."""
    channels, *sides = x.shape[1:]
    window = [max(1, round(side * float(options["window"]))) for side in sides]
    steps = [max(1, side // 2) for side in window]
    still = x.detach()
    with torch.no_grad():
        fall = Occlusion(network.module).attribute(
            still,
            (channels, *window),
            (channels, *steps),
            baselines=0,
            target=target,
            perturbations_per_eval=batch(network, still),
        )
    return MethodOutput(fall / channels)  # captum writes the same number into every channel


SPECS = (
    MethodSpec(
        "occlusion",
        occlusion,
        "Zeiler & Fergus",
        2014,
        "1311.2901",
        signed=True,
        controls=(Control("window", 0.25, (0.125, 0.25, 0.375, 0.5)),),
    ),
)
