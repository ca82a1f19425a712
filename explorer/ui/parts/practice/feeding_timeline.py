"""Who did what when, batch by batch: the lanes of the workers and that of the trainer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.records import FeedResult
from explorer.ui.parts.practice.feeding import PREFETCH, STATE, same, usual
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_WINDOW = 3.5  # loads that the timeline shows at first: the start, and what follows


def show(results: Sequence[FeedResult]) -> None:
    """Workers' lanes and the trainer's for what the switches ask for; honest where that was not recorded."""
    layout.section(t("feeding.timeline"), t("feeding.timeline_note"))
    result = _choose(results)
    if result is None:
        return
    whole = inputs.toggle(STATE.whole)
    until = result.seconds if whole else min(_WINDOW * result.loading_seconds, result.seconds)
    draw(result, until, "feeding-timeline")


def draw(result: FeedResult, until: float, key: str) -> None:
    """A timeline with what it says in words and in numbers."""
    from explorer.figures import feeding as figures

    words = {name: t(f"feeding.span.{name}") for name in figures.SPANS}
    words |= {name: t(f"feeding.{name}") for name in ("trainer", "batch", "time")}
    words["worker"] = t("feeding.worker", number="{number}")
    title = t("feeding.timeline_of", workers=result.config.workers)
    fig = figures.timeline(result, theme=layout.theme(), words=words, until=until, title=title)
    sentence = said_of(result)
    st.markdown(sentence)
    exhibit.show(Exhibit(key, fig, sentence, rows=lambda: _rows(result, words), code=_code))


def _code() -> Code:
    from explorer.feeding import measure
    from explorer.feeding.loading import Images

    return measure, Images


def said_of(result: FeedResult) -> str:
    """Who waits for whom, in a sentence."""
    shares = {name: f"{100 * share:.0f}" for name, share in result.shares.items()}
    return t(
        f"feeding.bottleneck_{result.bottleneck}" if result.config.workers else "feeding.bottleneck_alone",
        rate=f"{result.images_per_second:,.0f}",
        waiting=shares["waiting"],
        copying=shares["copying"],
        step=shares["step"],
        loading=f"{1e3 * result.loading_seconds:.0f}",
        workers=result.config.workers,
    )


def _rows(result: FeedResult, words: dict[str, str]) -> list[dict[str, object]]:
    spans = ("loading", "waiting", "copying", "step")
    return [
        {t("feeding.batch"): number, t("feeding.by"): batch.worker + 1}
        | {
            f"{words[name]}, {edge}": round(1e3 * getattr(batch, name)[place], 2)
            for name in spans
            for place, edge in enumerate((t("feeding.from"), t("feeding.to")))
        }
        for number, batch in enumerate(result.batches, start=1)
    ]


def _choose(results: Sequence[FeedResult]) -> FeedResult | None:
    """The widgets of workers and switches; where the combination was not recorded, it is said which ones were."""
    left, middle, right = st.columns([3, 2, 2], gap="medium", vertical_alignment="bottom")
    known = sorted({r.config.workers for r in results if r.config.source == "jpeg"})
    with left:
        workers = inputs.select(STATE.workers, known, _workers_name, default=_default(known), owner=len(known))
    first = usual(results)
    switched = any(r.config.pinned != first.pinned for r in results if r.config.source == "jpeg")
    with middle:
        prefetch = inputs.select(STATE.prefetch, PREFETCH, "{:d}".format, default=2) if switched else first.prefetch
    with right:
        pinned = inputs.toggle(STATE.pinned) if switched else first.pinned
    asked = replace(first, prefetch=prefetch, pinned=pinned)
    fitting = [r for r in results if r.config.workers == workers and same(r.config, asked)]
    if fitting:
        return fitting[0]
    st.info(t("feeding.not_recorded"), icon=":material/history_toggle_off:")
    return None


def _default(known: Sequence[int]) -> int:
    return STATE.workers.default if STATE.workers.default in known else known[len(known) // 2]


def _workers_name(workers: int) -> str:
    return t("feeding.no_worker") if workers == 0 else str(workers)
