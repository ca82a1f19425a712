"""Images/s against workers: as measured, as the model has it, and where its two lines cross."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.figures import feeding as figures
from explorer.records import FeedRates, FeedResult
from explorer.ui.parts.practice.feeding import STATE, by_workers, in_memory, reference, same, usual
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_MODEL = (
    r"r(k) = \min\left(k \cdot \frac{B}{f \cdot t_\mathrm{load}},\; \frac{B}{t_\mathrm{copy} + t_\mathrm{step}}\right)"
)


def show(results: Sequence[FeedResult]) -> None:
    """The measured points, the model, and two sliders that move its crossing."""
    layout.section(t("feeding.rates"), t("feeding.rates_note"))
    left, right = st.columns(2, gap="medium")
    with left:
        factor = inputs.slider(STATE.factor)
    with right:
        step = inputs.slider(STATE.step)
    rates = reference(results).rates.changed(factor=factor, step=step / 1e3 if step else None)
    rows = points(results, factor, step)
    most = max(result.config.workers for result in by_workers(results))
    most = max(most, min(32, round(rates.crossing + 1)))
    draw(rates, rows, _memory(results, step), most, "feeding-rates", key_note=_note(results, rates, factor, step))


def draw(
    rates: FeedRates,
    rows: Sequence[tuple[str, Sequence[tuple[int, float]]]],
    memory: FeedResult | None,
    most: int,
    key: str,
    *,
    key_note: str = "",
) -> None:
    """The figure of measured and modelled images/s."""
    words = {name: t(f"feeding.rate.{name}") for name in _LABELS}
    shown = [(name, found) for name, found in rows if found]
    option = figures.throughput(
        shown,
        rates,
        most=most,
        memory=memory.images_per_second if memory else 0.0,
        theme=layout.theme(),
        words=words,
        title=t("feeding.rates"),
    )
    sentence = _said(rates, memory)
    st.markdown(sentence)
    known = {workers: value for _, found in shown for workers, value in found}
    table = [
        {
            words["workers"]: workers,
            words["model"]: round(rates.images_per_second(workers)),
            t("feeding.measured"): round(known[workers]) if workers in known else None,
        }
        for workers in sorted({*range(most + 1), *known})
    ]
    code = (FeedRates.images_per_second, FeedRates.changed)
    exhibit.show(Exhibit(key, option, f"{sentence}  \n{key_note}", table, note=key_note, code=code, formula=_MODEL))


_LABELS = ("workers", "images", "loaders", "device", "model", "memory", "crossing")


def points(results: Sequence[FeedResult], factor: float, step: int) -> list[tuple[str, list[tuple[int, float]]]]:
    """What was measured with these settings; none where a slider stands where nothing was recorded."""
    if factor != 1:
        return []
    first = usual(results)
    asked = replace(first, step_ms=float(step)) if step else first
    found = [r for r in results if same(r.config, asked)]
    return [(t("feeding.measured"), sorted((r.config.workers, r.images_per_second) for r in found))]


def _memory(results: Sequence[FeedResult], step: int) -> FeedResult | None:
    return None if step else in_memory(results)


def _said(rates: FeedRates, memory: FeedResult | None) -> str:
    said = t(
        "feeding.crossing",
        loader=f"{rates.loader:,.0f}",
        device=f"{rates.device:,.0f}",
        crossing=f"{rates.crossing:.1f}",
    )
    if memory:
        said += "  \n" + t("feeding.memory", rate=f"{memory.images_per_second:,.0f}")
    return said


def _note(results: Sequence[FeedResult], rates: FeedRates, factor: float, step: int) -> str:
    """How far the measured points lie from the model; or that nothing was measured with these settings."""
    found = [each for _, rows in points(results, factor, step) for each in rows if each[0]]
    if not found:
        return t("feeding.only_model")
    below = [1 - value / rates.images_per_second(workers) for workers, value in found]
    return t("feeding.below", low=f"{100 * min(below):.0f}", high=f"{100 * max(below):.0f}")


def show_switches(results: Sequence[FeedResult]) -> None:
    """What each switch does to the trainer's time, with eight workers; only where it was recorded."""
    first = usual(results)
    eight = [result for result in results if result.config.workers == 8]
    if len(eight) < 2:
        return
    layout.section(t("feeding.switches"), t("feeding.switches_note"))
    named = [(_switch(result), result) for result in eight]
    words = {name: t(f"feeding.span.{name}") for name in figures.SPANS} | {"share": t("feeding.share")}
    rows = [(name, result.shares) for name, result in named]
    fig = figures.shares(rows, theme=layout.theme(), words=words, title=t("feeding.switches"))
    base = next(r for r in eight if same(r.config, first))
    loose = next((r for r in eight if not r.config.pinned), base)
    sentence = t(
        "feeding.switches_say",
        pinned=f"{1e3 * base.rates.copying:.1f}",
        loose=f"{1e3 * loose.rates.copying:.1f}",
        times=f"{loose.rates.copying / base.rates.copying:.0f}",
        rate=f"{base.images_per_second:,.0f}",
        loose_rate=f"{loose.images_per_second:,.0f}",
    )
    table = [
        {
            t("feeding.configuration"): name,
            t("feeding.rate.images"): round(result.images_per_second),
            **{words[span]: round(100 * share, 1) for span, share in result.shares.items()},
            t("feeding.copy_ms"): round(1e3 * result.rates.copying, 2),
        }
        for name, result in named
    ]
    st.markdown(sentence)
    exhibit.show(Exhibit("feeding-switches", fig, sentence, table, code=_loader))


def _loader() -> Code:
    from explorer.feeding.loading import loader_of

    return (loader_of,)


def _switch(result: FeedResult) -> str:
    pinned = t("feeding.is_pinned" if result.config.pinned else "feeding.not_pinned")
    prefetch, step = result.config.prefetch, result.config.step_ms
    if step:
        return t("feeding.switch_step", pinned=pinned, prefetch=prefetch, step=f"{step:g}")
    return t("feeding.switch", pinned=pinned, prefetch=prefetch)
