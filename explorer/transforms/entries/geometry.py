"""Transforms that move pixels: mirror, crops, rotation, shear, perspective, local warping."""

from __future__ import annotations

from math import hypot

from torchvision.transforms import v2

from explorer.records import Control, Given, Quantity
from explorer.transforms.contract import Call, Parameters, Settings, TransformSpec

_RATIOS = (3 / 4, 4 / 3)


def shorter(given: Given) -> int:
    """The shorter side in pixels."""
    return min(given.shape[-2:])


def _crop(settings: Settings, given: Given) -> Call:
    padding = round(float(settings["padding"]) * shorter(given))
    return Call.of(v2.RandomCrop, size=given.shape[-2:], padding=padding)


def _crop_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    left, top, _, _ = parameters["padding"]
    return Quantity("right", left - parameters["left"], "px"), Quantity("down", top - parameters["top"], "px")


def _resized(settings: Settings, given: Given) -> Call:
    scale = (float(settings["low"]), 1.0)
    return Call.of(v2.RandomResizedCrop, size=given.shape[-2:], scale=scale, ratio=_RATIOS)


def _resized_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    height, width = parameters["height"], parameters["width"]
    area = 100 * height * width / (given.shape[-2] * given.shape[-1])
    corner = Quantity("top", parameters["top"], "px"), Quantity("left", parameters["left"], "px")
    return Quantity("area", area, "percent"), Quantity("aspect", width / height), *corner


def _sheared(settings: Settings, given: Given) -> Call:
    most = float(settings["degrees"])
    return Call.of(v2.RandomAffine, degrees=0, shear=(-most, most, -most, most), interpolation="bilinear")


def _sheared_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    x, y = parameters["shear"]
    return Quantity("shear_x", x, "degrees"), Quantity("shear_y", y, "degrees")


def _perspective_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    """How far each corner of the image moves."""
    bottom, right = given.shape[-2] - 1, given.shape[-1] - 1
    corners = {"top_left": (0, 0), "top_right": (right, 0), "bottom_right": (right, bottom), "bottom_left": (0, bottom)}
    moved = {name: _moved_to(parameters["coefficients"], *corner) for name, corner in corners.items()}
    return tuple(
        Quantity(name, hypot(moved[name][0] - x, moved[name][1] - y), "px") for name, (x, y) in corners.items()
    )


def _moved_to(coefficients: list[float], x: int, y: int) -> tuple[float, float]:
    """Where a point (x, y) of the image lies afterwards: `coefficients` map places of the result to the image.

    x = (a u + b v + c) / (g u + h v + 1), and y likewise, solved for (u, v).
    """
    a, b, c, d, e, f, g, h = coefficients
    a, b, d, e = a - g * x, b - h * x, d - g * y, e - h * y
    determinant = a * e - b * d
    return ((x - c) * e - b * (y - f)) / determinant, (a * (y - f) - (x - c) * d) / determinant


def _warped(settings: Settings, given: Given) -> Call:
    side = shorter(given)
    alpha, sigma = float(settings["strength"]) * side, float(settings["smooth"]) * side
    return Call.of(v2.ElasticTransform, alpha=round(alpha, 4), sigma=round(sigma, 4))


def _warped_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    """The farthest and the mean way of a pixel; torchvision's displacement is in half sides."""
    across, down = parameters["displacement"][0].unbind(-1)  # (H, W) each
    way = (across * given.shape[-1] / 2).hypot(down * given.shape[-2] / 2)
    return Quantity("farthest", float(way.max()), "px"), Quantity("mean", float(way.mean()), "px")


SPECS = (
    TransformSpec(
        "mirror",
        "geometry",
        lambda settings, given: Call.of(v2.RandomHorizontalFlip),
        lambda parameters, given: (),
        probability=0.5,
        gated=True,
    ),
    TransformSpec(
        "crop",
        "geometry",
        _crop,
        _crop_numbers,
        (Control("padding", 0.125, low=0, high=0.5, step=0.025),),
        swept="padding",
        still={"padding": 0.0},
        paper="He et al. 2015, section 4.2: 4 pixels of 32",
    ),
    TransformSpec(
        "resized-crop",
        "geometry",
        _resized,
        _resized_numbers,
        (Control("low", 0.08, low=0.02, high=1, step=0.02),),
        swept="low",
        still={"low": 1.0},
        paper="Szegedy et al. 2014, section 6: 8% to 100% of the area, 3/4 to 4/3",
    ),
    TransformSpec(
        "rotation",
        "geometry",
        lambda settings, given: Call.of(
            v2.RandomRotation, degrees=float(settings["degrees"]), interpolation="bilinear"
        ),
        lambda parameters, given: (Quantity("angle", parameters["angle"], "degrees"),),
        (Control("degrees", 15.0, low=0, high=180, step=5),),
        swept="degrees",
        still={"degrees": 0.0},
    ),
    TransformSpec(
        "shear",
        "geometry",
        _sheared,
        _sheared_numbers,
        (Control("degrees", 15.0, low=0, high=45, step=5),),
        swept="degrees",
        still={"degrees": 0.0},
    ),
    TransformSpec(
        "perspective",
        "geometry",
        lambda settings, given: Call.of(v2.RandomPerspective, distortion_scale=float(settings["distortion"])),
        _perspective_numbers,
        (Control("distortion", 0.4, low=0, high=0.9, step=0.1),),
        probability=0.5,
        gated=True,
        swept="distortion",
        still={"distortion": 0.0},
    ),
    TransformSpec(
        "warp",
        "geometry",
        _warped,
        _warped_numbers,
        (Control("strength", 0.75, low=0, high=3, step=0.25), Control("smooth", 0.02, low=0.01, high=0.06, step=0.01)),
        swept="strength",
        still={"strength": 0.0},
        paper="Simard et al. 2003: elastic distortions",
    ),
)
