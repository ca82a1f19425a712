"""A question with its numbers, and what is said of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.records.traced import Formula


@dataclass(frozen=True, slots=True)
class Problem:
    """One drawing of a question: `numbers` fill its sentences; `case` names the sentences where there are several."""

    numbers: Mapping[str, int]
    case: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", MappingProxyType(dict(self.numbers)))

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of an answer.

    `truth` is the number that was computed; `claim` is the code of the claim that says so, where claims were offered.
    `mistakes` are the codes of all mistakes that lead to this answer: none where it is right, and none where it is
    wrong in a way nobody has named. `working` is the way to the truth where a formula leads there.
    """

    correct: bool
    truth: float
    claim: str = ""
    mistakes: tuple[str, ...] = ()
    working: Formula | None = None
