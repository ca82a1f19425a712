"""Transforms that cover a part of an image: random erasing, cutout."""

from __future__ import annotations

import torch
from torchvision.transforms import v2

from explorer.records import Control, Given, Quantity
from explorer.transforms.contract import Call, Parameters, Settings, TransformSpec
from explorer.transforms.entries.geometry import shorter

_LOW = 0.02
_FILL = Control("fill", 128, (0, 128, 255))


class Cutout(torch.nn.Module):
    """Covers a square of `side` pixels of a uint8 image (..., H, W), its centre anywhere: DeVries & Taylor 2017.

    Near the border a part of it lies outside.
    """

    def __init__(self, side: int, fill: int = 128) -> None:
        super().__init__()
        self.side, self.fill = side, fill

    def make_params(self, inputs: list[torch.Tensor]) -> dict[str, int]:
        height, width = inputs[0].shape[-2:]
        y, x = int(torch.randint(height, ())), int(torch.randint(width, ()))
        top, left = y - self.side // 2, x - self.side // 2
        bottom, right = min(height, top + self.side), min(width, left + self.side)
        return {"top": max(0, top), "left": max(0, left), "bottom": bottom, "right": right}

    def transform(self, image: torch.Tensor, params: dict[str, int]) -> torch.Tensor:
        image = image.clone()
        image[..., params["top"] : params["bottom"], params["left"] : params["right"]] = self.fill
        return image

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.transform(image, self.make_params([image]))


def _erased(settings: Settings, given: Given) -> Call:
    high = float(settings["high"])
    return Call.of(v2.RandomErasing, scale=(min(_LOW, high), high), value=settings["fill"])


def _erased_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    if parameters["v"] is None:  # ten boxes in a row were larger than the image
        return (Quantity("area", 0.0, "percent"),)
    return _box(parameters["i"], parameters["j"], parameters["h"], parameters["w"], given)


def _cut_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    top, left = parameters["top"], parameters["left"]
    return _box(top, left, max(0, parameters["bottom"] - top), max(0, parameters["right"] - left), given)


def _box(top: int, left: int, height: int, width: int, given: Given) -> tuple[Quantity, ...]:
    area = 100 * height * width / (given.shape[-2] * given.shape[-1])
    return Quantity("area", area, "percent"), Quantity("top", top, "px"), Quantity("left", left, "px")


SPECS = (
    TransformSpec(
        "erasing",
        "erasing",
        _erased,
        _erased_numbers,
        (Control("high", 0.33, low=0, high=0.8, step=0.01), _FILL),
        probability=0.5,
        gated=True,
        swept="high",
        still={"high": 0.0},
        paper="Zhong et al. 2017",
    ),
    TransformSpec(
        "cutout",
        "erasing",
        lambda settings, given: Call.of(
            Cutout, side=round(float(settings["side"]) * shorter(given)), fill=settings["fill"]
        ),
        _cut_numbers,
        (Control("side", 0.5, low=0, high=1, step=0.05), _FILL),
        swept="side",
        still={"side": 0.0},
        paper="DeVries & Taylor 2017: 16 pixels of 32 for CIFAR-10",
    ),
)
