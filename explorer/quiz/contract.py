"""`QuestionSpec`, the interface of all questions; drawing a problem and grading an answer."""

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
"""After so many rejected problems in a row, a question is considered to have no valid one."""


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """A question, answered by typing a number or by choosing a claim.

    `draw` makes a problem; `truth` computes its answer. A question for a number names `mistakes`: wrong formulas that
    people use. A question for a reason has `claims` instead: each a formula for what would be measured if the claim
    were true, and exactly one of them gives the truth; choosing another is the mistake of that name. `working` is the
    right formula with the numbers of a problem.
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
    """The problem of a seed: deterministic, and redrawn until no mistake leads to the right number.

    Claims are declared to differ, so that the truth need not be computed here.
    """
    rng = Random(seed)
    for _ in range(_DRAWS):
        candidate = spec.draw(rng)
        if spec.claims or not _matching(spec.truth(candidate), spec.mistakes, candidate):
            return candidate
    raise CatalogueError(f"{spec.slug!r} draws no problem in which all mistakes differ from the truth.")


def grade(spec: QuestionSpec, problem: Problem, answer: float | str) -> Verdict:
    """Grade an answer: a number, or the code of a claim. Raises `UnknownEntry` for an unknown claim."""
    truth = spec.truth(problem)
    working = spec.working(problem) if spec.working else None
    if spec.claims:
        if answer not in spec.claims:
            raise UnknownEntry("claim", str(answer), spec.claims)
        (right,) = _matching(truth, spec.claims, problem)
        return Verdict(answer == right, truth, right, () if answer == right else (str(answer),), working)
    number = float(answer)
    correct = _same(number, truth)
    return Verdict(correct, truth, "", () if correct else _matching(number, spec.mistakes, problem), working)


def _matching(number: float, formulas: Formulas, problem: Problem) -> tuple[str, ...]:
    """The codes of the formulas that give a number."""
    return tuple(code for code, formula in formulas.items() if _same(formula(problem), number))


def _same(a: float, b: float) -> bool:
    """Whether two numbers are equal to the precision of float32."""
    return isclose(a, b, rel_tol=1e-6)
