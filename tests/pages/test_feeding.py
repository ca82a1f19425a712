"""Feeding the GPU: the recorded timelines, the model with its sliders, and a measurement beside the page."""

from __future__ import annotations

import pytest

from explorer import text
from explorer.records import FeedConfig, FeedResult
from explorer.ui.cached.practice import feeding as cached_feeding
from explorer.ui.parts.practice import feeding
from explorer.weights import recorded_feeds
from tests.pages.conftest import Here, Visit, charts, figures, open_twin, sound, words

GPU = [result for result in recorded_feeds() if "NVIDIA" in result.device]


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def of_workers(workers: int) -> FeedResult:
    """What was recorded with so many, with nothing else changed."""
    usual = {"prefetch": 2, "pinned": True, "step_ms": 0.0, "source": "jpeg"}
    return next(
        r
        for r in GPU
        if r.config.workers == workers and all(getattr(r.config, name) == value for name, value in usual.items())
    )


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_nothing_is_told_before_the_prediction(visit: Visit, lang: str) -> None:
    page = visit("feeding", lang=lang, asked=True)
    assert text.say(lang, "feeding.predict") in words(page)
    assert charts(page) == 0


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("workers", [0, 4, 16])
def test_a_timeline_is_the_recorded_one(visit: Visit, lang: str, workers: int) -> None:
    page = visit("feeding", lang=lang, workers=str(workers), whole="1")
    result = of_workers(workers)
    assert f"{result.images_per_second:,.0f}" in words(page)
    bars = {bar["name"]: bar for bar in figures(page)[0]["data"]}
    steps = bars[text.say(lang, "feeding.span.step")]
    assert len(steps["x"]) == len(result.batches)
    loads = bars[text.say(lang, "feeding.span.loading")]
    assert loads["base"] == pytest.approx([1e3 * batch.loading[0] for batch in result.batches])
    assert len(set(loads["y"])) == max(workers, 1)
    spent = sum(steps["x"]) / 1e3
    assert spent == pytest.approx(sum(batch.step[1] - batch.step[0] for batch in result.batches))


def test_switches_that_were_not_recorded_together_say_so(visit: Visit) -> None:
    page = visit("feeding", workers="4", pinned="0")
    assert text.say("en", "feeding.not_recorded") in [info.value for info in page.info]
    page = visit("feeding", workers="8", pinned="0")
    assert not page.info
    assert (
        f"{1e3 * next(r for r in GPU if not r.config.pinned and r.config.workers == 8).rates.copying:.1f} ms"
        in words(page)
    )


def test_the_sliders_move_the_crossing(visit: Visit) -> None:
    one = of_workers(1).rates
    page = visit("feeding", factor="0.5")
    assert f"They cross at **{one.crossing / 2:.1f} workers**" in words(page)
    assert text.say("en", "feeding.only_model") in words(page)
    page = visit("feeding", step="80")
    assert f"They cross at **{one.batch / (one.copying + 0.08) / one.loader:.1f} workers**" in words(page)
    measured = next(trace for trace in figures(page)[1]["data"] if trace["name"] == text.say("en", "feeding.measured"))
    slow = next(result for result in GPU if result.config.step_ms == 80)
    assert (list(measured["x"]), list(measured["y"])) == ([8], pytest.approx([slow.images_per_second]))


def test_the_table_has_the_model_and_the_measured_side_by_side(visit: Visit) -> None:
    page = open_twin(visit("feeding"), "feeding-rates")
    table = next(frame.value for frame in page.dataframe)
    row = table[table.iloc[:, 0] == 8].iloc[0]
    one = of_workers(1).rates
    assert row.iloc[1] == round(min(8 * one.batch / one.loading, one.batch / (one.copying + one.step)))
    assert row.iloc[2] == round(of_workers(8).images_per_second)


def test_the_truth_of_the_prediction_follows_the_rates() -> None:
    rates = of_workers(1).rates
    assert feeding.truth(rates) == "more"
    assert feeding.truth(rates.changed(factor=0.1)) == "two"
    assert feeding.truth(rates.changed(step=0.08)) == "four"


def test_a_measurement_beside_the_page(visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """The measurement itself is `explorer.feeding`'s, tested there: here it hands back what was recorded."""
    made, memory = [of_workers(workers) for workers in (0, 1, 2)], next(r for r in GPU if r.config.source == "memory")

    def measure(config: FeedConfig, **how: object) -> FeedResult:
        return memory if config.source == "memory" else made[config.workers]

    monkeypatch.setattr("explorer.feeding.measure", measure)
    page = visit("feeding", most="2")
    page = sound(page.button(key="feeding-start").click().run())
    assert text.say("en", "feeding.waiting") in [bar.proto.text for bar in page.get("progress")]
    service.do_tasks()
    page = sound(page.run())
    assert f"**{made[2].images_per_second:,.0f} images/s.**" in words(page)
    attempt = str(page.query_params["attempt"]).strip("[]'")
    again = visit("feeding", most="2", attempt=attempt)
    assert f"**{made[2].images_per_second:,.0f} images/s.**" in words(again), "a refresh loses nothing"
    key = cached_feeding.order(2, 32, 12, 60.0, int(attempt)).key
    assert [result.config.workers for result in cached_feeding.measured(key)] == [0, 1, 2, 0]


def test_the_prediction_asks_with_the_recorded_numbers() -> None:
    rates = of_workers(1).rates
    for lang in text.LANGUAGES:
        asked = text.say(lang, "feeding.predict")
        assert f" {round(1e3 * rates.loading, -1):.0f} ms" in asked
        assert f" {1e3 * rates.step:.0f} ms" in asked
