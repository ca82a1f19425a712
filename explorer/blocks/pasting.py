"""A matrix that somebody pastes, in any usual form: spaces, tabs, commas, semicolons, NumPy's or Python's brackets."""

from __future__ import annotations

import re
from math import isfinite

from explorer.errors import BadMatrix
from explorer.records.convolving import Grid, Grids

_LONGEST = 20_000
_NUMBER = r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?"
_ENTRY = re.compile(rf"({_NUMBER})(?:/({_NUMBER}))?", re.ASCII)


def pasted(text: str, *, rows: int, columns: int, planes: int, most: float = 9_999) -> Grids:
    """The grids in a text: rows in lines, parted by semicolons or in brackets; grids parted by a blank line or in one
    pair of brackets more. Fractions like 1/9 are numbers.

    Raises `BadMatrix`, with the reason, for what is no matrix, is ragged, or is larger than `rows` x `columns`.
    """
    if len(text) > _LONGEST:
        raise BadMatrix("That is more text than the largest matrix has.", "long")
    parted = _split(_bare(text))
    if planes == 1:  # a blank line parts nothing then
        parted = [[row for grid in parted for row in grid]] if parted else []
    grids = tuple(tuple(_row(row, most) for row in grid) for grid in parted)
    if not grids:
        raise BadMatrix("There is no number in it.", "empty")
    shapes = {(len(grid), len(row)) for grid in grids for row in grid}
    if len(shapes) > 1:
        lengths = ", ".join(str(len(row)) for row in grids[0])
        raise BadMatrix("Its rows are not equally long.", "ragged", lengths=lengths if len(lengths) < 60 else "…")
    ((high, wide),) = shapes
    if high > rows or wide > columns or len(grids) > planes:
        raise BadMatrix("It is too large.", "large", rows=high, columns=wide, most_rows=rows, most_columns=columns)
    return grids


def read_grid(text: str, most: int) -> tuple[Grid, str]:
    """One grid of at most `most` x `most` numbers, and what is wrong: "" or "empty", "number", "ragged", "large"."""
    try:
        return pasted(text, rows=most, columns=most, planes=1)[0], ""
    except BadMatrix as problem:
        return (), {"most": "number", "long": "large"}.get(problem.reason, problem.reason)


def _bare(text: str) -> str:
    """The numbers with `\\n` between rows and a blank line between grids; words around them (`np.array`) are gone."""
    text = text.translate(str.maketrans("，；（）", ",;()"))
    bare = re.sub(
        r"\b(?:np|numpy|torch)\s*\.\s*(?:array|tensor|asarray)|\b(?:array|tensor)\b|dtype\s*=\s*[\w.]+", " ", text
    )
    if "[" in bare or "(" in bare or "{" in bare:
        bare = re.sub(r"[({]", "[", re.sub(r"[)}]", "]", bare)).replace("\n", " ")
        bare = re.sub(r"\]\s*,?\s*\]\s*,?\s*\[\s*\[", "\n\n", bare)  # where one grid ends and the next begins
        bare = re.sub(r"\]\s*[,;]?\s*\[", "\n", bare)
        bare = re.sub(r"[\[\]]", " ", bare)
    return bare.replace(";", "\n")


def _split(bare: str) -> list[list[str]]:
    """Rows as texts, grid by grid."""
    grids = [[line for line in grid.split("\n") if line.strip(" ,\t")] for grid in re.split(r"\n[ \t]*\n", bare)]
    return [grid for grid in grids if grid]


def _row(line: str, most: float) -> tuple[float, ...]:
    numbers = []
    for part in re.split(r"[\s,|]+", re.sub(r"\s*/\s*", "/", line.strip(" ,\t\r|"))):
        found = _ENTRY.fullmatch(part)
        if not found:
            raise BadMatrix("Something in it is no number.", "number", found=part[:20])
        over = _value(found[2]) if found[2] else 1.0
        value = _value(found[1]) / over if over else float("inf")
        if not isfinite(value) or abs(value) > most:
            raise BadMatrix("A number in it is too large.", "most", found=part[:20], most=most)
        numbers.append(round(value, 6) if value % 1 else value)
    return tuple(numbers)


def _value(text: str) -> float:
    return float(text.replace("−", "-"))


def written(grid: Grid) -> str:
    """A grid as text that can be pasted again: numbers parted by spaces, a line for each row."""
    return "\n".join(" ".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in row) for row in grid)
