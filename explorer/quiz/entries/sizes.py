"""Output sizes of feature maps."""

from __future__ import annotations

from random import Random

from explorer.arithmetic import output_size
from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem


def _draw(rng: Random) -> Problem:
    """Cells must be left over after the last window, so that rounding down matters: a stride of 2 or more."""
    f = rng.choice((3, 4, 5, 7, 11))
    numbers = {"n": rng.randint(2 * f, 128), "f": f, "s": rng.choice((2, 3, 4)), "p": rng.randint(1, min(f - 1, 5))}
    return Problem(numbers)


def _working(problem: Problem) -> Formula:
    return output_size(problem["n"], problem["f"], s=problem["s"], p=problem["p"])


def _with(problem: Problem, added: int) -> int:
    """The right formula with another number of cells added to the side in place of 2p."""
    return (problem["n"] + added - problem["f"]) // problem["s"] + 1


def _rounded_up(problem: Problem) -> int:
    return -(-(problem["n"] + 2 * problem["p"] - problem["f"]) // problem["s"]) + 1


SPECS = (
    QuestionSpec(
        slug="conv-output-size",
        draw=_draw,
        truth=lambda problem: _working(problem).value,
        mistakes={
            "padding-forgotten": lambda problem: _with(problem, 0),
            "padding-once": lambda problem: _with(problem, problem["p"]),
            "one-forgotten": lambda problem: _with(problem, 2 * problem["p"]) - 1,
            "rounded-up": _rounded_up,
        },
        working=_working,
    ),
)
