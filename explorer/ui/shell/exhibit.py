"""Whatever a page shows as a figure: one call draws it, says it in words, and hands it out.

A figure is drawn from records below (`explorer.figures`) as a Plotly figure, an ECharts option, a PNG or HTML; here is
decided how each is put on a page, and which button opens its words, numbers, formula and code. While one is presented
(`present`), it alone is drawn, large.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from explorer.figures.tiles import tiled
from explorer.ui.shell import present, state
from explorer.ui.shell.tables import as_csv
from explorer.ui.shell.words import t

Rows = Sequence[Mapping[str, Any]]
"""A small table: a mapping a row, with the names of the columns as the page shows them."""

Code = tuple[Callable[..., Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Exhibit:
    """A figure with its twin in words.

    `key` names it on the page, and its files. `drawing` is a Plotly figure, an ECharts option, a PNG or JPEG, tiles,
    HTML with its own texts, or what mounts a component: called with `fill`, whether that is to fill the screen.
    `sentence` says what the figure shows: it is read out by screen readers and stands first behind the button; `rows`
    are its numbers, `table` draws them where they want more than a plain table, `formula` is LaTeX, `code` are the
    functions behind it (`rows` and `code` may be callables, where they cost something). `note` stands below the figure.
    `height` in pixels counts for ECharts, `width` for an image or a tile (0: the column's, "content": its own), `wide`
    is how many screens a figure may be scrolled. `select` makes points buttons: `show` returns the choice, or tells it.
    """

    key: str
    drawing: Any
    sentence: str
    rows: Rows | Callable[[], Rows] = ()
    table: Callable[[], None] | None = None
    formula: str = ""
    code: Code | Callable[[], Code] = ()
    note: str = ""
    height: int = 300
    width: int | Literal["content"] = 0
    wide: int = 1
    select: bool | Callable[[], None] = False


def show(exhibit: Exhibit, *, details: bool = True) -> Any:
    """Draw an exhibit with its note; returns the selection. `details` adds the button with its twin below.

    While a figure is presented, only that one is drawn, with what it shows in words.
    """
    chosen = present.is_next(exhibit.key)
    if present.now():
        if chosen:
            _present(exhibit)
        return None
    event = _draw(exhibit)
    if exhibit.note:
        st.caption(exhibit.note)
    if details:
        twin(exhibit)
    return event


def _present(exhibit: Exhibit) -> None:
    from explorer.figures.enlarged import enlarged

    with st.container(key="presented", gap=None):
        _draw(replace(exhibit, drawing=enlarged(exhibit.drawing), width=0, select=False), fill=True)
        st.markdown(exhibit.sentence.strip().split("\n")[0])


def side_by_side(figures: Sequence[Exhibit]) -> None:
    """Figures two in a row, and one button for all below: the words of each, the numbers and code of the last."""
    for index, figure in enumerate(figures):
        if index % 2 == 0:
            columns = st.columns(2, gap="medium")
        with columns[index % 2]:
            show(figure, details=False)
    last, words = figures[-1], "\n\n".join(dict.fromkeys(figure.sentence for figure in figures))
    live = last.drawing if isinstance(last.drawing, dict) else None  # as a file it would be one of several
    twin(replace(last, sentence=words, drawing=live))


def _draw(exhibit: Exhibit, *, fill: bool = False) -> Any:
    drawing, key, alt = exhibit.drawing, exhibit.key, plain(exhibit.sentence)
    if isinstance(drawing, bytes):
        kind: Literal["JPEG", "PNG"] = "JPEG" if drawing.startswith(b"\xff\xd8") else "PNG"
        return st.image(drawing, width=exhibit.width or "stretch", output_format=kind, alt=alt)
    if isinstance(drawing, str):
        return st.html(drawing)
    if isinstance(drawing, tuple):
        return st.html(_tiled(exhibit)) if fill or drawing[0].opens else _row(exhibit)
    if callable(drawing):
        return drawing(fill=fill)
    choosing: dict[str, Any] = {"on_select": "rerun" if exhibit.select is True else exhibit.select or "ignore"}
    if isinstance(drawing, dict):  # updated in place: a live figure keeps still
        size: int | Literal["stretch"] = "stretch" if fill else exhibit.height
        return st.echarts_chart(drawing, key=key, height=size, theme=None, alt=alt, **choosing)
    config = {
        "displaylogo": False,
        "displayModeBar": False if fill else "hover",
        "scrollZoom": False,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        "toImageButtonOptions": {"format": state.get("camera", "png"), "filename": key, "scale": 2},
    }
    with st.container(key=f"wide-{key}-w{exhibit.wide}"):
        height: Literal["stretch", "content"] = "stretch" if fill else "content"
        return st.plotly_chart(
            drawing, theme=None, key=key, height=height, config=config, alt=alt, selection_mode="points", **choosing
        )


def _row(exhibit: Exhibit) -> None:
    with st.container(horizontal=True, gap="small", key=f"tiles-{exhibit.key}"):
        for tile in exhibit.drawing:
            words, alt = tile.words, tile.alt or tile.words
            st.image(tile.png, caption=words, width=exhibit.width or "stretch", output_format="PNG", alt=alt)


def _tiled(exhibit: Exhibit) -> str:
    return tiled(exhibit.drawing, 0 if exhibit.width == "content" else exhibit.width)


def plain(sentence: str) -> str:
    """A sentence without Markdown marks, for screen readers."""
    return sentence.replace("**", "")


def twin(exhibit: Exhibit) -> None:
    """The popover with a figure's sentence, numbers, code and downloads; it is left out while one is presented."""
    if present.now():
        return
    label, icon, key = t("exhibit.details"), ":material/notes:", f"details-{exhibit.key}"
    with st.popover(label, icon=icon, type="tertiary", key=key, on_change="rerun") as opened:
        if opened.open:  # nobody else waits for its tables
            st.markdown(exhibit.sentence)
            if exhibit.formula:
                st.latex(exhibit.formula)
            rows = exhibit.rows() if callable(exhibit.rows) else exhibit.rows
            if exhibit.table:
                exhibit.table()
            elif rows:
                st.dataframe(rows, hide_index=True, placeholder="–", height=min(420, 38 + 35 * len(rows)))
            _downloads(exhibit, rows)
            for function in exhibit.code() if callable(exhibit.code) else exhibit.code:
                st.code(inspect.getsource(function), language="python")


def _downloads(exhibit: Exhibit, rows: Rows) -> None:
    files: dict[str, tuple[str, str, Callable[[], bytes]]] = {}
    if rows:
        files["csv"] = f"{exhibit.key}.csv", "text/csv", lambda: as_csv(rows)
    if isinstance(exhibit.drawing, bytes):
        files["png"] = f"{exhibit.key}.png", "image/png", lambda: exhibit.drawing
    elif isinstance(exhibit.drawing, str) and "svg+xml" in exhibit.drawing:
        from explorer.figures.svg import file_of

        files["svg"] = f"{exhibit.key}.svg", "image/svg+xml", lambda: file_of(exhibit.drawing)
    elif isinstance(exhibit.drawing, dict):
        st.caption(t("download.echarts_help"))
    elif hasattr(exhibit.drawing, "to_html"):
        files["html"] = f"{exhibit.key}.html", "text/html", lambda: exhibit.drawing.to_html().encode()
        label = t("download.camera")
        st.segmented_control(label, ["png", "svg"], format_func=str.upper, key="camera", default="png", required=True)
        st.caption(t("download.camera_help"))
    with st.container(horizontal=True):
        for kind, (name, mime, data) in files.items():
            label, key = t(f"download.{kind}"), f"{exhibit.key}-{kind}"
            st.download_button(label, data, name, mime, key=key, on_click="ignore", icon=":material/download:")
