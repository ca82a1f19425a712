"""One residual block: what the skip adds to its parameters, and what it gains for the gradient."""

from __future__ import annotations

from random import Random

from explorer.arithmetic.residual import block_kind
from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem

_NEVER = -1.0  # where a mistake cannot be made, no answer is it


def _draw_block(rng: Random) -> Problem:
    """A basic block with batch normalisation; its shortcut is the identity, zero padding or a projection."""
    n_in = rng.choice((8, 16, 24, 32, 48, 64, 128, 256))
    case = rng.choice(("identity", "padding", "projection"))
    n_out = n_in if case == "identity" else rng.choice((2, 3)) * n_in
    return Problem({"n_in": n_in, "n_out": n_out}, case)


def counted(problem: Problem) -> int:
    """The trainable parameters, layer by layer (a test holds them equal to those of the real module)."""
    option = "B" if problem.case == "projection" else "A"
    stride = 1 if problem.case == "identity" else 2
    return block_kind("basic", problem["n_in"], problem["n_out"], 32, stride, option).parameters


def _branch(problem: Problem) -> int:
    return 9 * problem["n_in"] * problem["n_out"] + 9 * problem["n_out"] ** 2 + 4 * problem["n_out"]


def _projection(problem: Problem) -> int:
    return problem["n_in"] * problem["n_out"] + 2 * problem["n_out"]


def _right(problem: Problem) -> int:
    return _branch(problem) + (_projection(problem) if problem.case == "projection" else 0)


def _working(problem: Problem) -> Formula:
    n, m = problem["n_in"], problem["n_out"]
    symbols, numbers = "3·3·n_C·n_C′ + 3·3·n_C′·n_C′ + 2·2·n_C′", f"3·3·{n}·{m} + 3·3·{m}·{m} + 2·2·{m}"
    if problem.case == "projection":
        symbols, numbers = f"{symbols} + n_C·n_C′ + 2·n_C′", f"{numbers} + {n}·{m} + 2·{m}"
    return Formula(_right(problem), symbols, numbers)


def _draw_chain(rng: Random) -> Problem:
    """A chain of blocks whose branches have all the same slope, in hundredths; with the skip or without it."""
    slope = rng.choice((20, 25, 30, 40, 60))
    return Problem({"blocks": rng.randint(4, 14), "slope": slope}, rng.choice(("plain", "residual", "negative")))


def _slope(problem: Problem) -> float:
    return (-1 if problem.case == "negative" else 1) * problem["slope"] / 100


def passed(problem: Problem) -> float:
    """What becomes of a gradient of 1 on its way back through the chain: autograd on one number a layer."""
    import torch

    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    out = x
    for _ in range(problem["blocks"]):
        branch = _slope(problem) * out
        out = branch if problem.case == "plain" else out + branch
    (gradient,) = torch.autograd.grad(out, x)
    return float(gradient)


SPECS = (
    QuestionSpec(
        slug="residual-parameters",
        draw=_draw_block,
        truth=counted,
        mistakes={
            "skip-has-weights": lambda p: _NEVER if p.case == "projection" else float(_branch(p) + _projection(p)),
            "sum-has-weights": lambda p: float(_right(p) + p["n_out"]),
            "projection-free": lambda p: float(_branch(p)) if p.case == "projection" else _NEVER,
            "projection-3x3": lambda p: (
                float(_right(p) + 8 * p["n_in"] * p["n_out"]) if p.case == "projection" else _NEVER
            ),
            "bn-forgotten": lambda p: float(
                9 * p["n_in"] * p["n_out"] + 9 * p["n_out"] ** 2 + (p["n_in"] * p["n_out"]) * (p.case == "projection")
            ),
            "biases": lambda p: float(_right(p) + 2 * p["n_out"] + p["n_out"] * (p.case == "projection")),
            "one-layer": lambda p: float(_right(p) - 9 * p["n_out"] ** 2 - 2 * p["n_out"]),
        },
        working=_working,
    ),
    QuestionSpec(
        slug="gradient-chain",
        draw=_draw_chain,
        truth=passed,
        claims={
            "product": lambda p: _slope(p) ** p["blocks"],
            "one-plus": lambda p: (1 + _slope(p)) ** p["blocks"],
            "unchanged": lambda p: 1.0,
            "one-plus-product": lambda p: 1 + _slope(p) ** p["blocks"],
            "sum": lambda p: 1 + p["blocks"] * _slope(p),
        },
    ),
)
