"""The gradient of the class with respect to the pixels, as it is, averaged over noise, or times the pixels."""

from __future__ import annotations

import torch
from captum.attr import InputXGradient, Saliency
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared, batch
from explorer.records import Control

SEED = 0


def saliency(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """dy/dx, the gradient of the logit with respect to the pixels."""
    return MethodOutput(Saliency(network.module).attribute(x, target, abs=False))


def smoothgrad(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """The mean gradient over noisy copies of the image; sigma is `noise` times the image's range.

    The noise comes from a separate generator, not from torch's global one (as in captum's NoiseTunnel): other visitors
    draw from that at the same time.
    """
    samples, level = int(options["samples"]), float(options["noise"])
    generator = torch.Generator().manual_seed(SEED)
    image = x.detach()
    sigma = level * (image.max() - image.min())
    total, batch_size = torch.zeros_like(image), batch(network, image)
    for first in range(0, samples, batch_size):
        count = min(batch_size, samples - first)
        noise = torch.randn((count, *image.shape[1:]), generator=generator).to(image)
        noisy = (image + sigma * noise).requires_grad_(True)
        total += Saliency(network.module).attribute(noisy, target, abs=False).sum(0, keepdim=True)
    return MethodOutput(total / samples)


def input_x_gradient(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """x * dy/dx, the first-order contribution of each pixel to the logit."""
    return MethodOutput(InputXGradient(network.module).attribute(x, target))


SPECS = (
    MethodSpec("saliency", "Simonyan et al.", 2014, "1312.6034", signed=False, run=saliency),
    MethodSpec(
        "smoothgrad",
        "Smilkov et al.",
        2017,
        "1706.03825",
        signed=False,
        controls=(Control("samples", 16, (2, 8, 16, 32, 64)), Control("noise", 0.15, (0.05, 0.1, 0.15, 0.2, 0.3))),
        run=smoothgrad,
    ),
    MethodSpec("input-x-gradient", "Shrikumar et al.", 2016, "1605.01713", signed=True, run=input_x_gradient),
)
