"""The receptive field of a stack: by its recursion, as a pyramid, on a photograph, and against one large layer."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.arithmetic import rf_window
from explorer.arithmetic.stacks import grown, middle_share, misfit, reached
from explorer.figures import stacks as figures
from explorer.records import InputImage
from explorer.records.stacks import GrownField
from explorer.ui.cached.blocks import convolution_views as cached
from explorer.ui.components import pyramid
from explorer.ui.parts.blocks.convolution.field import layers, pair
from explorer.ui.parts.blocks.convolution.field.state import FIELDS, Stack
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit, Rows
from explorer.ui.shell.words import sentences, t
from explorer.ui.widgets.image import choose_image

_PHOTOGRAPH = 224  # pixels of a side: what networks for ImageNet get
_WIDEST = 1024  # pixels of a field that is still drawn


def show() -> None:
    """A stack and what one of its outputs sees; then equal layers against one."""
    fragment(_stack)
    fragment(pair.show)


def _stack() -> None:
    chosen = layers.choose()
    if chosen is None:
        return
    stack, n = chosen
    found = grown(stack, n)
    drawn = sum(field.size.value <= _WIDEST for field in found[1:])
    if drawn < len(stack):
        st.caption(t("convolution.stack.too_wide", count=drawn, most=f"{_WIDEST:,}"))
        stack, found = stack[:drawn], found[: drawn + 1]
    if not stack:
        return
    outputs = found[-1].side.value
    cell = state.bind(FIELDS.cell, allowed=lambda at: 0 <= at < outputs, default=outputs // 2, owner=f"{stack} {n}")
    at = cell.commit()
    _facts(stack, found, n, at)
    _pyramid(stack, found, n, cell)
    _steps(stack, found)
    _photograph(stack, (at + 0.5) / outputs)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _facts(stack: Stack, found: tuple[GrownField, ...], n: int, at: int) -> None:
    last, below = found[-1], reached(stack, n, at)[0]
    first, after = last.window(at)
    layout.facts(
        (
            (t("convolution.stack.size"), f"r = {last.size.value}", str(last.size)),
            (t("convolution.stack.jump"), f"j = {last.jump.value}", str(last.jump)),
            (
                t("convolution.stack.window", cell=at),
                f"{first} … {after - 1}".replace("-", "−"),
                t("convolution.stack.window_note", start=f"{last.start.value}", jump=last.jump.value, cell=at),
            ),
            (
                t("convolution.stack.read"),
                f"{below.cells} / {last.size.value}",
                t("convolution.stack.middle", share=f"{100 * middle_share(below.ways):.0f}"),
            ),
        )
    )


def _rows(stack: Stack, found: tuple[GrownField, ...]) -> Rows:
    rows = []
    for number, field in enumerate(found):
        layer = stack[number - 1]._asdict() if number else dict.fromkeys("fspd", None)
        rows.append(
            {
                t("convolution.stack.layer"): _name(number),
                **layer,
                "n′": f"{field.side}" if number else f"{field.side.value}",
                "r": f"{field.size}" if number else "1",
                "j": f"{field.jump}" if number else "1",
                "start": f"{field.start}".replace("-", "−") if number else "0",
            }
        )
    return rows


def _name(number: int) -> str:
    return t("convolution.stack.layer_name", number=number) if number else t("convolution.stack.input")


def _steps(stack: Stack, found: tuple[GrownField, ...]) -> None:
    st.markdown(t("convolution.stack.recursion"))
    st.dataframe(_rows(stack, found), hide_index=True, placeholder="–")


# --- figures ----------------------------------------------------------------------------------------------------------


def _pyramid(stack: Stack, found: tuple[GrownField, ...], n: int, cell: state.Bound[int]) -> None:
    below = reached(stack, n, cell.value)[0]
    size = found[-1].size.value
    names = [
        t("convolution.stack.row", name=_name(number), side=field.side.value, size=field.size.value)
        for number, field in enumerate(found)
    ]
    same = {name: f"{{{name}}}" for name in ("cell", "read", "size", "first", "last", "ways")}
    says = t(
        "convolution.stack.says",
        cell=same["cell"],
        read=same["read"],
        size=same["size"],
        first=same["first"],
        last=same["last"],
        ways=same["ways"],
    )
    drawing = partial(
        pyramid.show,
        stack,
        found,
        cell.value,
        names=names,
        label=t("convolution.stack.pyramid"),
        says=says,
        key="pyramid",
        pick=cell.set,
    )
    first, last = below.first, below.first + len(below.ways) - 1
    sentence = says.format(
        cell=cell.value, read=below.cells, size=size, first=first, last=last, ways=f"{max(below.ways, default=0):,}"
    )
    if any(count == 0 for count in below.ways):
        missing = sum(count == 0 for count in below.ways)
        sentence = sentences(sentence, t("convolution.stack.gaps", missing=missing))
        st.caption(t("convolution.stack.gaps", missing=missing))
    rows = partial(_rows, stack, found)
    exhibit.show(Exhibit("stack-pyramid", drawing, sentence, rows=rows, code=(rf_window, reached)))
    with st.expander(t("convolution.stack.code"), icon=":material/code:"):
        st.caption(t("convolution.stack.code_note"))
        st.code(figures.code(stack, n, cell.value), language=None)


def _photograph(stack: Stack, share: float) -> None:
    """The fields on a photograph at its true scale, and how much of one is read."""
    layout.section(t("convolution.stack.photograph"), t("convolution.stack.photograph_note", side=_PHOTOGRAPH))
    image = choose_image(FIELDS.image, 3)
    if misfit(stack, _PHOTOGRAPH) is not None:
        st.caption(t("convolution.stack.no_photograph", side=_PHOTOGRAPH))
        return
    found = grown(stack, _PHOTOGRAPH)
    cell = min(int(share * found[-1].side.value), found[-1].side.value - 1)
    exhibit.side_by_side(_frames(image, stack, found, cell))


def _frames(image: InputImage, stack: Stack, found: tuple[GrownField, ...], cell: int) -> tuple[Exhibit, Exhibit]:
    size = found[-1].size.value
    frames = t("convolution.stack.frames", size=size, side=_PHOTOGRAPH, share=f"{100 * (size / _PHOTOGRAPH) ** 2:.2g}")
    below = reached(stack, _PHOTOGRAPH, cell)[0]
    seen = t("convolution.stack.seen", share=f"{100 * (below.cells / max(1, len(below.ways))) ** 2:.0f}")
    one = cached.framed(image, stack, _PHOTOGRAPH, cell)
    two = cached.seen(image, stack, _PHOTOGRAPH, cell)
    rows = _rows(stack, found)
    return Exhibit("stack-frames", one, frames, note=frames), Exhibit("stack-seen", two, seen, rows, note=seen)
