"""Averaged answers: how many forward passes views and networks cost, and whose mistakes a vote can mend."""

from __future__ import annotations

from itertools import product
from math import comb
from random import Random

from explorer.quiz.contract import QuestionSpec
from explorer.records import Problem


def _draw_crops(rng: Random) -> Problem:
    """Crops as Szegedy et al. 2015 count them (4 scales, 3 squares, 4 corners and the middle), and an ensemble."""
    numbers = {"scales": rng.choice((2, 3, 4)), "squares": rng.choice((2, 3)), "crops": rng.choice((4, 5))}
    return Problem({**numbers, "networks": rng.choice((2, 3, 5, 6, 7))})


def passes(problem: Problem) -> float:
    """Counted one by one: for every scale, square and network, each crop and the whole square, as it is and mirrored.

    Szegedy et al. 2015 (arXiv:1409.4842, section 7): 4 scales, 3 squares and 5 crops give 144 views.
    """
    pieces = [*(f"crop {number}" for number in range(problem["crops"])), "the whole square"]
    axes = (range(problem["networks"]), range(problem["scales"]), range(problem["squares"]), pieces, (False, True))
    return len(list(product(*axes)))


def _product(problem: Problem, *names: str) -> float:
    result = 1.0
    for name in names:
        result *= problem[name]
    return result


def _draw_votes(rng: Random) -> Problem:
    """An odd number of networks, each right on so many percent of the images; their errors the same or independent."""
    numbers = {"networks": rng.choice((3, 5, 7, 9)), "percent": rng.choice((60, 65, 70, 75, 80, 85, 90))}
    return Problem(numbers, rng.choice(("same", "independent")))


def voted(problem: Problem) -> float:
    """Percent of images on which the majority is right, summed over every pattern of right and wrong networks."""
    networks, share = problem["networks"], problem["percent"] / 100
    total = 0.0
    for pattern in product((0, 1), repeat=networks):
        if problem.case == "same":
            weight = {0: 1 - share, networks: share}.get(sum(pattern), 0.0)
        else:
            weight = share ** sum(pattern) * (1 - share) ** (networks - sum(pattern))
        total += weight * (sum(pattern) > networks / 2)
    return 100 * total


def _binomial(problem: Problem) -> float:
    """What a majority reaches if errors are independent of each other (Condorcet)."""
    networks, share = problem["networks"], problem["percent"] / 100
    most = range(networks // 2 + 1, networks + 1)
    return 100 * sum(comb(networks, k) * share**k * (1 - share) ** (networks - k) for k in most)


def _all_right(problem: Problem) -> float:
    """The share of images on which all are right, were errors independent."""
    return float(100 * (problem["percent"] / 100) ** problem["networks"])


SPECS = (
    QuestionSpec(
        slug="crop-cost",
        draw=_draw_crops,
        truth=passes,
        mistakes={
            "no-mirror": lambda p: _product(p, "networks", "scales", "squares") * (p["crops"] + 1),
            "no-whole": lambda p: _product(p, "networks", "scales", "squares", "crops") * 2,
            "one-network": lambda p: _product(p, "scales", "squares") * (p["crops"] + 1) * 2,
            "added": lambda p: float(p["networks"] + p["scales"] + p["squares"] + p["crops"] + 1 + 2),
        },
    ),
    QuestionSpec(
        slug="shared-mistakes",
        draw=_draw_votes,
        truth=voted,
        claims={
            "unchanged": lambda problem: float(problem["percent"]),
            "higher": _binomial,
            "lower": _all_right,
            "perfect": lambda problem: 100.0,
        },
    ),
)
"""Whether a vote helps is a matter of *whose* errors they are, not of how many vote."""
