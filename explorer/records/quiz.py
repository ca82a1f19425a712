"""A quiz question with its numbers, and the verdict on an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.records.traced import Formula


@dataclass(frozen=True, slots=True)
class Problem:
    """A randomly drawn instance of a question: `numbers` fill its text; `case` selects one of several texts."""

    numbers: Mapping[str, int]
    case: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", MappingProxyType(dict(self.numbers)))

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on an answer.

    `truth` is the computed number; `claim` is the code of the true claim, where the question offers claims.
    `mistakes` are the codes of all known mistakes that lead to this answer: none where it is right or matches none.
    `working` is the formula of the truth, where there is one.
    """

    correct: bool
    truth: float
    claim: str = ""
    mistakes: tuple[str, ...] = ()
    working: Formula | None = None
