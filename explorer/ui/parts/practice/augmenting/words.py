"""Transforms, their options and the numbers that were drawn, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from explorer.images import PHOTOGRAPHS
from explorer.records import Drawn, DrawnStep, InputImage, OptionValue, Quantity
from explorer.ui.cached.practice import augmentation as cached
from explorer.ui.shell.words import group, listed, t

_QUIET = {"top", "left", "weight", "mean"}
"""Numbers that stand in the table only: under a small image there is no room for everything."""

_NOTHING = re.compile(r"^[+-](0(?:\.0+)?(?!\.?\d))")  # the sign of what rounds to 0

_FORMATS = {
    "px": "{:.0f} px",
    "degrees": "{:+.0f}°",
    "percent": "{:.0f}%",
    "levels": "{:+.0f}",
    "level": "{:.0f}",
    "bits": "{:.0f} bit",
    "times": "×{:.2f}",
    "": "{:.2f}",
}


def image_name(image: InputImage) -> str:
    """What an image is called."""
    if any(image.key == photograph.slug for photograph in PHOTOGRAPHS):
        return t(f"image.{image.key}")
    return t("augmentation.your_image") if image.own else t("augmentation.test_image")


def name_of(slug: str) -> str:
    """The name of a transform."""
    return t(f"transform.{slug}")


def option_name(name: str) -> str:
    """The name of an option of a transform."""
    return t(f"augmentation.option.{name}")


def option_value(value: OptionValue) -> str:
    """The value of an option."""
    if isinstance(value, bool):
        return t("augmentation.on") if value else t("augmentation.off")
    if isinstance(value, str):
        return t(f"augmentation.value.{value}")
    return f"{value:g}"


def number_name(name: str) -> str:
    """The name of a drawn number, or of an operation of a policy."""
    return group("augmentation.number")[name]


def quantity(number: Quantity, *, named: bool) -> str:
    """A drawn number with its unit, and its name where it has company."""
    if number.value is None:
        return number_name(number.name)
    value = _NOTHING.sub(r"\1", _FORMATS[number.unit].format(number.value)).replace("-", "−")
    return f"{number_name(number.name)}\u00a0{value}" if named else value


def step_words(step: DrawnStep, *, whole: bool = False) -> str:
    """What was drawn for one step: "Rotation +12.3°", "area 23%, w/h 0.87"; with `whole` all its numbers and its name.

    Several numbers have their own names, and a policy its operations.
    """
    numbers = [number for number in step.numbers if whole or number.name not in _QUIET]
    alone = len(numbers) == 1 and cached.specs()[step.slug].group != "policy"
    said, name = listed(quantity(number, named=not alone) for number in numbers), name_of(step.slug)
    if alone or not said:
        return f"{name} {said}".strip()
    return f"{name} · {said}" if whole else said


def draw_words(drawn: Drawn, first: str = "", second: str = "") -> str:
    """What was drawn for one image, a line for each step that was applied; the mixed label, of two names."""
    lines = [step_words(step) for step in drawn.steps if step.applied]
    if drawn.share < 1:
        own, other = f"{100 * drawn.share:.0f}", f"{100 - 100 * drawn.share:.0f}"
        lines.append(t("augmentation.label", own=own, first=first, other=other, second=second))
    return "\n".join(lines) or t("augmentation.unchanged")


def table(drawn: Iterable[Drawn]) -> list[dict[str, str]]:
    """A row for each draw: its number, and every number of every step, "–" where it was not applied."""
    rows = []
    for index, each in enumerate(drawn, 1):
        row = {t("augmentation.number_of_draw"): str(index)}
        for place, step in enumerate(each.steps, 1):
            said = listed(quantity(number, named=True) for number in step.numbers) or t("augmentation.applied")
            row[f"{place} {name_of(step.slug)}"] = said if step.applied else "–"
        rows.append(row)
    return rows
