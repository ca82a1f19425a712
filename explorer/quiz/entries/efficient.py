"""Separable convolutions and linear bottlenecks: what two steps cost, and what a ReLU leaves of a narrow volume."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np

from explorer.arithmetic import full, separable
from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem

_POINTS = 720


def _draw_layer(rng: Random) -> Problem:
    """A small layer without padding, as on the slide."""
    f = rng.choice((3, 5))
    return Problem(
        {"side": rng.randint(f + 2, 14), "n_in": rng.randint(2, 16), "n_out": rng.randint(3, 32), "f": f},
    )


def _out(problem: Problem) -> int:
    return problem["side"] - problem["f"] + 1


def _working(problem: Problem) -> Formula:
    out, f, n_in, n_out = _out(problem), problem["f"], problem["n_in"], problem["n_out"]
    first, second = separable(problem["side"], n_in, n_out, f)
    return Formula(
        first.macs.value + second.macs.value,
        "n′·n′·f·f·n_C + n′·n′·n_C·n_C′",
        f"{out}·{out}·{f}·{f}·{n_in} + {out}·{out}·{n_in}·{n_out}",
    )


def _draw_expansion(rng: Random) -> Problem:
    """A random expansion of two numbers to a few, after which some points are lost and some are not."""
    while True:
        n, draw = rng.randint(2, 7), rng.randint(1, 99)
        if _share_with_two(n, draw) not in (0.0, 0.5, 1.0):
            return Problem({"n": n, "draw": draw}, rng.choice(("relu", "linear")))


def _expansion(n: int, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """The matrix (n, 2), and points of the circle (N, 2)."""
    angle = np.linspace(0, 2 * np.pi, _POINTS, endpoint=False)
    return np.random.default_rng([draw, n]).normal(size=(n, 2)), np.stack([np.cos(angle), np.sin(angle)], 1)


@cache
def _share_with_two(n: int, draw: int) -> float:
    """Share of the points at which at least two units are on."""
    matrix, points = _expansion(n, draw)
    return float((((points @ matrix.T) > 0).sum(1) >= 2).mean())


def _measured(problem: Problem) -> float:
    """Share of the points at which the equations that are left determine both numbers: a rank of two."""
    import torch

    matrix, points = map(torch.from_numpy, _expansion(problem["n"], problem["draw"]))
    wide = points @ matrix.T  # (N, n)
    on = wide > 0 if problem.case == "relu" else torch.ones_like(wide, dtype=torch.bool)
    left = matrix[None] * on[..., None]  # (N, n, 2), rows of units that are off are zero
    return float((torch.linalg.matrix_rank(left) == 2).double().mean())


SPECS = (
    QuestionSpec(
        slug="separable-cost",
        draw=_draw_layer,
        truth=lambda problem: _working(problem).value,
        mistakes={
            "forgot-pointwise": lambda p: _out(p) ** 2 * p["f"] ** 2 * p["n_in"],
            "forgot-depthwise": lambda p: _out(p) ** 2 * p["n_in"] * p["n_out"],
            "depthwise-full": lambda p: _out(p) ** 2 * p["n_in"] * (p["f"] ** 2 * p["n_in"] + p["n_out"]),
            "whole": lambda p: full(p["side"], p["n_in"], p["n_out"], p["f"]).macs.value,
            "input-side": lambda p: p["side"] ** 2 * p["n_in"] * (p["f"] ** 2 + p["n_out"]),
            "weights-only": lambda p: p["n_in"] * (p["f"] ** 2 + p["n_out"]),
        },
        working=_working,
    ),
    QuestionSpec(
        slug="linear-bottleneck",
        draw=_draw_expansion,
        truth=_measured,
        claims={
            "all": lambda p: 1.0,
            "enough": lambda p: _share_with_two(p["n"], p["draw"]),
            "half": lambda p: 0.5,
            "none": lambda p: 0.0,
        },
    ),
)
