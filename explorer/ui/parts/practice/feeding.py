"""The page Feeding the GPU: its state, the prediction, and which recorded timelines there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from explorer.fields import Field, choice, decimal, flag, number, one_of
from explorer.records import FeedConfig, FeedRates, FeedResult
from explorer.ui.cached.practice import feeding as cached_feeding
from explorer.ui.shell import predict, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

WORKERS = (0, 1, 2, 3, 4, 8, 12, 16)
PREFETCH = (1, 2, 8)
_CLAIMS = {"two": 2, "four": 4, "eight": 8, "more": 10**6}


@dataclass(frozen=True, slots=True)
class FeedingState:
    """What is chosen on the page: a machine, workers and switches; a decoder and steps of other speeds; live settings.

    `step` is in milliseconds, 0 for the measured one. `most`, `live_step` and `attempt` are those of a measurement on
    this machine; 0: there was none.
    """

    machine: Field[str] = choice("machine", ("gpu", "cpu"), named="feeding.machine", label="feeding.recorded_on")
    workers: Field[int] = one_of("workers", WORKERS, 4, label="feeding.workers")
    pinned: Field[bool] = flag("pinned", True, label="feeding.pinned")
    prefetch: Field[int] = one_of("prefetch", PREFETCH, 2, label="feeding.prefetch")
    whole: Field[bool] = flag("whole", label="feeding.whole")
    factor: Field[float] = decimal("factor", 0.25, 4.0, 1.0, step=0.25, label="feeding.factor")
    step: Field[int] = number("step", 0, 300, label="feeding.step")
    most: Field[int] = number("most", 1, 4, 2, label="feeding.most")
    live_step: Field[int] = number("live-step", 5, 300, 60, step=5, label="feeding.live_step")
    attempt: Field[int] = number("attempt", 0, 999_999, label="feeding.attempt")


STATE = FeedingState()


def asks_first() -> bool:
    """Ask how many workers will do; true while that is not answered."""
    told = (STATE.workers, STATE.factor, STATE.step, STATE.machine, STATE.pinned, STATE.prefetch)
    linked = any(state.parameter(field.name) is not None for field in told)
    return predict.waits("feeding", _claims(), "workers", linked=linked)


def _claims() -> dict[str, str]:
    return {code: t(f"feeding.claim.{code}") for code in _CLAIMS}


def truth(rates: FeedRates) -> str:
    """Which claim holds: the first whose workers load as fast as the device trains."""
    return next(code for code, workers in _CLAIMS.items() if workers >= rates.crossing)


def machines() -> dict[str, str]:
    """The devices that timelines were recorded on, by code."""
    return dict(zip(STATE.machine.codes, cached_feeding.machines(), strict=False))


def choose_machine() -> tuple[FeedResult, ...]:
    """Where it was recorded, with how; returns the timelines of that machine."""
    devices = machines()
    code = inputs.segmented(STATE.machine) if len(devices) > 1 else STATE.machine.default
    results = cached_feeding.recorded(devices.get(code, devices[STATE.machine.default]))
    first = results[0]
    st.caption(
        t(
            "feeding.card_simulated" if usual(results).step_ms else "feeding.card_trained",
            device=first.device,
            cores=first.cores,
            date=first.date,
            versions=first.versions,
            batch=first.config.batch,
            side=first.config.side,
            step=f"{usual(results).step_ms:g}",
            command=first.command,
        )
    )
    predict.verdict("feeding", _claims(), "workers", truth(reference(cached_feeding.recorded(devices["gpu"])).rates))
    return results


def usual(results: Sequence[FeedResult]) -> FeedConfig:
    """The configuration from which each of the others differs by its workers, or by one switch."""
    return next(result.config for result in results if result.config.source == "jpeg" and result.config.workers == 1)


def by_workers(results: Sequence[FeedResult]) -> tuple[FeedResult, ...]:
    """The timelines that differ by their workers alone, in that order."""
    found = [result for result in results if same(result.config, usual(results))]
    return tuple(sorted(found, key=lambda result: result.config.workers))


def same(config: FeedConfig, other: FeedConfig) -> bool:
    """Whether nothing but the number of workers, and of batches with it, tells two configurations apart."""
    return replace(config, workers=0, batches=1) == replace(other, workers=0, batches=1)


def reference(results: Sequence[FeedResult]) -> FeedResult:
    """The timeline that the model takes its rates from: one worker, whom nobody disturbs."""
    return next(result for result in by_workers(results) if result.config.workers == 1)


def in_memory(results: Sequence[FeedResult]) -> FeedResult | None:
    """The timeline of decoded images in memory."""
    return next((result for result in results if result.config.source == "memory"), None)
