"""The maps of the page "Why this class?": those of the chosen methods side by side, and those of random weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from explorer.errors import ExplorerError
from explorer.records import Attribution, Explain, MapSummary
from explorer.ui.cached import why as cached_why
from explorer.ui.parts.looking.why import Method, ModelAndImage, map_of, method_name, percent
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import plain, t

_NARROWEST = 150  # pixels of a tile

Described = list[tuple[str, dict[str, str]]]
"""What the maps say, each as a sentence and as a row of a table."""


def show_maps(
    explained: ModelAndImage, target: int, methods: tuple[Method, ...], view: str, *, randomized: bool
) -> None:
    """The maps of the chosen methods, each as soon as it is there; beneath them, if asked, those of random weights."""
    if not methods:
        st.info(t("why.no_method"), icon=":material/touch_app:")
        return
    asked = [Explain(slug, target, options) for slug, options in methods]
    maps = _row_of_maps(explained, asked, view)
    if randomized:
        st.markdown(t("why.redrawn_title"))
        again = [Explain(slug, target, options, randomized=True) for slug, options in methods]
        maps += _row_of_maps(explained, again, view)
    _legends([slug for slug, _ in methods])
    if maps:
        sentence = "\n".join([*(f"- {sentence}" for sentence, _ in maps), "", t("why.twin_note")])
        code = partial(cached_why.code, [slug for slug, _ in methods])
        exhibit.twin(Exhibit("why-maps", None, sentence, rows=[row for _, row in maps], code=code))


def _row_of_maps(explained: ModelAndImage, asked: Sequence[Explain], view: str) -> Described:
    """One tile per method, filled as soon as its map is computed."""
    maps: Described = []
    grid = st.grid(columns=min(4, max(3, len(asked))), min_column_width=_NARROWEST)
    cells = [grid.container() for _ in asked]
    for cell, explain in zip(cells, asked, strict=True):
        with cell:
            try:
                maps.append(_tile(explained, explain, view))
            except ExplorerError as problem:
                st.warning(f"{method_name(explain.method)}: {plain(problem, 300)}", icon=":material/block:")
    return maps


def _tile(explained: ModelAndImage, explain: Explain, view: str) -> tuple[str, dict[str, str]]:
    name = method_name(explain.method)
    with st.spinner(t("why.working", method=name)):
        found = cached_why.explained(*explained.given, explain)
        png = cached_why.map_png(*explained.given, explain, view)
    if explain.randomized:  # how much of the map of the true weights is left in it
        agreement = cached_why.agreement(*explained.given, explain)
        sentence = t("why.redrawn", method=name, agreement=f"{agreement:.2f}")
        exhibit.show(Exhibit(f"why-{explain.method}-redrawn", png, sentence, note=sentence), details=False)
        return sentence, _row(t("why.row_redrawn", method=name), found.summary)
    sentence = _sentence(explained, found.found, found.summary)
    exhibit.show(Exhibit(f"why-{explain.method}", map_of(found, png, sentence), sentence), details=False)
    st.markdown(_caption(explained, found.found, found.summary))
    return sentence, _row(name, found.summary)


def _caption(explained: ModelAndImage, found: Attribution, summary: MapSummary) -> str:
    """A map's method, its source, and what else was found."""
    card = next(card for card in cached_why.cards() if card.slug == found.method)
    paper = f"[{card.paper} {card.year}](https://arxiv.org/abs/{card.arxiv})"
    parts = [paper, t("why.for_class", name=explained.class_name(found.target))]
    if found.grid:
        rows, columns = found.grid
        grid = f"{rows}×{columns}"
        parts.append(t("why.grid", stage=found.layer, grid=grid) if found.layer else t("why.last_grid", grid=grid))
    if found.delta is not None:
        parts.append(t("why.delta", delta=f"{found.delta:.2g}", sum=f"{float(found.values.sum()):.3g}"))
    guided = found.method in ("guided-backprop", "deconvolution", "guided-grad-cam")
    if guided and not cached_why.relus(explained.model.id):
        parts.append(t("why.no_relu"))
    where, share = strongest(summary)
    parts.append(t("why.strongest", where=where, share=share))
    return f"**{method_name(found.method)}**  \n:small[{' · '.join(parts)}]"


def strongest(summary: MapSummary) -> tuple[str, str]:
    """The name of the ninth that holds most of a map, and its share in percent."""
    return t(f"why.ninth.{summary.strongest}"), percent(max(summary.ninths))


def _sentence(explained: ModelAndImage, found: Attribution, summary: MapSummary) -> str:
    """The text twin of a map."""
    where, share = strongest(summary)
    return t(
        "why.map_alt",
        method=method_name(found.method),
        name=explained.class_name(found.target),
        where=where,
        share=share,
        tenth=percent(summary.concentration),
    )


def _row(title: str, summary: MapSummary) -> dict[str, str]:
    cells = {t(f"why.ninth.{i}"): f"{percent(share)}%" for i, share in enumerate(summary.ninths)}
    return {t("why.column_method"): title, **cells, t("why.column_tenth"): f"{percent(summary.concentration)}%"}


def _legends(slugs: Sequence[str]) -> None:
    """The colour scales of the maps, each between the names of its two ends."""
    from explorer.figures.attributions import gradient

    signed = {card.slug: card.signed for card in cached_why.cards()}
    bars = []
    for is_signed in sorted({signed[slug] for slug in slugs}):
        which = "signed" if is_signed else "size"
        low, high = escape(t(f"why.{which}_low")), escape(t(f"why.{which}_high"))
        bar = f"display:inline-block;width:5rem;height:0.7rem;margin:0 0.5rem;background:{gradient(is_signed)}"
        bars.append(f"<span style='display:inline-block;margin-right:1.6rem'>{low}<i style='{bar}'></i>{high}</span>")
    note = escape(t("why.clipped"))
    st.html(f"<p style='margin:0;font-size:0.8rem;opacity:0.85;line-height:1.9'>{''.join(bars)}{note}</p>")
    layout.let_it_paint("why-maps", tuple(slugs))
