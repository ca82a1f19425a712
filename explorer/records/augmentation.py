"""Chains of random transforms, what was drawn for one image, and what is found of augmented images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.records.declared import OptionValue, Shape
from explorer.records.instance import Options

if TYPE_CHECKING:
    import numpy as np

Covariance = tuple[tuple[float, ...], ...]
"""Of the channels of images whose pixels go from 0 to 1."""


_NONE = 1e-12
"""A variance that is rounding: of images of one colour."""


@dataclass(frozen=True, slots=True)
class Step:
    """One transform of a chain: its slug, those of its options that are not the default, its probability."""

    slug: str
    options: Options = ()
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Chain:
    """Transforms in the order in which they are applied."""

    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What the images of a chain have in common: their shape (C, H, W), which no transform changes.

    `covariance` is that of the colours of the data set, for AlexNet's colour augmentation; None: of each image itself.
    """

    shape: Shape
    covariance: Covariance | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A drawn number. `name` is a code, as is `unit`: "px", "degrees", "percent", "levels" (a change), "level", "bits",
    "times", "".

    `value` is None for an operation of a policy that takes no number.
    """

    name: str
    value: float | None
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnStep:
    """What was drawn for one step: whether it is `applied`, and if it is, its numbers.

    `call` and `parameters` are what applying it needs: torchvision's transform and its own parameters.
    """

    slug: str
    applied: bool
    numbers: tuple[Quantity, ...] = ()
    call: Any = field(default=None, repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What was drawn for one image: a step each.

    Where the last step mixes two images, `partner` are the steps that were drawn for the other one before that. `share`
    is the part of the image itself in the mixed label, from 0 to 1.
    """

    steps: tuple[DrawnStep, ...]
    partner: tuple[DrawnStep, ...] = ()
    share: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class AugmentedImages:
    """Draws, and the image after each: uint8 (N, H, W, C)."""

    drawn: tuple[Drawn, ...]
    images: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """One option of a transform over its range: `values`, the same random numbers for each, and the image after it."""

    values: tuple[OptionValue, ...]
    augmented: AugmentedImages


@dataclass(frozen=True, slots=True)
class Answer:
    """The most probable class of an image, and its probability."""

    index: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class ColourCloud:
    """Colours of images, pixels from 0 to 1: some `points` (n, 3), and over all of them mean, covariance, components.

    `values` (3,) are the eigenvalues, descending, `vectors` (3, 3) their eigenvectors as rows, in each of which the
    largest number is positive.
    """

    points: np.ndarray
    mean: np.ndarray
    covariance: Covariance
    values: np.ndarray
    vectors: np.ndarray

    @property
    def shares(self) -> tuple[float, ...]:
        """Part of the variance along each component, from 0 to 1."""
        total = float(self.values.sum())
        return tuple(float(value) / total if total > _NONE else 0.0 for value in self.values)


@dataclass(frozen=True, slots=True, eq=False)
class MirroredSet:
    """A test set as it is and mirrored, by class: `counts` of images, how many are `right` and `right_mirrored`.

    `taken_for` is the commonest answer to the mirrored images of a class; `examples` (classes, H, W, C) holds the
    first image of each.
    """

    classes: tuple[str, ...]
    counts: tuple[int, ...]
    right: tuple[int, ...]
    right_mirrored: tuple[int, ...]
    taken_for: tuple[int, ...]
    examples: np.ndarray
