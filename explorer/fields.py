"""The kinds of values that a page's state is made of: how each is read from an address, and written into one.

A page declares its state as one frozen dataclass of fields, called `STATE`, in `parts/<section>/<slug>.py`. A field may
be used with what is allowed at that moment (the layers of the model that is chosen, say): see `state.bind`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Grid = tuple[tuple[float, ...], ...]

_LONGEST = 20_000  # characters of a list in an address


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One value of a page's state.

    `name` is its parameter in the address; `parse` turns the text of that parameter into a value and raises
    `ValueError` for one that cannot be; `write` is its inverse. `codes` are all values of a choice that is always the
    same. `shared` names a value that several pages have in common: all others belong to the page that is open. `label`
    is the key of its name, `control.<name>` unless it says otherwise; `named` is the prefix of the keys of its codes.
    """

    name: str
    default: T
    parse: Callable[[str], T]
    write: Callable[[T], str] = str
    codes: tuple[T, ...] = ()
    low: float = 0
    high: float = 0
    step: float = 1
    shared: bool = False
    label: str = ""
    named: str = ""

    @property
    def words(self) -> str:
        """The key of its name among the strings."""
        return self.label or f"control.{self.name}"


@dataclass(frozen=True, slots=True)
class Family:
    """Fields whose names are known only when something is chosen: the options of a network, or of a method.

    `members` gives all that there can be, for tests.
    """

    prefix: str
    members: Callable[[], Sequence[Field[Any]]]


def choice(
    name: str, codes: Sequence[str], default: str = "", *, shared: bool = False, label: str = "", named: str = ""
) -> Field[str]:
    """One of a few codes, the first unless `default` says otherwise; each is named by the string `<named>.<code>`."""
    known = tuple(codes)

    def parse(raw: str) -> str:
        if raw not in known:
            raise ValueError(raw)
        return raw

    return Field(name, default or known[0], parse, codes=known, shared=shared, label=label, named=named or name)


def slug(name: str, default: str = "", *, shared: bool = False, label: str = "", longest: int = 200) -> Field[str]:
    """A code out of those that there are when it is asked for; see `allowed` of `state.bind`."""

    def parse(raw: str) -> str:
        if len(raw) > longest:
            raise ValueError(raw[:40])
        return raw

    return Field(name, default, parse, shared=shared, label=label)


def number(
    name: str, low: int, high: int, default: int = 0, *, step: int = 1, shared: bool = False, label: str = ""
) -> Field[int]:
    """A whole number from `low` to `high`."""
    return Field(name, default, _between(low, high, int), low=low, high=high, step=step, shared=shared, label=label)


def decimal(name: str, low: float, high: float, default: float, *, step: float = 1, label: str = "") -> Field[float]:
    """A number from `low` to `high`."""
    return Field(name, default, _between(low, high, float), _plainly, low=low, high=high, step=step, label=label)


def one_of(name: str, values: Sequence[Any], default: Any, *, label: str = "") -> Field[Any]:
    """One of a few numbers, words or switches, as they are."""
    by_text = {written(value): value for value in values}

    def parse(raw: str) -> Any:
        if raw not in by_text:
            raise ValueError(raw)
        return by_text[raw]

    return Field(name, default, parse, written, codes=tuple(values), label=label)


def flag(name: str, default: bool = False, *, label: str = "") -> Field[bool]:
    """On or off; 1 or 0 in the address."""
    return one_of(name, (True, False), default, label=label)


def text(name: str, longest: int = 100, *, label: str = "") -> Field[str]:
    """Words to look for; what is too long is cut."""
    return Field(name, "", lambda raw: raw[:longest], label=label)


def several(name: str, default: tuple[str, ...] = (), *, label: str = "", most: int = 100) -> Field[tuple[str, ...]]:
    """A list of codes out of those that there are; `a,b,c` in the address (`['a', 'b']` in older ones)."""

    def parse(raw: str) -> tuple[str, ...]:
        if len(raw) > _LONGEST:
            raise ValueError(raw[:40])
        found = tuple(dict.fromkeys(re.findall(r"[^\s,'\"\[\]]+", raw)))
        if len(found) > most:
            raise ValueError(raw[:40])
        return found

    return Field(name, default, parse, ",".join, label=label)


def cell(name: str, *, label: str = "") -> Field[tuple[int, int]]:
    """A place in a grid, (row, column); `row,column` in the address."""

    def parse(raw: str) -> tuple[int, int]:
        if not (found := re.fullmatch(r"(\d{1,5}),(\d{1,5})", raw, re.ASCII)):
            raise ValueError(raw[:40])
        return int(found[1]), int(found[2])

    return Field(name, (0, 0), parse, lambda place: f"{place[0]},{place[1]}", label=label)


def matrix(
    name: str, rows: int, columns: int, planes: int = 1, *, most: float = 9_999, label: str = ""
) -> Field[tuple[Grid, ...]]:
    """Grids of numbers of one shape, at most `planes` of `rows` x `columns`, none of them beyond `most`; () by default.

    In the address each grid begins with `m`, rows are parted by `*`, numbers by `_`, and `10x3` is a 10 three times:
    `m10x3_0x3*1_2_3_4_5_6`. None of these letters is escaped there. A number keeps six decimals.
    """

    def parse(raw: str) -> tuple[Grid, ...]:
        if len(raw) > _LONGEST or not raw.startswith("m"):
            raise ValueError(raw[:40])
        grids = tuple(tuple(_row(row, columns, most) for row in grid.split("*", rows)) for grid in raw[1:].split("m"))
        if (
            len(grids) > planes
            or any(len(g) > rows for g in grids)
            or len({(len(g), len(r)) for g in grids for r in g}) > 1
        ):
            raise ValueError(raw[:40])
        return grids

    return Field(name, (), parse, lambda grids: "".join(map(_grid_text, grids)), label=label)


_RUN = re.compile(r"(-?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6}))(?:x([1-9]\d{0,2}))?", re.ASCII)


def _row(raw: str, columns: int, most: float) -> tuple[float, ...]:
    """One row of a grid in an address. Raises `ValueError`."""
    numbers: list[float] = []
    for part in raw.split("_", columns):
        if not (found := _RUN.fullmatch(part)) or abs(value := float(found[1])) > most:
            raise ValueError(raw[:40])
        numbers += [value] * int(found[2] or 1)
        if len(numbers) > columns:
            raise ValueError(raw[:40])
    if not numbers:
        raise ValueError(raw[:40])
    return tuple(numbers)


def _grid_text(grid: Grid) -> str:
    runs = [[(_decimal(value), len(tuple(same))) for value, same in groupby(row)] for row in grid]
    return "m" + "*".join(
        "_".join(f"{value}x{n}" if n > 2 else "_".join([value] * n) for value, n in row) for row in runs
    )


def _decimal(value: float) -> str:
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def fields_of(state: Any) -> Iterator[Field[Any] | Family]:
    """All fields of a page's state, and of the groups of fields in it, in their order."""
    for each in fields(state):
        value = getattr(state, each.name)
        if isinstance(value, Field | Family):
            yield value
        elif is_dataclass(value):
            yield from fields_of(value)


def written(value: Any) -> str:
    """A value as it stands in an address."""
    return str(int(value)) if isinstance(value, bool) else _plainly(value) if isinstance(value, float) else str(value)


def _plainly(value: float) -> str:
    return f"{value:g}"


def _between(low: float, high: float, kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse(raw: str) -> Any:
        value = kind(raw[:40])
        if not low <= value <= high:  # NaN is outside as well
            raise ValueError(raw)
        return value

    return parse
