"""A matrix as people paste it: from a paper, a notebook, a spreadsheet."""

from __future__ import annotations

import re
from fractions import Fraction

from explorer.records import Grid

MOST_DIGITS = 6
"""Decimals that a number keeps."""

_NUMBER = re.compile(r"[+-]?(\d{1,4}(\.\d{0,6})?|\.\d{1,6})(/\d{1,6})?", re.ASCII)


def read_grid(pasted: str, most: int) -> tuple[Grid, str]:
    """A grid of at most `most` x `most` numbers, and what is wrong with it: "" or "empty", "number", "ragged", "large".

    Rows are parted by line breaks, semicolons or brackets, numbers by spaces, commas or tabs; 1/9 is a number as well.
    """
    flat = pasted[:20_000].replace("−", "-").replace("，", ",").replace("；", ";")
    if "]" in flat:  # [[1, 0], [2, 0]]: as NumPy and PyTorch print it
        flat = flat.replace("\n", " ").replace("]", "\n")
    lines = [re.split(r"[\s,]+", line.strip(" \t\r,[](){}")) for line in re.split(r"[\n;]", flat)]
    rows = [line for line in lines if line != [""]]
    if not rows:
        return (), "empty"
    if any(not _NUMBER.fullmatch(part) or _by_zero(part) for row in rows for part in row):
        return (), "number"
    if len({len(row) for row in rows}) > 1:
        return (), "ragged"
    if len(rows) > most or len(rows[0]) > most:
        return (), "large"
    return tuple(tuple(_value(part) for part in row) for row in rows), ""


def _by_zero(part: str) -> bool:
    return "/" in part and int(part.partition("/")[2]) == 0


def _value(part: str) -> float:
    whole, _, below = part.partition("/")
    return round(float(Fraction(whole) / Fraction(below or "1")), MOST_DIGITS)


def written(grid: Grid) -> str:
    """A grid to look at and to edit: a line a row."""
    return "\n".join(" ".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in row) for row in grid)
