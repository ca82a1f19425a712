"""Occlusion: slide a grey window over the image; a pixel's value is the drop of the logit when it is covered."""

from __future__ import annotations

import torch
from captum.attr import Occlusion
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared, batch
from explorer.records import Control


def occlusion(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """Mean drop of the logit per pixel; `window` is a fraction of the image's sides, the stride half a window."""
    channels, *sides = x.shape[1:]
    window = [max(1, round(side * float(options["window"]))) for side in sides]
    steps = [max(1, side // 2) for side in window]
    image = x.detach()
    with torch.no_grad():
        drop = Occlusion(network.module).attribute(
            image,
            (channels, *window),
            (channels, *steps),
            baselines=0,
            target=target,
            perturbations_per_eval=batch(network, image),
        )
    return MethodOutput(drop / channels)  # captum writes the same number into every channel


SPECS = (
    MethodSpec(
        "occlusion",
        "Zeiler & Fergus",
        2014,
        "1311.2901",
        signed=True,
        controls=(Control("window", 0.25, (0.125, 0.25, 0.375, 0.5)),),
        run=occlusion,
    ),
)
