"""Small images in a row, each with its words, as HTML that carries them along."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Tile:
    """One of several small images in a row: a PNG, the words below it, and other words for those who do not see it.

    `opens` is the number that a click on it tells `components.opening`; 0 for one that opens nothing.
    """

    png: bytes
    words: str
    alt: str = ""
    opens: int = 0


def tiled(tiles: Sequence[Tile], width: int, *, pairs: bool = False) -> str:
    """Tiles as HTML, each `width` pixels wide (0: as wide as there is room): buttons where they open something.

    On a whole screen they stand in as many rows as leave them largest. `pairs` puts every second one below the one
    before it, on a phone beside it; the first line of their words is a heading.
    """
    wide = f"{width}px" if width else "100%"
    across = len(tiles) if len(tiles) < 5 else -(-len(tiles) // (2 if len(tiles) < 15 else 3))
    style = f"--across: {across}; --down: {-(-len(tiles) // across)}; --wide: {wide}"
    kind = "atlas-tiles atlas-pairs" if pairs else "atlas-tiles"
    return f'<div class="{kind}" style="{style}">{"".join(map(_figure, tiles))}</div>'


def _figure(tile: Tile) -> str:
    source, alt = b64encode(tile.png).decode(), escape(tile.alt or tile.words, quote=True)
    button = f' role="button" tabindex="0" data-opens="{tile.opens}" aria-label="{alt}"' if tile.opens else ""
    words = f"<figcaption>{escape(tile.words)}</figcaption>" if tile.words else ""
    return f'<figure{button}><img src="data:image/png;base64,{source}" alt="{alt}">{words}</figure>'
