"""Drawn numbers in words."""

from __future__ import annotations

import pytest

from explorer.records import Quantity
from explorer.ui.parts.practice.augmenting.words import quantity


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (12.34, "degrees", "+12°"),
        (-0.2, "degrees", "0°"),
        (-0.4, "levels", "0"),
        (-20.4, "levels", "−20"),
        (0.001, "", "0.00"),
        (-0.001, "", "0.00"),
        (-0.09, "", "−0.09"),
        (9.6, "percent", "10%"),
        (-3.0, "px", "−3 px"),
        (1.005, "times", "×1.00"),
        (178.5, "level", "178"),
        (4.0, "bits", "4 bit"),
    ],
)
def test_a_number_is_said_with_its_unit(value: float, unit: str, said: str) -> None:
    assert quantity(Quantity("angle", value, unit), named=False) == said
    assert quantity(Quantity("angle", value, unit), named=True).endswith(said)
