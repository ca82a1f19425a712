"""Augmentation: how many inputs crops and mirror make of one image, and the unit of AlexNet's colour shift."""

from __future__ import annotations

from random import Random

from explorer.arithmetic import output_size
from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem


def _draw_crop(rng: Random) -> Problem:
    n = rng.choice((32, 36, 40, 64, 96, 128, 224, 256, 320))
    return Problem({"n": n, "f": n - rng.randint(3, max(4, n // 8))})


def _places(problem: Problem) -> int:
    """Windows along one axis: as many as a convolution with stride 1 has outputs."""
    return output_size(problem["n"], problem["f"]).value


def _working(problem: Problem) -> Formula:
    n, f = problem["n"], problem["f"]
    return Formula(2 * _places(problem) ** 2, "2 · (n − f + 1)^2", f"2 · ({n} − {f} + 1)^2")


def _draw_units(rng: Random) -> Problem:
    return Problem({"k": rng.randint(2, 255)}, rng.choice(("value", "root")))


def measured(problem: Problem) -> float:
    """By what factor AlexNet's shift grows, relative to the range, if pixels go from 0 to k instead of 0 to 1."""
    import torch

    from explorer.transforms import colour_shift

    k, root = problem["k"], problem.case == "root"
    pixels = torch.rand(3, 500, generator=torch.Generator().manual_seed(k), dtype=torch.float64)
    alphas = torch.tensor([0.1, -0.05, 0.02], dtype=torch.float64)
    before, after = (colour_shift(torch.cov(each), alphas, root=root) for each in (pixels, k * pixels))
    return float(after.norm() / (k * before.norm()))


SPECS = (
    QuestionSpec(
        slug="crop-count",
        draw=_draw_crop,
        truth=lambda problem: _working(problem).value,
        mistakes={
            "one-forgotten": lambda problem: 2 * (_places(problem) - 1) ** 2,
            "mirror-forgotten": lambda problem: _places(problem) ** 2,
            "one-axis": lambda problem: 2 * _places(problem),
            "sum": lambda problem: 4 * _places(problem),
        },
        working=_working,
    ),
    QuestionSpec(
        slug="pca-units",
        draw=_draw_units,
        truth=measured,
        claims={
            "same": lambda problem: 1.0,
            "times": lambda problem: float(problem["k"]),
            "square": lambda problem: float(problem["k"] ** 2),
            "weaker": lambda problem: 1 / problem["k"],
        },
    ),
)
