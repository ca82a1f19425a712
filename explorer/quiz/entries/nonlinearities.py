"""Pooling and batch normalisation: how many numbers a pooled volume has, and what a bias before the norm does."""

from __future__ import annotations

from math import ceil
from random import Random

from explorer.arithmetic.sizes import output_size
from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem


def _draw_volume(rng: Random) -> Problem:
    """A volume and a window without padding that does not always end at its edge."""
    side, stride = rng.choice((2, 3, 3, 4)), rng.choice((1, 2, 2, 3))
    return Problem({"n": rng.randint(9, 30), "c": rng.choice((3, 6, 8, 16, 32)), "f": side, "s": stride})


def _along(problem: Problem) -> int:
    return output_size(problem["n"], problem["f"], s=problem["s"]).value


def pooled_numbers(problem: Problem) -> int:
    """Height times width times channels after pooling: every channel is pooled by itself."""
    return _along(problem) ** 2 * problem["c"]


def _working(problem: Problem) -> Formula:
    n, c, f, s = (problem[name] for name in "ncfs")
    along = _along(problem)
    substituted = f"(⌊({n} − {f})/{s}⌋ + 1)^2·{c} = {along}^2·{c}"
    return Formula(along**2 * c, "(⌊(n − f)/s⌋ + 1)^2·n_C", substituted)


def _rounded_up(problem: Problem) -> float:
    return float((ceil((problem["n"] - problem["f"]) / problem["s"]) + 1) ** 2 * problem["c"])


def _flipped(problem: Problem) -> float:
    """f and s confused; where that window does not fit, nothing that anybody would type."""
    return float(output_size(problem["n"], problem["s"], s=problem["f"]).value ** 2 * problem["c"])


# --- why: a bias before batch normalisation ---------------------------------------------------------------------------


def _draw_bias(rng: Random) -> Problem:
    """The mode, the bias that is added, and the standard deviation of the pre-activations."""
    return Problem({"by": rng.randint(2, 12), "std": rng.choice((2, 4, 5, 8))}, rng.choice(("training", "evaluation")))


def measured(problem: Problem) -> float:
    """By how much the output of batch normalisation moves when a bias is added before it, measured by torch.

    The batch has mean 0 and the given standard deviation, which the running statistics know; gamma is 1, beta 0.
    """
    import torch
    from torch import nn

    norm = nn.BatchNorm1d(1, eps=1e-12, momentum=0.0, dtype=torch.float64)
    z = torch.randn(256, 1, generator=torch.Generator().manual_seed(problem["by"]), dtype=torch.float64)
    z = (z - z.mean()) / z.std(correction=0) * problem["std"]
    assert norm.running_var is not None
    norm.running_var.fill_(float(problem["std"] ** 2))
    norm.train(problem.case == "training")
    with torch.no_grad():
        return round(float((norm(z + problem["by"]) - norm(z)).mean()), 6)


SPECS = (
    QuestionSpec(
        slug="pool-volume",
        draw=_draw_volume,
        truth=pooled_numbers,
        mistakes={
            "rounded-up": _rounded_up,
            "flipped": _flipped,
            "channels-pooled": lambda p: float(_along(p) ** 2),
            "size-kept": lambda p: float(p["n"] ** 2 * p["c"]),
            "one-forgotten": lambda p: float((_along(p) - 1) ** 2 * p["c"]),
            "stride-forgotten": lambda p: float((p["n"] - p["f"] + 1) ** 2 * p["c"]),
            "one-axis": lambda p: float(_along(p) * p["c"]),
        },
        working=_working,
    ),
    QuestionSpec(
        slug="bias-before-norm",
        draw=_draw_bias,
        truth=measured,
        claims={
            "nothing": lambda problem: 0.0,
            "divided": lambda problem: round(problem["by"] / problem["std"], 6),
            "whole": lambda problem: float(problem["by"]),
            "multiplied": lambda problem: float(problem["by"] * problem["std"]),
        },
    ),
)
