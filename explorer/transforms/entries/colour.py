"""Transforms that change colours: jitter, a shift of each channel, AlexNet's along the principal components, grey."""

from __future__ import annotations

import torch
from torchvision.transforms import v2

from explorer.records import Control, Given, Quantity
from explorer.transforms.contract import Call, Parameters, Settings, TransformSpec

CHANNELS = ("red", "green", "blue")


class RGBShift(torch.nn.Module):
    """Adds to each channel of a uint8 image (C, H, W) a number of its own, from N(0, sigma) or U(-sigma, sigma)."""

    def __init__(self, sigma: float, law: str = "normal") -> None:
        super().__init__()
        self.sigma, self.law = sigma, law

    def make_params(self, inputs: list[torch.Tensor]) -> dict[str, torch.Tensor]:
        channels = inputs[0].shape[-3]
        drawn = torch.randn(channels) if self.law == "normal" else torch.rand(channels) * 2 - 1
        return {"shift": self.sigma * drawn}  # in levels of 255

    def transform(self, image: torch.Tensor, params: dict[str, torch.Tensor]) -> torch.Tensor:
        return (image + params["shift"][:, None, None]).round().clamp(0, 255).to(torch.uint8)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.transform(image, self.make_params([image]))


class PCAColour(torch.nn.Module):
    """Adds p_1 a_1 l_1 + p_2 a_2 l_2 + p_3 a_3 l_3 to every pixel of a uint8 image (C, H, W): Krizhevsky et al. 2012.

    p_i and l_i are eigenvectors and eigenvalues of the covariance of RGB, pixels going from 0 to 1, and a_i is drawn
    from N(0, sigma). Without a covariance it is that of the image itself. With `root`, l_i is replaced by its root.
    """

    def __init__(self, sigma: float, covariance: tuple[tuple[float, ...], ...] | None = None, root: bool = False):
        super().__init__()
        self.sigma, self.covariance, self.root = sigma, covariance, root

    def make_params(self, inputs: list[torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"alphas": self.sigma * torch.randn(inputs[0].shape[-3], dtype=torch.float64)}

    def shift(self, covariance: torch.Tensor, alphas: torch.Tensor) -> torch.Tensor:
        values, vectors = torch.linalg.eigh(covariance)  # ascending: the first component is the last
        values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)
        largest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
        vectors = vectors * largest.sign()  # an eigenvector has no sign of its own: its largest number is positive
        shift: torch.Tensor = vectors @ (alphas * (values.sqrt() if self.root else values))  # (C,)
        return shift

    def transform(self, image: torch.Tensor, params: dict[str, torch.Tensor]) -> torch.Tensor:
        if self.covariance is None:
            covariance = torch.cov(image.flatten(1).double() / 255, correction=0).reshape(len(image), len(image))
        else:
            covariance = torch.tensor(self.covariance, dtype=torch.float64)
        shift = 255 * self.shift(covariance, params["alphas"])
        return (image + shift[:, None, None]).round().clamp(0, 255).to(torch.uint8)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.transform(image, self.make_params([image]))


def _pca(settings: Settings, given: Given) -> Call:
    covariance = given.covariance if given.covariance and len(given.covariance) == given.shape[0] else None
    arguments = {"sigma": float(settings["sigma"]), "covariance": covariance, "root": bool(settings["root"])}
    defaults = {"covariance": None, "root": False}
    return Call.of(PCAColour, **{name: value for name, value in arguments.items() if value != defaults.get(name, "")})


def _pca_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    return tuple(Quantity(f"alpha_{n}", float(alpha)) for n, alpha in enumerate(parameters["alphas"], 1))


def _shift_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    shift = parameters["shift"].tolist()
    names = CHANNELS if len(shift) == 3 else ("grey",)
    return tuple(Quantity(name, value, "levels") for name, value in zip(names, shift, strict=True))


def _jitter(settings: Settings, given: Given) -> Call:
    return Call.of(v2.ColorJitter, **{name: float(settings[name]) for name in _JITTERED})


def _jitter_numbers(parameters: Parameters, given: Given) -> tuple[Quantity, ...]:
    """In the order in which they are applied, which is drawn as well."""
    drawn = [(name, parameters[f"{name}_factor"]) for name in _JITTERED]
    ordered = (drawn[int(index)] for index in parameters["fn_idx"])
    return tuple(
        Quantity("hue", 360 * value, "degrees") if name == "hue" else Quantity(name, value, "times")
        for name, value in ordered
        if value is not None
    )


_JITTERED = ("brightness", "contrast", "saturation", "hue")

SPECS = (
    TransformSpec(
        "jitter",
        "colour",
        _jitter,
        _jitter_numbers,
        (
            *(Control(name, 0.4, low=0, high=1, step=0.1) for name in _JITTERED[:3]),
            Control("hue", 0.1, low=0, high=0.5, step=0.05),
        ),
        swept="brightness",
        still=dict.fromkeys(_JITTERED, 0.0),
        paper="Szegedy et al. 2014, section 6, after Howard 2013: photometric distortions",
    ),
    TransformSpec(
        "rgb-shift",
        "colour",
        lambda settings, given: Call.of(RGBShift, sigma=float(settings["sigma"]), law=settings["law"]),
        _shift_numbers,
        (Control("sigma", 20.0, low=0, high=100, step=5), Control("law", "normal", ("normal", "uniform"))),
        swept="sigma",
        still={"sigma": 0.0},
    ),
    TransformSpec(
        "pca-colour",
        "colour",
        _pca,
        _pca_numbers,
        (Control("sigma", 0.1, low=0, high=3, step=0.1), Control("root", False, (False, True))),
        swept="sigma",
        still={"sigma": 0.0},
        paper="Krizhevsky et al. 2012, section 4.1",
    ),
    TransformSpec(
        "grey",
        "colour",
        lambda settings, given: Call.of(v2.RandomGrayscale),
        lambda parameters, given: (),
        probability=0.2,
        gated=True,
    ),
)
