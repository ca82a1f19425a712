"""The style sheet: its colours are the theme's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
SHEETS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "explorer" / "ui" / "static").glob("*.css")}
NAMES = {"paper": "backgroundColor", "ink": "textColor", "accent": "primaryColor", "line": "borderColor"}


def test_its_colours_are_those_of_the_theme() -> None:
    pairs = dict(re.findall(r"--(\w+): light-dark\(([^)]*)\)", SHEETS["atlas.css"]))
    assert pairs == {name: f"{THEME['light'][key]}, {THEME['dark'][key]}" for name, key in NAMES.items()}


@pytest.mark.parametrize("name", SHEETS)
def test_it_uses_no_variable_that_is_nowhere_defined(name: str) -> None:
    """Streamlit's own reach only into components: what uses one falls back to nothing, silently."""
    defined = set(re.findall(r"--([\w-]+):", "".join(SHEETS.values())))
    assert set(re.findall(r"var\(--([\w-]+)", SHEETS[name])) <= defined
    assert not [variable for variable in defined if variable.startswith("st-")]
