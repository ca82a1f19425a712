"""Feeding a device: how many loader workers are enough, and what a slower decoder or a faster device changes."""

from __future__ import annotations

from math import ceil, floor
from random import Random

from explorer.quiz.contract import QuestionSpec
from explorer.records import FeedRates, Problem


def _draw_workers(rng: Random) -> Problem:
    """Milliseconds of loading and of a step, neither a multiple of the other."""
    while True:
        loading, step = rng.randrange(60, 400, 10), rng.choice((7, 9, 11, 13, 15, 18, 22, 27, 35))
        if loading % step and loading > 2 * step:
            return Problem({"loading": loading, "step": step})


def enough(problem: Problem) -> float:
    """The first number of workers that load as fast as the device trains, found by trying."""
    rates = FeedRates(128, problem["loading"] / 1e3, 0.0, problem["step"] / 1e3)
    workers = 1
    while workers * rates.loader < rates.device:
        workers += 1
    return workers


def _draw_changed(rng: Random) -> Problem:
    """A pipeline far from its crossing on either side, of which one part becomes twice as fast."""
    bound, part = rng.choice(("loader", "device")), rng.choice(("decoder", "device"))
    step = rng.choice((12, 16, 20, 24))
    workers = rng.choice((2, 4, 6, 8))
    many = 5 if bound == "loader" else 0.2
    return Problem({"workers": workers, "step": step, "loading": round(step * workers * many)}, f"{bound}-{part}")


def ratio(problem: Problem) -> float:
    """Images/s after by images/s before, of a queue played through batch by batch."""
    workers, loading, step = (problem[name] for name in ("workers", "loading", "step"))
    before = _played(workers, loading, step)
    faster = (loading / 2, step) if problem.case.endswith("decoder") else (loading, step / 2)
    return round(before / _played(workers, *faster), 2)


def _played(workers: int, loading: float, step: float, batches: int = 4_000) -> float:
    """Milliseconds for so many batches: workers take turns, the device takes a batch when it is there."""
    free, device = [0.0] * workers, 0.0
    for number in range(batches):
        free[number % workers] += loading
        device = max(device, free[number % workers]) + step
    return device


def _in_turn(problem: Problem) -> float:
    """What would come of it if loading and training were never done at the same time."""
    loading, step = problem["loading"], problem["step"]
    faster = loading / 2 + step if problem.case.endswith("decoder") else loading + step / 2
    return round((loading + step) / faster, 2)


SPECS = (
    QuestionSpec(
        slug="loader-workers",
        draw=_draw_workers,
        truth=enough,
        mistakes={
            "rounded-down": lambda p: float(floor(p["loading"] / p["step"])),
            "inverse": lambda p: float(ceil(p["step"] / p["loading"])),
            "both": lambda p: float(ceil((p["loading"] + p["step"]) / p["step"])),
        },
    ),
    QuestionSpec(
        slug="twice-as-fast",
        draw=_draw_changed,
        truth=ratio,
        claims={
            "unchanged": lambda problem: 1.0,
            "doubled": lambda problem: 2.0,
            "in-turn": _in_turn,
        },
    ),
)
