"""Parts of drawings in SVG: cells with their numbers, grids, arrows, names with raised indices.

For figures that are diagrams of numbers: sharp at any size, small, and changed without a flicker.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from explorer.figures.palette import SIGNED
from explorer.figures.theme import MONO, SANS, Theme, mixed

Anchor = Literal["start", "middle", "end"]


_URI = "data:image/svg+xml;base64,"


def file_of(html: str) -> bytes:
    """The SVG file inside what `Drawing.html` has made."""
    (source,) = re.findall(f'src="{re.escape(_URI)}([^"]*)"', html)
    return b64decode(source)


@dataclass(slots=True)
class Drawing:
    """A drawing of `width` x `height` units."""

    theme: Theme
    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def html(self, label: str, least: int = 0, most: int = 0) -> str:
        """The drawing for a page, as wide as its place, but not below `least` pixels (it then scrolls) or above `most`.

        `label` says what it shows, to screen readers. It is an image in HTML: pages take no SVG but as one.
        """
        said = escape(label, quote=True)
        size = f"width:100%;min-width:{least}px;max-height:86vh;display:block"
        size += f";max-width:{most}px" if most else ""
        source = b64encode(self.svg().encode()).decode()
        return (
            f'<div style="overflow-x:auto" tabindex="0" role="group" aria-label="{said}">'
            f'<img src="{_URI}{source}" alt="{said}" style="{size}"></div>'
        )

    def svg(self) -> str:
        """The drawing as a file."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}" font-family="{escape(SANS, quote=True)}">'
            f"{''.join(self.parts)}</svg>"
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13,
        colour: str = "",
        anchor: Anchor = "middle",
        mono: bool = False,
        bold: bool = False,
    ) -> None:
        """Words whose middle line is at `y`; what stands in `^{...}` is raised, in `_{...}` lowered."""
        look = f' font-family="{escape(MONO, quote=True)}"' if mono else ""
        look += ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y + 0.35 * size:g}" font-size="{size:g}" fill="{colour or self.theme.ink}" '
            f'text-anchor="{anchor}"{look}>{_indexed(words, size)}</text>'
        )

    def rect(
        self, x: float, y: float, w: float, h: float, *, fill: str, line: str = "", width: float = 1, dash: str = ""
    ) -> None:
        """A rectangle with slightly round corners."""
        stroke = f' stroke="{line}" stroke-width="{width:g}"' if line else ""
        stroke += f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="3" fill="{fill}"{stroke}></rect>'
        )

    def line(
        self, points: Sequence[tuple[float, float]], *, colour: str, width: float = 1.6, head: bool = True
    ) -> None:
        """A polyline, with an arrow head at its end."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"></polyline>'
        )
        if head:
            (x0, y0), (x1, y1) = points[-2:]
            along = ((x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0))
            size = 4 + width
            back = (x1 - along[0] * size, y1 - along[1] * size)
            side = (along[1] * size * 0.6, along[0] * size * 0.6)
            corners = [(x1, y1), (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
            shape = " ".join(f"{x:g},{y:g}" for x, y in corners)
            self.parts.append(f'<polygon points="{shape}" fill="{colour}"></polygon>')

    def circle(self, x: float, y: float, radius: float, *, fill: str, line: str) -> None:
        """A circle."""
        self.parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{line}" stroke-width="1.6"></circle>'
        )

    def cell(self, x: float, y: float, w: float, h: float, value: float, *, most: float, line: str = "") -> None:
        """A number on the colour of its sign and size; `most` is the size that has the full colour."""
        self.rect(x, y, w, h, fill=self.tint(value, most), line=line or self.theme.line, width=2 if line else 1)
        self.text(x + w / 2, y + h / 2, number(value), size=min(13, 0.29 * w), mono=True)

    def tint(self, value: float, most: float) -> str:
        """Orange for positive numbers, blue for negative ones, the paper's colour for 0."""
        strength = min(1.0, abs(value) / most) if most else 0.0
        return mixed(self.theme.paper, SIGNED[4] if value > 0 else SIGNED[2], 0.75 * strength)


def number(value: float) -> str:
    """A number with two decimals and a true minus; a 0 is "0"."""
    rounded = round(value, 2)
    return "0" if rounded == 0 else f"{rounded:.2f}".replace("-", "−")


def _indexed(words: str, size: float) -> str:
    """Escaped words with raised and lowered indices as spans; what follows them is on the line again."""
    parts, back = [], 0.0
    for piece in re.split(r"([\^_]\{[^}]*\})", words):
        if not piece:
            continue
        if piece[:2] in {"^{", "_{"}:
            shift = (-0.38 if piece[0] == "^" else 0.25) * size
            parts.append(f'<tspan dy="{shift + back:g}" font-size="{0.72 * size:g}">{escape(piece[2:-1])}</tspan>')
            back = -shift
        else:
            parts.append(f'<tspan dy="{back:g}">{escape(piece)}</tspan>' if back else escape(piece))
            back = 0.0
    return "".join(parts)
