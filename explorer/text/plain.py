"""Escape untrusted text (from files, addresses, disks) for Markdown, HTML and the labels of widgets."""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = str.maketrans(
    {
        "[": "［",  # links, images, colours
        "]": "］",
        "<": "‹",  # HTML, and links in angle brackets
        ">": "›",
        "`": "ˋ",
        "*": "∗",
        "~": "∼",
        "$": "＄",  # formulas
        "\\": "＼",
        "@": "＠",  # an address of mail becomes a link
    }
)
_COLON_IN_WORD = re.compile(r":(?!\s)")  # icons, emoji and colours (":material/lock:"), and what links "http://"
_ENTITY = re.compile(r"&(?=#?\w+;)")
_HOST = re.compile(r"(?<=www)\.", re.IGNORECASE)
_HIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI_CONTROLS = frozenset(  # the direction of what follows
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def plain(value: object, most: int = 80) -> str:
    """Text on one line, of at most `most` characters, without any markup, link, icon or formula.

    Characters that could begin one are replaced by lookalikes, so that the text reads the same where Markdown is
    rendered and where it is not (a figure, an option of a menu). Ordinary names are not changed.
    """
    shown = "".join(" " if _is_hidden(char) else char for char in str(value)[: 4 * most])
    shown = " ".join(shown.split())
    shown = shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"
    shown = _ENTITY.sub("＆", _HOST.sub("․", _COLON_IN_WORD.sub("∶", shown)))
    return shown.translate(_LOOKALIKES)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or char in _BIDI_CONTROLS
