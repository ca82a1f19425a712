"""`TransformSpec`, the interface of all transforms of the catalogue; drawing and applying one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from explorer.catalog import collect, lookup
from explorer.errors import BadOption
from explorer.records import Control, Given, OptionValue, Quantity, Step

GROUPS = ("geometry", "colour", "quality", "erasing", "policy", "mixing")
"""Groups of transforms, in the order of the catalogue."""

Settings = Mapping[str, OptionValue]
"""All options of a transform, with their values."""

Parameters = Mapping[str, Any]
"""What a transform draws for one image, under the names that torchvision gives it."""


@dataclass(frozen=True, slots=True)
class Call:
    """The call that makes a transform: a class of `torchvision.transforms.v2`, or one of ours, and its arguments.

    It is what runs and what is shown as code. `pil`: it is for an image of Pillow, made of the tensor and back.
    """

    kind: type
    arguments: tuple[tuple[str, Any], ...] = ()
    pil: bool = False

    @classmethod
    def of(cls, kind: type, **arguments: Any) -> Call:
        """A call with keyword arguments."""
        return cls(kind, tuple(arguments.items()))

    def build(self) -> Any:
        """The transform."""
        return self.kind(**dict(self.arguments))


def draw_parameters(call: Call, given: Given) -> Parameters:
    """What torchvision's transform draws for an image of this shape."""
    drawn: dict[str, Any] = call.build().make_params([blank(given)])
    return drawn


def apply_parameters(call: Call, image: Tensor, parameters: Parameters) -> Tensor:
    """Torchvision's transform with parameters drawn before; uint8 (C, H, W) to the same."""
    from torchvision.transforms.v2 import functional as F

    transform = call.build()
    changed: Tensor
    if call.pil:
        changed = F.pil_to_tensor(transform.transform(F.to_pil_image(image), dict(parameters)))
    else:
        changed = transform.transform(image, dict(parameters))
    return changed


def blank(given: Given) -> Tensor:
    """An image of that shape that takes no memory, for transforms that ask for the size."""
    return torch.zeros((), dtype=torch.uint8).expand(given.shape)


@dataclass(frozen=True, slots=True)
class TransformSpec:
    """A random transform of a uint8 image (C, H, W), C being 1 or 3, which keeps its shape.

    `call` is torchvision's transform for these settings and this shape. `draw` gives its parameters, from torch's
    random numbers (those of a generator, inside `drawing_from`), `apply` changes an image with them, and `numbers` says
    what was drawn. `probability` is the usual one of being applied at all; `gated`: torchvision's transform takes that
    as its argument `p`, others stand inside `v2.RandomApply`. `swept` is the control that makes it stronger, "" where
    it has none; `still` are settings with which it changes nothing, None where there are none. `mixes`: it is applied
    to the image and a second one, with `apply(call, (2, C, H, W), parameters)`, and `share` is then the part of the
    first in the mixed label. `paper` is who proposed it.
    """

    slug: str
    group: str
    call: Callable[[Settings, Given], Call]
    numbers: Callable[[Parameters, Given], tuple[Quantity, ...]]
    controls: tuple[Control, ...] = ()
    draw: Callable[[Call, Given], Parameters] = draw_parameters
    apply: Callable[[Call, Tensor, Parameters], Tensor] = apply_parameters
    probability: float = 1.0
    gated: bool = False
    swept: str = ""
    still: Settings | None = None
    mixes: bool = False
    share: Callable[[Parameters], float] = lambda parameters: 1.0
    paper: str = ""

    def control(self, name: str) -> Control:
        """A control by its name. Raises `BadOption`."""
        for control in self.controls:
            if control.name == name:
                return control
        known = ", ".join(control.name for control in self.controls) or "none"
        raise BadOption(f"{self.slug} takes no option {name!r}; it takes: {known}.")


@cache
def transforms() -> Mapping[str, TransformSpec]:
    """All transforms, by slug, group after group."""
    found = collect("explorer.transforms.entries", TransformSpec)
    return dict(sorted(found.items(), key=lambda item: GROUPS.index(item[1].group)))


def transform(slug: str) -> TransformSpec:
    """A transform by its slug. Raises `UnknownEntry`."""
    return lookup(transforms(), slug, "transform")


def settings(step: Step) -> Settings:
    """All options of a step: the defaults, overridden by its own. Raises `UnknownEntry`, `BadOption`."""
    spec = transform(step.slug)
    values: dict[str, OptionValue] = {control.name: control.default for control in spec.controls}
    for name, value in step.options:
        control = spec.control(name)
        if not control.accepts(value):
            allowed = ", ".join(map(str, control.choices)) or f"{control.low:g} to {control.high:g}"
            raise BadOption(f"{name} of {step.slug} cannot be {value!r}; it can be: {allowed}.")
        values[name] = value
    return values
