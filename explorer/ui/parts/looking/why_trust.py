"""The lower parts of the page "Why this class?": Grad-CAM at every stage, and how far to trust a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import attributions as figures
from explorer.records import Explain
from explorer.ui.cached import why as cached_why
from explorer.ui.cached.why import RANDOM_ORDER
from explorer.ui.parts.looking.why import STATE, Method, ModelAndImage, map_of, method_name
from explorer.ui.parts.looking.why_maps import strongest
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import plain, t
from explorer.ui.widgets import inputs

if TYPE_CHECKING:
    from explorer.attributions import Curves

_SMALL = 64  # pixels: a model that reads no more has its curves in a second
_NARROWEST = 96  # pixels of a tile


def show_stages(explained: ModelAndImage, target: int) -> None:
    """Grad-CAM after every stage that has a map: from edges anywhere to the object."""
    layout.section(t("why.stages"), t("why.stages_note", name=explained.class_name(target)))
    working = t("why.working", method=method_name("grad-cam"))
    try:
        with st.spinner(working):
            grids = cached_why.grids(explained.model.id)
    except ExplorerError as problem:
        st.warning(plain(problem, 300), icon=":material/block:")
        return
    strip = st.grid(columns=min(8, max(4, len(grids))), min_column_width=_NARROWEST)
    cells, sentences = [strip.container() for _ in grids], []
    for cell, (stage, (rows, columns)) in zip(cells, grids.items(), strict=True):
        with cell, st.spinner(working):
            asked = Explain("grad-cam", target, stage=stage)
            try:
                found = cached_why.explained(*explained.given, asked)
                png = cached_why.map_png(*explained.given, asked, "overlay")
            except ExplorerError as problem:
                st.warning(plain(problem, 300), icon=":material/block:")
                continue
            (where, share), size = strongest(found.summary), f"{rows}×{columns}"
            sentences.append(t("why.stage_alt", stage=stage, grid=size, where=where, share=share))
            exhibit.show(Exhibit(f"stage-{stage}", map_of(found, png, sentences[-1]), sentences[-1]), details=False)
            st.caption(f"**{stage}** · {size}  \n{where} {share}%")
    st.caption(t("why.upsampled"))
    words = "\n".join(f"- {sentence}" for sentence in sentences)
    exhibit.twin(Exhibit("why-stages", None, words, code=partial(cached_why.code, ["grad-cam"])))


def show_trust(explained: ModelAndImage, target: int, methods: tuple[Method, ...]) -> None:
    """Insertion and deletion curves of the chosen methods and of a random order, and the areas below them."""
    layout.section(t("why.trust"), t("why.trust_note"))
    is_small = max(explained.model.input_shape[1:]) <= _SMALL
    if not inputs.toggle(STATE.curves if is_small else STATE.curves_large) or not methods:
        return
    found: dict[str, Curves] = {}
    try:
        with st.status(t("why.curves_working"), expanded=False) as status:
            for slug, options in (*methods, (RANDOM_ORDER, ())):
                status.update(label=t("why.curves_of", method=method_name(slug)))
                found[slug] = cached_why.curves(*explained.given, Explain(slug, target, options))
            status.update(label=t("why.curves_done"), state="complete")
            st.caption(t("why.curves_how"))
    except ExplorerError as problem:
        st.warning(plain(problem, 300), icon=":material/block:")
        return
    _show_curves(explained.class_name(target), found)


def _show_curves(name: str, found: Mapping[str, Curves]) -> None:
    from explorer.attributions import insertion_deletion

    rows = [
        {
            t("why.column_method"): method_name(slug),
            t("why.column_insertion"): round(curves.insertion_area, 3),
            t("why.column_deletion"): round(curves.deletion_area, 3),
        }
        for slug, curves in found.items()
    ]
    drawn = [_curves_exhibit(kind, name, found) for kind in ("insertion", "deletion")]
    exhibit.side_by_side([replace(each, rows=rows, code=(insertion_deletion,)) for each in drawn])
    st.dataframe(rows, hide_index=True)


def _curves_exhibit(kind: str, name: str, found: Mapping[str, Curves]) -> Exhibit:
    """The curves of all methods; `kind` is "insertion" or "deletion"."""
    title = t(f"why.{kind}", name=name)
    areas = {slug: getattr(curves, f"{kind}_area") for slug, curves in found.items()}
    lines = [
        figures.Line(
            method_name(slug), curves.share.tolist(), getattr(curves, kind).tolist(), baseline=slug == RANDOM_ORDER
        )
        for slug, curves in found.items()
    ]
    across, upright = t("why.curve.share"), t("why.curve.probability")
    drawing = figures.probability_curves(lines, theme=layout.theme(), across=across, upright=upright, title=title)
    sentence = " · ".join((title, *(f"{method_name(slug)} {area:.2f}" for slug, area in areas.items())))
    return Exhibit(f"why-{kind}", drawing, sentence, height=340)
