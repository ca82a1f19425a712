"""Chains of random transforms, and what was drawn for one image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.records.declared import Shape
from explorer.records.instance import Options

Covariance = tuple[tuple[float, ...], ...]
"""Of the channels of images whose pixels go from 0 to 1."""


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
    """A drawn number. `name` is a code, as is `unit`: "px", "degrees", "percent", "levels", "bits", "times", "".

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
