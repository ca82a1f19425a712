"""Chains of transforms: their text in an address, drawing for one image or many, applying what was drawn."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from explorer.errors import BadOption
from explorer.records import Chain, Control, Drawn, DrawnStep, Given, Options, OptionValue, Step
from explorer.transforms.contract import TransformSpec, settings, transform
from explorer.transforms.generator import drawing_from

MOST_STEPS = 12
MOST_CHARACTERS = 600
"""Of a chain's text."""

_PROBABILITY = "p"
_EMPTY = "none"  # so that a parameter without a value is no chain
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,6})?", re.ASCII)


# --- the text of a chain ----------------------------------------------------------------------------------------------


def write_chain(chain: Chain) -> str:
    """The text of a chain, "mirror_jitter*p-0.8*hue-0.2": steps after each other, what is not the default after each.

    It has letters, digits and `. - _ *` only, which an address leaves as they are. An empty chain is "none".
    """
    return "_".join(map(_write, chain.steps)) or _EMPTY


def _write(step: Step) -> str:
    spec, values = transform(step.slug), settings(step)
    said = [(name, value) for name, value in values.items() if _differs(spec, name, value)]
    if step.probability != spec.probability:
        said = [(_PROBABILITY, step.probability), *said]
    return step.slug + "".join(f"*{name}-{_plainly(value)}" for name, value in said)


def _differs(spec: TransformSpec, name: str, value: OptionValue) -> bool:
    return value != spec.control(name).default


def _plainly(value: OptionValue) -> str:
    return value if isinstance(value, str) else f"{float(value):.6f}".rstrip("0").rstrip(".")


def read_chain(text: str) -> Chain:
    """The chain of a text. Raises `UnknownEntry`, `BadOption` for one that says no chain."""
    if len(text) > MOST_CHARACTERS:
        raise BadOption(f"A chain has at most {MOST_CHARACTERS} characters.")
    return checked(Chain(() if text == _EMPTY else tuple(map(_read, text.split("_")))))


def _read(text: str) -> Step:
    slug, *parts = text.split("*")
    spec = transform(slug)
    probability, options = spec.probability, {}
    for part in parts:
        name, _, raw = part.partition("-")
        if name == _PROBABILITY:
            probability = _number(raw)
        else:
            options[name] = _value(spec.control(name), raw)
    return step(slug, options, probability)


def _value(control: Control, raw: str) -> OptionValue:
    if isinstance(control.default, str):
        return raw
    number = _number(raw)
    if isinstance(control.default, bool):
        return bool(number) if number in (0, 1) else number
    if isinstance(control.default, int):
        if not number.is_integer():
            raise BadOption(f"{control.name} is a whole number.")
        return int(number)
    return number


def _number(raw: str) -> float:
    if not _NUMBER.fullmatch(raw):
        raise BadOption(f"{raw[:40]!r} is no number.")
    return float(raw)


def step(slug: str, options: dict[str, OptionValue] | None = None, probability: float | None = None) -> Step:
    """A step with the usual probability unless another is given; options that are the default are left out.

    Raises `UnknownEntry`, `BadOption`.
    """
    spec = transform(slug)
    chance = spec.probability if probability is None else probability
    if not 0 <= chance <= 1:
        raise BadOption(f"The probability of {slug} cannot be {chance:g}; it can be: 0 to 1.")
    values = settings(Step(slug, tuple((options or {}).items())))
    kept: Options = tuple((name, value) for name, value in sorted(values.items()) if _differs(spec, name, value))
    return Step(slug, kept, float(chance))


def checked(chain: Chain) -> Chain:
    """The chain itself. Raises `BadOption` where it is too long, or mixes images anywhere but at its end."""
    if len(chain.steps) > MOST_STEPS:
        raise BadOption(f"A chain has at most {MOST_STEPS} transforms.")
    if any(transform(step.slug).mixes for step in chain.steps[:-1]):
        raise BadOption("Two images are mixed once, as the last step of a chain.")
    return chain


def mixes(chain: Chain) -> bool:
    """Whether the chain needs a second image."""
    return bool(chain.steps) and transform(chain.steps[-1].slug).mixes


# --- drawing and applying ---------------------------------------------------------------------------------------------


def draw(chain: Chain, given: Given, generator: torch.Generator) -> Drawn:
    """What a chain draws for one image of this shape, from `generator` alone, in the order of torchvision.

    Where it mixes, it first draws for the image, then for its partner, then the mixing.
    """
    with drawing_from(generator):
        if not mixes(chain):
            return Drawn(_draw_steps(chain.steps, given))
        own, partner = _draw_steps(chain.steps[:-1], given), _draw_steps(chain.steps[:-1], given)
        mixing = _draw_step(chain.steps[-1], given)
    share = transform(mixing.slug).share(mixing.parameters) if mixing.applied else 1.0
    return Drawn((*own, mixing), partner, share)


def draw_sheet(chain: Chain, given: Given, seed: int, count: int) -> tuple[Drawn, ...]:
    """What a chain draws for `count` images, one after the other, from a seed: as after `torch.manual_seed(seed)`."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(draw(chain, given, generator) for _ in range(count))


def _draw_steps(steps: tuple[Step, ...], given: Given) -> tuple[DrawnStep, ...]:
    return tuple(_draw_step(step, given) for step in steps)


def _draw_step(step: Step, given: Given) -> DrawnStep:
    spec = transform(step.slug)
    call = spec.call(settings(step), given)
    if asks(spec, step) and torch.rand(1) >= step.probability:
        return DrawnStep(step.slug, False, call=call)
    parameters = spec.draw(call, given)
    return DrawnStep(step.slug, True, spec.numbers(parameters, given), call, parameters)


def asks(spec: TransformSpec, step: Step) -> bool:
    """Whether a number is drawn to decide if the step is applied: always, where torchvision's transform does that."""
    return spec.gated or step.probability < 1


def apply(image: Tensor, drawn: Drawn, partner: Tensor | None = None) -> Tensor:
    """An image after the steps that were drawn for it; uint8 (C, H, W) to the same, new or unchanged.

    `partner` is the second image of a chain that mixes. Raises `BadOption` where it is needed and missing.
    """
    last = drawn.steps[-1] if drawn.steps else None
    if last is None or not transform(last.slug).mixes:
        return _apply_steps(image, drawn.steps)
    image = _apply_steps(image, drawn.steps[:-1])
    if not last.applied:
        return image
    if partner is None:
        raise BadOption(f"{last.slug} needs a second image.")
    pair = torch.stack([image, _apply_steps(partner, drawn.partner)])  # (2, C, H, W)
    return transform(last.slug).apply(last.call, pair, last.parameters)


def _apply_steps(image: Tensor, steps: tuple[DrawnStep, ...]) -> Tensor:
    for step in steps:
        if step.applied:
            image = transform(step.slug).apply(step.call, image, step.parameters)
    return image
