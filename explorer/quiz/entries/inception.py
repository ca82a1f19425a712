"""1x1 and Inception: what a bottleneck and a pool branch cost, and what cannot pass a narrow place."""

from __future__ import annotations

from random import Random

from explorer.quiz.contract import QuestionSpec
from explorer.records import Formula, Problem


def _draw_cost(rng: Random) -> Problem:
    """A volume, a bottleneck, and an f x f convolution without padding behind it."""
    n, f = rng.choice((6, 7, 8, 10, 12)), rng.choice((3, 5))
    channels, reduced, out = rng.choice((16, 32, 64, 96)), rng.choice((4, 8)), rng.choice((8, 16, 24, 32))
    return Problem({"n": n, "side": n - f + 1, "f": f, "channels": channels, "reduced": reduced, "out": out})


def cost(problem: Problem) -> int:
    """Multiplications, counted on the shapes of the two weights: each is used at every position of its own output."""
    p = problem
    first, second = (p["reduced"], p["channels"], 1, 1), (p["out"], p["reduced"], p["f"], p["f"])
    total = 0
    for (a, b, f_h, f_w), side in ((first, p["n"]), (second, p["side"])):
        total += a * b * f_h * f_w * side * side
    return total


def _first(p: Problem) -> int:
    return p["n"] ** 2 * p["channels"] * p["reduced"]


def _second(p: Problem, side: str = "side") -> int:
    return int(p[side] ** 2 * p["f"] ** 2 * p["reduced"] * p["out"])


def _working_cost(p: Problem) -> Formula:
    numbers = f"{p['n']}²·{p['channels']}·{p['reduced']} + {p['side']}²·{p['f']}²·{p['reduced']}·{p['out']}"
    return Formula(_first(p) + _second(p), "n²·n_C·r + n′²·f²·r·n_C′", numbers)


def _draw_pool(rng: Random) -> Problem:
    """A volume, and the channels of the projection behind the pool."""
    numbers = {"n": rng.choice((5, 6, 7, 8)), "channels": rng.choice((32, 64, 96, 128))}
    return Problem({**numbers, "out": rng.choice((8, 16, 24, 32, 48))})


def _working_pool(p: Problem) -> Formula:
    value = p["n"] ** 2 * p["channels"] * p["out"]
    return Formula(value, "n²·n_C·n_C′", f"{p['n']}²·{p['channels']}·{p['out']}")


def _draw_rank(rng: Random) -> Problem:
    """Channels in, a narrower or a wider place, more channels out."""
    channels, case = rng.choice((24, 32, 48, 64, 96)), rng.choice(("narrow", "wide"))
    between = rng.choice((2, 3, 4, 6, 8, 12, 16)) if case == "narrow" else channels + rng.choice((24, 40, 48, 64))
    return Problem({"channels": channels, "reduced": between, "out": channels + rng.choice((8, 16, 32))}, case)


def measured_rank(problem: Problem) -> float:
    """The rank of what two random 1x1 layers compute together, without a non-linearity between them."""
    import numpy as np

    generator = np.random.default_rng(problem["channels"])
    first = generator.standard_normal((problem["reduced"], problem["channels"]))
    second = generator.standard_normal((problem["out"], problem["reduced"]))
    return float(np.linalg.matrix_rank(second @ first))


SPECS = (
    QuestionSpec(
        slug="bottleneck-cost",
        draw=_draw_cost,
        truth=cost,
        mistakes={
            "no-reduce": lambda p: float(_second(p)),
            "only-reduce": lambda p: float(_first(p)),
            "no-bottleneck": lambda p: float(p["side"] ** 2 * p["f"] ** 2 * p["channels"] * p["out"]),
            "n-for-n": lambda p: float(_first(p) + _second(p, "n")),
            "f-once": lambda p: float(_first(p) + _second(p) // p["f"]),
        },
        working=_working_cost,
    ),
    QuestionSpec(
        slug="pool-branch",
        draw=_draw_pool,
        truth=lambda p: p["n"] ** 2 * p["channels"] * p["out"],
        mistakes={
            "pool-multiplied": lambda p: float(p["n"] ** 2 * (9 * p["channels"] + p["channels"] * p["out"])),
            "three-by-three": lambda p: float(9 * p["n"] ** 2 * p["channels"] * p["out"]),
            "does-nothing": lambda p: 0.0,
            "one-channel": lambda p: float(p["n"] ** 2 * p["out"]),
            "parameters": lambda p: float(p["channels"] * p["out"] + p["out"]),
        },
        working=_working_pool,
    ),
    QuestionSpec(
        slug="bottleneck-rank",
        draw=_draw_rank,
        truth=measured_rank,
        claims={
            "narrowest": lambda p: float(p["reduced"]),
            "nothing-lost": lambda p: float(p["channels"]),
            "restored": lambda p: float(p["out"]),
            "scaled": lambda p: 1.0,
        },
    ),
)
