"""Transfer learning: how large a new head is, and what freezing does not freeze."""

from __future__ import annotations

from random import Random

from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem

_STAGES = ((16, 112), (24, 56), (40, 28), (80, 14), (112, 14), (192, 7), (320, 7), (1280, 7))
"""Channels and side of the maps that EfficientNet-Lite0's stages 2 to 8 give, and its head's 1x1 convolution."""


def _draw_head(rng: Random) -> Problem:
    """Maps of a stage of EfficientNet-Lite0, and a number of new classes."""
    channels, side = rng.choice(_STAGES)
    return Problem({"channels": channels, "side": side, "classes": rng.randint(2, 20)})


def _working(problem: Problem) -> Formula:
    channels, classes = problem["channels"], problem["classes"]
    return Formula(channels * classes + classes, "n·n′ + n′", f"{channels}·{classes} + {classes}")


def _draw_statistics(rng: Random) -> Problem:
    """So many batches, in the mode for training or in that for evaluation."""
    return Problem({"batches": rng.randint(2, 40)}, rng.choice(("training", "evaluation")))


def _running_mean(problem: Problem) -> float:
    """The running mean of a frozen batch normalisation that began at 0 and saw batches of mean 1 (momentum 0.1)."""
    import torch
    from torch import nn

    norm = nn.BatchNorm2d(1, momentum=0.1, dtype=torch.float64).requires_grad_(False)
    norm.train(problem.case == "training")
    batch = torch.tensor([0.0, 2.0], dtype=torch.float64).reshape(2, 1, 1, 1)  # (B, C, H, W), mean 1
    for _ in range(problem["batches"]):
        norm(batch)
    assert norm.running_mean is not None
    return float(norm.running_mean[0])


SPECS = (
    QuestionSpec(
        slug="head-parameters",
        draw=_draw_head,
        truth=lambda problem: _working(problem).value,
        mistakes={
            "no-bias": lambda p: p["channels"] * p["classes"],
            "one-bias": lambda p: p["channels"] * p["classes"] + 1,
            "not-averaged": lambda p: (p["channels"] * p["side"] ** 2 + 1) * p["classes"],
            "old-classes": lambda p: (p["channels"] + 1) * 1000,
        },
        working=_working,
    ),
    QuestionSpec(
        slug="frozen-statistics",
        draw=_draw_statistics,
        truth=_running_mean,
        claims={
            "stays": lambda problem: 0.0,
            "follows": lambda problem: 1 - 0.9 ** problem["batches"],
            "halves": lambda problem: 0.5,
            "replaced": lambda problem: 1.0,
        },
    ),
)
