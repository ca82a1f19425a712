"""The model of feeding, min(k loaders, device), against a queue played through and against what was recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.records import FeedRates, FeedResult
from explorer.weights import recorded_feeds

RATES = FeedRates(batch=128, loading=0.26, copying=0.0005, step=0.0136)


def played(rates: FeedRates, workers: int, batches: int = 5_000) -> float:
    """Images/s of a queue, batch by batch: each worker loads its next one at once, the device takes them in order."""
    ready = [0.0] * workers
    device = 0.0
    for number in range(batches):
        worker = number % workers
        ready[worker] += rates.loading
        device = max(device, ready[worker]) + rates.copying + rates.step
    return rates.batch * batches / device


@pytest.mark.parametrize("workers", [1, 2, 7, 18, 19, 40])
@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("step", [None, 0.005, 0.08])
def test_the_model_is_what_a_long_queue_comes_to(workers: int, factor: float, step: float | None) -> None:
    rates = RATES.changed(factor=factor, step=step)
    assert rates.images_per_second(workers) == pytest.approx(played(rates, workers), rel=0.01)


def test_without_a_worker_everything_is_done_in_turn() -> None:
    assert RATES.images_per_second(0) == pytest.approx(128 / (0.26 + 0.0005 + 0.0136))


@pytest.mark.parametrize(("factor", "step"), [(1.0, None), (2.0, None), (0.5, None), (1.0, 0.08), (1.0, 0.005)])
def test_the_crossing_is_the_first_number_of_workers_that_never_waits(factor: float, step: float | None) -> None:
    rates = RATES.changed(factor=factor, step=step)
    enough = next(k for k in range(1, 200) if rates.images_per_second(k) == rates.device)
    assert enough - 1 < rates.crossing <= enough


def test_a_slower_decoder_moves_the_crossing_up_and_a_slower_step_down() -> None:
    assert RATES.changed(factor=2).crossing == pytest.approx(2 * RATES.crossing)
    assert RATES.changed(step=0.08).crossing < RATES.crossing < RATES.changed(step=0.005).crossing


@pytest.mark.parametrize("result", recorded_feeds(), ids=lambda result: f"{result.config}"[:60])
def test_rates_are_the_means_of_a_recorded_timeline(result: FeedResult) -> None:
    rates, batches = result.rates, result.batches
    assert rates.loading == pytest.approx(sum(b.loading[1] - b.loading[0] for b in batches) / len(batches))
    assert rates.step == pytest.approx(sum(b.step[1] - b.step[0] for b in batches) / len(batches))
    assert rates.copying == pytest.approx(sum(b.copying[1] - b.copying[0] for b in batches) / len(batches))


@pytest.mark.parametrize(
    "result", [r for r in recorded_feeds() if r.config.source == "jpeg"], ids=lambda r: str(r)[:60]
)
def test_no_recorded_timeline_beats_its_own_rates_and_none_is_far_below(result: FeedResult) -> None:
    """It starts with nothing and hands batches over, which costs up to a third; a bound it is all the same."""
    bound = result.rates.images_per_second(result.config.workers)
    assert 0.6 * bound <= result.images_per_second <= 1.03 * bound


def test_what_is_changed_is_a_copy() -> None:
    assert RATES.changed() == replace(RATES)
