"""Convolution: its weights, what a stack of them sees, and what becomes of a shift."""

from __future__ import annotations

from random import Random

from explorer.arithmetic.cost import filter_weights
from explorer.arithmetic.receptive import field_of_input, rf_window
from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem

# --- weights ----------------------------------------------------------------------------------------------------------


def _draw_weights(rng: Random) -> Problem:
    """A volume and a convolution over it; sides and channels all differ, so that none can stand for another."""
    channels, filters = rng.sample((3, 6, 8, 16, 24, 32, 64), 2)
    return Problem({"n": rng.choice((14, 28, 56)), "c": channels, "k": filters, "f": rng.choice((3, 5, 7))})


def _weights(problem: Problem) -> Formula:
    f, c, k = problem["f"], problem["c"], problem["k"]
    count, symbols, numbers = filter_weights((f, f), c, k)
    return Formula(count + k, f"{symbols} + n_C′", f"{numbers} + {k}")


def _without_bias(problem: Problem) -> int:
    return _weights(problem).value - problem["k"]


# --- the field of a stack ---------------------------------------------------------------------------------------------


def _draw_stack(rng: Random) -> Problem:
    """Three layers; the stride of the last moves nothing that one of its outputs reads."""
    first, second, third = (rng.choice((3, 5, 7)), rng.choice((2, 3)), rng.choice((3, 5)))
    return Problem({"f1": first, "s1": rng.choice((1, 2, 3)), "f2": second, "s2": rng.choice((1, 2)), "f3": third})


def _field(problem: Problem) -> int:
    field = field_of_input()
    for f, s in ((problem["f1"], problem["s1"]), (problem["f2"], problem["s2"]), (problem["f3"], 1)):
        field = rf_window(field, (f, f), (s, s))
    return field.size[0]


def _field_worked(problem: Problem) -> Formula:
    f1, s1, f2, s2, f3 = (problem[name] for name in ("f1", "s1", "f2", "s2", "f3"))
    return Formula(
        _field(problem),
        "1 + (f₁ − 1) + (f₂ − 1)·s₁ + (f₃ − 1)·s₁·s₂",
        f"1 + ({f1} − 1) + ({f2} − 1)·{s1} + ({f3} − 1)·{s1}·{s2}",
    )


def _sides(problem: Problem) -> tuple[int, int, int]:
    return problem["f1"], problem["f2"], problem["f3"]


def _late_jump(problem: Problem) -> int:
    """Every stride counted one layer too early."""
    f1, f2, f3 = _sides(problem)
    s1, s2 = problem["s1"], problem["s2"]
    return 1 + (f1 - 1) * s1 + (f2 - 1) * s1 * s2 + (f3 - 1) * s1 * s2


# --- a shift ----------------------------------------------------------------------------------------------------------

_SIDE = 64  # of the image in which something moves


def _draw_shift(rng: Random) -> Problem:
    """A shift of so many strides, with global pooling or without; the stride is neither 1 nor the kernel's side."""
    f, s = rng.choice(((3, 2), (5, 2), (5, 3), (5, 4), (7, 2), (7, 3), (3, 4)))
    return Problem({"f": f, "s": s, "t": s * rng.randint(1, 8)}, rng.choice(("map", "pooled")))


def _moved(problem: Problem) -> float:
    """By how many cells the response to a bright square moves when the square does: of a real convolution."""
    import torch
    from torch.nn import functional as F

    f, s, t = problem["f"], problem["s"], problem["t"]
    kernel = torch.ones(1, 1, f, f)
    at = []
    for left in (s, s + t):
        image = torch.zeros(1, 1, _SIDE, _SIDE)  # (B, C, H, W)
        image[..., s : s + f, left : left + f] = 1
        response = F.conv2d(image, kernel, stride=s)
        response = (F.adaptive_avg_pool2d(response, 1) if problem.case == "pooled" else response)[0, 0]  # (H, W)
        at.append(int(response.argmax()) % response.shape[1])
    return float(at[1] - at[0])


SPECS = (
    QuestionSpec(
        slug="conv-weights",
        draw=_draw_weights,
        truth=lambda problem: _weights(problem).value,
        mistakes={
            "no-bias": _without_bias,
            "one-bias": lambda p: _without_bias(p) + 1,
            "bias-per-input": lambda p: _without_bias(p) + p["c"],
            "one-channel": lambda p: (p["f"] ** 2 + 1) * p["k"],
            "one-filter": lambda p: p["f"] ** 2 * p["c"] + 1,
            "side-once": lambda p: (p["f"] * p["c"] + 1) * p["k"],
            "every-place": lambda p: _weights(p).value * (p["n"] - p["f"] + 1) ** 2,
            "fully-connected": lambda p: (p["n"] ** 2 * p["c"] + 1) * p["k"],
        },
        working=_weights,
    ),
    QuestionSpec(
        slug="stacked-field",
        draw=_draw_stack,
        truth=_field,
        mistakes={
            "strides-forgotten": lambda p: 1 + sum(f - 1 for f in _sides(p)),
            "summed": lambda p: sum(_sides(p)),
            "multiplied": lambda p: p["f1"] * p["f2"] * p["f3"],
            "early-strides": _late_jump,
            "last-alone": lambda p: p["f3"],
        },
        working=_field_worked,
    ),
    QuestionSpec(
        slug="shifted-output",
        draw=_draw_shift,
        truth=_moved,
        claims={
            "moves": lambda problem: problem["t"] / problem["s"],
            "stays": lambda problem: 0.0,
            "as-far": lambda problem: float(problem["t"]),
            "by-windows": lambda problem: problem["t"] / problem["f"],
        },
    ),
)
