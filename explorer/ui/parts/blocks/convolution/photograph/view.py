"""A kernel over a photograph: before and after, the numbers of a place, and the code that gives the same pixels."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.blocks.filtering import filtered
from explorer.blocks.zooming import zoomed
from explorer.figures import filtered as figures
from explorer.records.filtered import Filter, Filtered, FilterMisfit
from explorer.ui.cached.blocks import convolution_views as cached
from explorer.ui.components import linked, pointing
from explorer.ui.parts.blocks.convolution.photograph import kernel
from explorer.ui.parts.blocks.convolution.photograph.state import FIELDS
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets.image import choose_image

_WIDEST = 440  # pixels that an image is enlarged to at most, by a whole factor


def show() -> None:
    """The image, then everything that a kernel does to it."""
    fragment(_filter)


def _filter() -> None:
    image, asked, everything = kernel.choose(partial(choose_image, FIELDS.image, 3))
    found = cached.filtered(image, asked, everything)
    if isinstance(found, FilterMisfit):
        kernel.refuse(found)
        return
    rows, columns = found.values.shape[1:]
    place = state.bind(
        FIELDS.at,
        allowed=lambda at: at[0] < rows and at[1] < columns,
        default=cached.strongest(image, asked, everything),
        owner=f"{image.key} {rows}×{columns}",
    )
    at = place.commit()
    _facts(found, at)
    pngs = cached.after_pngs(image, asked, everything)
    _show_images(found, cached.before_png(image, asked, everything), pngs, place)
    _show_numbers(found, asked, at)
    _show_code(found, asked, pngs)


# --- what comes out ---------------------------------------------------------------------------------------------------


def _facts(found: Filtered, at: tuple[int, int]) -> None:
    height, width = found.sides
    total = f"{found.total:.4g}"
    kind = "keeps" if abs(found.total - 1) < 1e-3 else "cancels" if abs(found.total) < 1e-9 else "scales"
    values = ", ".join(f"{value:.4g}" for value in found.values[:, at[0], at[1]].tolist())
    layout.facts(
        (
            (
                t("convolution.photo.size"),
                f"{height.value} × {width.value}",
                str(height)
                if height.symbols == width.symbols and found.before.shape[0] == found.before.shape[1]
                else f"{height}, {width}",
            ),
            (
                t("convolution.photo.range"),
                f"{found.low:.4g} … {found.high:.4g}".replace("-", "−"),
                t(f"convolution.scale.{found.result}", limit=f"{found.limit:.4g}", share=f"{100 * found.beyond:.1f}"),
            ),
            (t("convolution.photo.total"), total.replace("-", "−"), t(f"convolution.total.{kind}", total=total)),
            (
                t("convolution.photo.value"),
                values.replace("-", "−"),
                t("convolution.photo.place", row=at[0], column=at[1]),
            ),
        )
    )


def _show_images(found: Filtered, before: bytes, pngs: tuple[bytes, ...], place: state.Bound[tuple[int, int]]) -> None:
    rows, columns = found.before.shape[:2]
    columns_of_page = st.columns(1 + len(pngs), gap="medium")
    with columns_of_page[0], st.container(key="tiles-filter"):
        said = t("convolution.photo.before", size=f"{rows}×{columns}")
        exhibit.show(Exhibit(figures.BEFORE, before, said, width=_width(columns), note=said), details=False)
    for number, (column, png) in enumerate(zip(columns_of_page[1:], pngs, strict=True)):
        with column:
            _show_after(found, png, number, len(pngs), place)


def _width(columns: int, most: int = _WIDEST) -> int:
    """Pixels that an image of so many columns is shown at: enlarged by a whole factor to at most `most`."""
    return columns * max(1, most // columns)


def _show_after(found: Filtered, png: bytes, number: int, count: int, place: state.Bound[tuple[int, int]]) -> None:
    rows, columns = found.values.shape[1:]
    name = t("convolution.photo.after") if count == 1 else t(f"convolution.channel.{number}")
    colours = t(f"convolution.colours.{found.result}", limit=f"{found.limit:.4g}")
    drawing = partial(
        pointing.point,
        png,
        rows,
        columns,
        place.value,
        key=f"{figures.AFTER}-{number}",
        label=t("convolution.photo.after_alt", name=name, rows=rows, columns=columns),
        pick=lambda row, column: place.set((row, column)),
        width=_width(columns, _width(found.before.shape[1])),
    )
    values = found.values[number if count > 1 else slice(None)]
    low, high = f"{float(values.min()):.4g}", f"{float(values.max()):.4g}"
    sentence = t("convolution.photo.after_says", name=name, rows=rows, columns=columns, low=low, high=high)
    key = figures.AFTER if count == 1 else f"{figures.AFTER}-{number}"
    exhibit.show(
        Exhibit(key, drawing, sentence, code=(filtered,), note=f"**{name}** · {colours}"),
        details=number == count - 1,
    )


def _show_numbers(found: Filtered, asked: Filter, at: tuple[int, int]) -> None:
    layout.section(t("convolution.photo.numbers"), t("convolution.photo.numbers_note"))
    names = ("image", "kernel", "across", "along", "result")
    words = {name: t(f"convolution.plane.{name}") for name in names}
    words |= {f"image-{number}": t(f"convolution.channel.{number}") for number in range(3)}
    seen = zoomed(found, asked, at, words)
    if seen is None:
        st.caption(t("convolution.photo.too_wide"))
        return
    view, here = seen
    label = t("convolution.photo.numbers")
    drawing = partial(
        linked.show, view, key="filter-numbers", label=label, at=linked.place("y0", *here), edit=kernel.typed
    )
    sentence = t("convolution.photo.numbers_say", row=at[0], column=at[1])
    exhibit.show(Exhibit("filter-numbers", drawing, sentence, code=(filtered,)))


def _show_code(found: Filtered, asked: Filter, pngs: tuple[bytes, ...]) -> None:
    with st.expander(t("convolution.photo.code"), icon=":material/code:"):
        st.caption(t("convolution.photo.code_note", before=f"{figures.BEFORE}.png", after=f"{figures.AFTER}.png"))
        with st.container(horizontal=True):
            files = {f"{figures.BEFORE}.png": lambda: figures.before_png(found)}
            for number, png in enumerate(pngs):
                ending = "" if len(pngs) == 1 else f"-{number}"
                files[f"{figures.AFTER}{ending}.png"] = partial(bytes, png)
            for name, data in files.items():
                st.download_button(
                    name, data, name, "image/png", key=name, on_click="ignore", icon=":material/download:"
                )
        st.code(figures.code(found, asked), language=None)
