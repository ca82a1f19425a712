"""A residual block with numbers flowing through it, drawn with both of its paths."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.figures.palette import PLAIN
from explorer.figures.svg import Drawing, number
from explorer.figures.theme import Theme, colour_of_kind, mixed
from explorer.records.residual import BlockFlow

_W, _H, _M = 48.0, 28.0, 40.0  # a cell of a vector, the height of all cells, the width of a matrix's cell
_GAP, _TOP = 22.0, 34.0
_UNITS = 3
_MIDDLE = _TOP + _UNITS * _H / 2
_BELOW = _TOP + _UNITS * _H + 40


class _Flow:
    """Draws from left to right; `x` is where the next part begins."""

    def __init__(self, record: BlockFlow, theme: Theme, words: Mapping[str, str]) -> None:
        self.record, self.theme, self.words = record, theme, words
        self.drawing = Drawing(theme, 0, _BELOW + 56)
        self.x = 8.0
        values = (*record.x, *record.z1, *record.z2, *record.branch, *record.total)
        self.most = max(1.0, *(abs(value) for value in values))

    def vector(self, name: str, values: tuple[float, ...], under: str = "", marked: tuple[int, ...] = ()) -> float:
        """A column of cells with its name above and a word below; returns its middle."""
        drawing, middle = self.drawing, self.x + _W / 2
        drawing.text(middle, _TOP - 16, name, size=15, bold=True)
        for row, value in enumerate(values):
            line = colour_of_kind("linear") if row in marked else ""
            drawing.cell(self.x, _TOP + row * _H, _W, _H, value, most=self.most, line=line)
        if under:
            drawing.text(middle, _TOP + _UNITS * _H + 15, under, size=12, colour=self.theme.muted)
        self.x += _W
        return middle

    def arrow(self, word: str = "", length: float = _GAP) -> None:
        """To the right, with a word over it."""
        self.drawing.line([(self.x + 2, _MIDDLE), (self.x + length - 2, _MIDDLE)], colour=self.theme.muted)
        if word:
            self.drawing.text(self.x + length / 2, _MIDDLE - 13, word, size=12, colour=self.theme.muted)
        self.x += length

    def weights(self, index: str, matrix: tuple[tuple[float, ...], ...], biases: tuple[float, ...]) -> None:
        """W and b side by side, in a frame."""
        drawing, start = self.drawing, self.x
        frame = mixed(self.theme.paper, colour_of_kind("linear"), 0.75)
        for row, weights in enumerate(matrix):
            for column, weight in enumerate(weights):
                drawing.cell(start + column * _M, _TOP + row * _H, _M, _H, weight, most=1.0)
        wide = len(matrix[0]) * _M
        drawing.text(start + wide / 2, _TOP - 16, f"W^{{{index}}}", size=15, bold=True)
        for row, bias in enumerate(biases):
            drawing.cell(start + wide + 6, _TOP + row * _H, _M, _H, bias, most=1.0)
        drawing.text(start + wide + 6 + _M / 2, _TOP - 16, f"b^{{{index}}}", size=15, bold=True)
        drawing.rect(start - 4, _TOP - 4, wide + 6 + _M + 8, _UNITS * _H + 8, fill="none", line=frame, width=1.4)
        self.x += wide + 6 + _M

    def plus(self) -> float:
        """The sum; returns where it stands."""
        self.arrow(length=18)
        at = self.x + 13
        colour = colour_of_kind("add")
        self.drawing.circle(at, _MIDDLE, 13, fill=mixed(self.theme.paper, colour, 0.3), line=colour)
        self.drawing.text(at, _MIDDLE, "+", size=20, bold=True)
        self.x += 26
        return at

    def skip(self, start: float, end: float) -> None:
        """The way around: from below the input to the sum."""
        colour = mixed(colour_of_kind("add"), self.theme.ink, 0.15)
        points = [(start, _TOP + _UNITS * _H + 4), (start, _BELOW), (end, _BELOW), (end, _MIDDLE + 14)]
        self.drawing.line(points, colour=colour, width=2.6)
        shown = ", ".join(number(value) for value in self.record.x)
        words = f"{self.words['skip']}: ({shown})"
        self.drawing.text((start + end) / 2, _BELOW + 16, words, size=14, colour=colour)
        lost = ", ".join(number(value) for value in self.record.plain)
        colour = mixed(PLAIN, self.theme.ink, 0.25)
        self.drawing.text((start + end) / 2, _BELOW + 38, f"{self.words['plain']}: ({lost})", size=14, colour=colour)


def block_flow(record: BlockFlow, *, theme: Theme, words: Mapping[str, str], label: str) -> str:
    """The block as HTML: a^[l], the branch with all weights and values, the skip below it, the sum, and a^[l+2].

    Cells that the last ReLU sets to 0 have a frame. `words`: "skip" and "plain" (what each gives), "sum" (its name),
    "batch" (below what batch normalisation gives).
    """
    drawn, before = _Flow(record, theme, words), record.settings.order == "preact"
    start = drawn.vector("a^{[l]}", record.x)
    if before:
        drawn.arrow("g")
        drawn.vector("g(a^{[l]})", record.first)
    drawn.arrow()
    drawn.weights("[l+1]", record.w1, record.b1)
    drawn.arrow("=")
    drawn.vector("z^{[l+1]}", record.z1)
    drawn.arrow("g")
    drawn.vector("a^{[l+1]}", record.a1)
    drawn.arrow()
    drawn.weights("[l+2]", record.w2, record.b2)
    drawn.arrow("=")
    drawn.vector("z^{[l+2]}", record.z2)
    if record.mean:
        drawn.arrow("BN")
        drawn.vector("γ ẑ", record.branch, words["batch"])
    if record.settings.alpha != 1:
        drawn.arrow("·α")
        drawn.vector("α F", record.scaled)
    end = drawn.plus()
    drawn.arrow(length=18)
    if before:
        drawn.vector("a^{[l+2]}", record.out)
    else:
        drawn.vector(words["sum"], record.total, marked=record.cut)
        drawn.arrow("g")
        drawn.vector("a^{[l+2]}", record.out, marked=record.cut)
    drawn.skip(start, end)
    drawn.drawing.width = drawn.x + 8
    return drawn.drawing.html(label, least=860)
