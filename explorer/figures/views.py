"""The views of an image, each as the part of it that is seen: a sketch without the image."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.figures.palette import BLUE
from explorer.figures.svg import Drawing
from explorer.figures.theme import Theme, mixed
from explorer.records import View

_ACROSS, _CELL, _SIDE, _LINE = 5, 118.0, 96.0, 22.0


def views(shown: Sequence[View], mirrored: str, *, theme: Theme, label: str) -> str:
    """A square for each view, and in it the crop, as HTML; below those seen in a mirror stands `mirrored`.

    Squares are as large as the pictures that the views are cut from. `label` says it to screen readers.
    """
    across, down = min(_ACROSS, len(shown)), -(-len(shown) // _ACROSS)
    drawing = Drawing(theme, _CELL * max(across, 2), down * (_CELL + _LINE))
    largest = max(view.canvas for view in shown)
    for number, view in enumerate(shown):
        scale = _SIDE / largest
        x = (number % _ACROSS) * _CELL + (_CELL - view.canvas * scale) / 2
        y = (number // _ACROSS) * (_CELL + _LINE) + (_CELL - view.canvas * scale) / 2
        drawing.rect(x, y, view.canvas * scale, view.canvas * scale, fill=theme.paper, line=theme.muted, dash="4 3")
        side = view.side * scale
        fill = mixed(theme.paper, BLUE, 0.35)
        drawing.rect(x + view.left * scale, y + view.top * scale, side, side, fill=fill, line=BLUE, width=1.6)
        if view.mirrored:
            drawing.text((number % _ACROSS + 0.5) * _CELL, (number // _ACROSS + 1) * (_CELL + _LINE) - 22, mirrored)
    return drawing.html(label)
