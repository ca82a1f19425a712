"""The one contract of all questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import isclose
from random import Random

from explorer.catalog import collect, lookup
from explorer.errors import CatalogueError, UnknownEntry
from explorer.records import Formula, Problem, Verdict

Formulas = Mapping[str, Callable[[Problem], float]]

_DRAWS = 1_000
"""After so many unfit problems in a row, a question is taken to have no fit one."""


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """One question, answered by typing a number or by choosing a claim.

    `draw` makes a problem; `truth` computes its answer. A question for a number names `mistakes`: formulas that people
    use in place of the right one. A question for a reason offers `claims` instead: each a formula for what would be
    measured if it held, and exactly one of them gives the truth; who chooses another has made the mistake of that name.
    `working` puts the numbers of a problem into the right formula.
    """

    slug: str
    draw: Callable[[Random], Problem]
    truth: Callable[[Problem], float]
    mistakes: Formulas = field(default_factory=dict)
    claims: Formulas = field(default_factory=dict)
    working: Callable[[Problem], Formula] | None = None

    def __post_init__(self) -> None:
        if bool(self.mistakes) == bool(self.claims):
            raise CatalogueError(
                f"{self.slug!r} must have either mistakes (a number is typed) or claims to choose from."
            )


@cache
def questions() -> Mapping[str, QuestionSpec]:
    """All questions, by slug, in file order."""
    return collect("explorer.quiz.entries", QuestionSpec)


def question(slug: str) -> QuestionSpec:
    """A question by its slug. Raises `UnknownEntry`."""
    return lookup(questions(), slug, "question")


def problem(spec: QuestionSpec, seed: int) -> Problem:
    """The problem of a seed: always the same, and drawn again until no mistake leads to the right number.

    Claims differ among themselves by declaration, so that their truth is not computed before it is asked for.
    """
    rng = Random(seed)
    for _ in range(_DRAWS):
        drawn = spec.draw(rng)
        if spec.claims or not _leading_to(spec.truth(drawn), spec.mistakes, drawn):
            return drawn
    raise CatalogueError(f"{spec.slug!r} draws no problem in which all mistakes differ from the truth.")


def grade(spec: QuestionSpec, problem: Problem, answer: float | str) -> Verdict:
    """What is to be said of an answer: a number, or the code of a claim. Raises `UnknownEntry` for an unknown claim."""
    truth = spec.truth(problem)
    working = spec.working(problem) if spec.working else None
    if spec.claims:
        if answer not in spec.claims:
            raise UnknownEntry("claim", str(answer), spec.claims)
        (right,) = _leading_to(truth, spec.claims, problem)
        return Verdict(answer == right, truth, right, () if answer == right else (str(answer),), working)
    number = float(answer)
    correct = _same(number, truth)
    return Verdict(correct, truth, "", () if correct else _leading_to(number, spec.mistakes, problem), working)


def _leading_to(number: float, formulas: Formulas, problem: Problem) -> tuple[str, ...]:
    """The codes of the formulas that give a number."""
    return tuple(code for code, formula in formulas.items() if _same(formula(problem), number))


def _same(a: float, b: float) -> bool:
    """Equal as far as 32-bit floats can tell."""
    return isclose(a, b, rel_tol=1e-6)
