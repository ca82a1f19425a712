"""Transforms that make an image worse: blur, noise, JPEG."""

from __future__ import annotations

import torch
from torchvision.transforms import v2

from explorer.records import Control, Given, Quantity
from explorer.transforms.contract import Call, Parameters, Settings, TransformSpec
from explorer.transforms.entries.geometry import shorter

_SHARP = 0.1  # pixels: a Gaussian of this standard deviation has all its weight in one pixel


class GaussianNoise(torch.nn.Module):
    """Adds noise from N(0, 255 sigma) to every value of a uint8 image (C, H, W).

    The numbers are those of `v2.GaussianNoise`, which draws them while it adds them, in the order in which the image
    happens to lie in memory.
    """

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma

    def make_params(self, inputs: list[torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"noise": 255 * self.sigma * torch.randn(inputs[0].shape)}

    def transform(self, image: torch.Tensor, params: dict[str, torch.Tensor]) -> torch.Tensor:
        return (image + params["noise"].to(torch.int16)).clamp(0, 255).to(torch.uint8)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.transform(image, self.make_params([image]))


def _blur(settings: Settings, given: Given) -> Call:
    most = round(max(_SHARP, float(settings["sigma"]) * shorter(given)), 4)
    kernel = 2 * int(3 * most) + 1  # three standard deviations to each side
    return Call.of(v2.GaussianBlur, kernel_size=kernel, sigma=(_SHARP, most))


def _noise_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    return (Quantity("spread", float(parameters["noise"].std(correction=0)), "levels"),)


SPECS = (
    TransformSpec(
        "blur",
        "quality",
        _blur,
        lambda parameters, given: (Quantity("sigma", parameters["sigma"][0], "px"),),
        (Control("sigma", 0.01, low=0, high=0.04, step=0.005),),
        probability=0.5,
        swept="sigma",
        still={"sigma": 0.0},
        paper="Chen et al. 2020 (SimCLR), appendix A",
    ),
    TransformSpec(
        "noise",
        "quality",
        lambda settings, given: Call.of(GaussianNoise, sigma=float(settings["sigma"])),
        _noise_numbers,
        (Control("sigma", 0.1, low=0, high=0.5, step=0.05),),
        swept="sigma",
        still={"sigma": 0.0},
    ),
    TransformSpec(
        "jpeg",
        "quality",
        lambda settings, given: Call(v2.JPEG, (("quality", (int(settings["low"]), 100)),), pil=True),
        lambda parameters, given: (Quantity("quality", parameters["quality"]),),
        (Control("low", 10, low=1, high=100, step=1),),
        swept="low",
    ),
)
