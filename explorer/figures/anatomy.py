"""A network from image to answer, with the words for its parts, and one of its blocks opened below it."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.figures.palette import BLUE, GREEN, ORANGE
from explorer.figures.svg import Drawing
from explorer.figures.theme import Theme, mixed

PATH = ("stem", "stage", "gap", "head", "logit", "softmax")
"""The terms along the row of a network; its stages are drawn one after the other."""

_WIDTH, _HEIGHT, _ROAD = 900.0, 330.0, 88.0
_GAP = 50.0
_STAGES = ((92.0, 22.0), (72.0, 34.0), (54.0, 50.0), (38.0, 72.0))
"""Height and width of the four stages: the grid shrinks and the channels grow."""


def anatomy(names: Mapping[str, str], image: str, *, theme: Theme, label: str) -> str:
    """The drawing as HTML. `names` has a name for every term of `PATH`, and for those of the block; `label` says it."""
    drawing = Drawing(theme, _WIDTH, _HEIGHT)
    left = _network(drawing, names, image)
    _block(drawing, names, left)
    return drawing.html(label, least=760)


def _network(drawing: Drawing, names: Mapping[str, str], image: str) -> tuple[float, float, float]:
    """The row from image to answer; returns the edges and the foot of the stage whose block is opened."""
    x, opened = 30.0, (0.0, 0.0, 0.0)
    x = _box(drawing, x, 58, 116, drawing.theme.muted, image)
    x = _box(drawing, x, 26, 104, ORANGE, names["stem"])
    first = x
    for number, (height, width) in enumerate(_STAGES):
        begin, x = x, _box(drawing, x, width, height, BLUE, "")
        if number == 2:
            opened = (begin, begin + width, _ROAD + height / 2)
    drawing.text((first + x - _GAP) / 2, 18, names["stage"] + " × 4", size=14, bold=True)
    x = _box(drawing, x, 10, 66, GREEN, names["gap"])
    x = _box(drawing, x, 26, 58, ORANGE, names["head"], below=True)
    x = _box(drawing, x, 12, 58, drawing.theme.muted, names["logit"])
    _box(drawing, x, 12, 58, GREEN, names["softmax"], below=True, arrow=False)
    return opened


def _box(
    drawing: Drawing,
    x: float,
    width: float,
    height: float,
    colour: str,
    name: str,
    *,
    below: bool = False,
    arrow: bool = True,
) -> float:
    """A part whose left edge is at `x`, its name above or below it; returns where the next one begins."""
    theme = drawing.theme
    drawing.rect(x, _ROAD - height / 2, width, height, fill=mixed(theme.paper, colour, 0.45), line=colour, width=1.5)
    if name:
        drawing.text(x + width / 2, _ROAD + height / 2 + 16 if below else 18, name, size=14, bold=True)
    if arrow:
        drawing.line(((x + width + 4, _ROAD), (x + width + _GAP - 5, _ROAD)), colour=theme.ink)
    return x + width + _GAP


def _block(drawing: Drawing, names: Mapping[str, str], stage: tuple[float, float, float]) -> None:
    """A bottleneck block: three convolutions, and the skip above them."""
    theme = drawing.theme
    begin, end, foot = stage
    left, right, top, road = 40.0, 860.0, 178.0, 268.0
    for corner, edge in ((begin, left), (end, right)):
        drawing.line(((corner, foot + 3), (edge, top)), colour=theme.muted, width=1, head=False)
    drawing.rect(left, top, right - left, 142, fill=theme.paper, line=theme.line)
    drawing.text(left + 12, top + 16, f"{names['bottleneck']}", size=14, anchor="start", bold=True)
    x = left + 70
    drawing.line(((left + 12, road), (x, road)), colour=theme.ink)
    after = f"{names['batch-norm']} · {names['relu']}"
    for number, kernel in enumerate(("1×1", "3×3", "1×1")):
        drawing.rect(x, road - 22, 84, 44, fill=mixed(theme.paper, BLUE, 0.3), line=BLUE, width=1.5)
        drawing.text(x + 42, road, kernel, size=15, mono=True)
        follows = names["batch-norm"] if number == 2 else after
        drawing.line(((x + 88, road), (x + 200, road)), colour=theme.ink)
        drawing.text(x + 144, road + 34, follows, size=11.5)
        x += 204
    drawing.circle(x + 8, road, 11, fill=theme.paper, line=ORANGE)
    drawing.text(x + 8, road, "+", size=16, bold=True)
    drawing.line(
        ((left + 40, road), (left + 40, road - 52), (x + 8, road - 52), (x + 8, road - 13)), colour=ORANGE, width=2.2
    )
    drawing.text((left + x) / 2, road - 64, names["shortcut"], size=14, bold=True)
    drawing.line(((x + 22, road), (right - 8, road)), colour=theme.ink)
    drawing.text(x + 58, road + 20, names["relu"], size=11.5)
