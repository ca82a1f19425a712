"""Checks for every figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

import plotly.graph_objects as go


def values(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of everything in a figure, list items under the path of their list."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from values(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, list | tuple):
        for value in node:
            yield from values(value, path)
    else:
        yield path, node


def drawn(fig: go.Figure) -> dict[str, Any]:
    """A figure as plain data, without Plotly's own template."""
    plain: dict[str, Any] = fig.to_dict()
    plain["layout"].pop("template", None)
    return plain


def assert_drawable(fig: go.Figure, title: str) -> None:
    """It serialises, every number in it is finite, and it has a title for screen readers."""
    text = fig.to_json()
    assert json.loads(text)["layout"]["meta"]["title"] == title
    for path, value in values(drawn(fig)):
        if isinstance(value, float):
            assert isfinite(value), path
        elif value is None:  # a gap between two polygons of one trace
            assert path in {"data.x", "data.y"}, path
        else:
            assert isinstance(value, str | int | bool), f"{path}: {type(value).__name__}"
