"""Which kernel slides over a photograph, how, and over what: a named one, or one of one's own."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explorer.blocks.kernels import KERNELS
from explorer.blocks.pasting import read_grid, written
from explorer.records import InputImage
from explorer.records.convolving import Grid
from explorer.records.filtered import Filter, FilterMisfit
from explorer.ui.parts.blocks.convolution.photograph.state import FIELDS, LARGEST, OWN
from explorer.ui.shell import state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_EMBOSS: Grid = ((-2.0, -1.0, 0.0), (-1.0, 1.0, 1.0), (0.0, 1.0, 2.0))
"""What stands in the box for a kernel of one's own until something else is written there."""

_PASTED, _PROBLEM = "filter-paste", "_filter-problem"


def choose(image: Callable[[], InputImage]) -> tuple[InputImage, Filter, bool]:
    """The image, the kernel and how it slides; and whether the colour scale covers every value."""
    named = {code: t(f"kernel.{code}") for code in KERNELS} | {OWN: t("convolution.photo.own_kernel")}
    overs = {code: t(f"convolution.over.{code}") for code in FIELDS.over.codes}
    left, middle, right = st.columns(3, gap="small")
    with left:
        chosen = image()
    with middle:
        code = inputs.select(FIELDS.kernel, FIELDS.kernel.codes, named.__getitem__, default=FIELDS.kernel.default)
        kernel = _own() if code == OWN else KERNELS[code]
    with right:
        over = inputs.select(FIELDS.over, FIELDS.over.codes, overs.__getitem__)
    *sliding, last = st.columns([1, 1, 1, 2], gap="small", vertical_alignment="bottom")
    given = []
    for column, field in zip(sliding, (FIELDS.stride, FIELDS.padding, FIELDS.dilation), strict=True):
        with column:
            given.append(inputs.number(field))
    stride, padding, dilation = given
    square = len(kernel) == len(kernel[0])
    with last:
        magnitude = inputs.toggle(FIELDS.magnitude, help=t("convolution.photo.magnitude_help"))
        everything = inputs.toggle(FIELDS.everything, help=t("convolution.photo.everything_help"))
    if magnitude and not square:
        st.caption(t("convolution.photo.not_square", size=f"{len(kernel)}×{len(kernel[0])}"))
    return chosen, Filter(kernel, stride, padding, dilation, over, magnitude and square), everything


def _own() -> Grid:
    """A kernel as it was typed or pasted; what cannot be read is said, and the one before stays."""
    bound = state.bind(FIELDS.own)
    kernel = bound.value[0] if bound.value else _EMBOSS
    if state.get(_PROBLEM, ("", ()))[1] != kernel:
        state.put(_PROBLEM, ("", kernel))
        state.put(_PASTED, written(kernel))
    st.text_area(t("convolution.photo.paste"), key=_PASTED, on_change=_paste, args=(kernel,), height=120)
    if problem := state.get(_PROBLEM, ("", ()))[0]:
        st.warning(t(f"convolution.paste.{problem}", most=LARGEST), icon=":material/grid_off:")
    bound.commit()
    return kernel


def _paste(before: Grid) -> None:
    kernel, problem = read_grid(state.get(_PASTED, ""), LARGEST)
    state.put(_PROBLEM, (problem, kernel or before))
    if not problem:
        state.assign(FIELDS.own, (kernel,))


def typed(plane: str, rows: Grid) -> None:
    """The kernel's grid was typed into: it is one's own from now on."""
    kernel = tuple(tuple(round(max(-9_999.0, min(9_999.0, value)), 6) for value in row) for row in rows)
    if len(kernel) <= LARGEST and len(kernel[0]) <= LARGEST:
        state.assign(FIELDS.kernel, OWN)
        state.assign(FIELDS.own, (kernel,))
    else:
        state.put(_PROBLEM, ("large", FIELDS.own.default))


def refuse(wrong: FilterMisfit) -> None:
    """Why the kernel cannot slide over the image, and a button for what can."""
    st.warning(t("convolution.photo.misfit", span=wrong.span, room=wrong.room), icon=":material/block:")
    if wrong.dilation:
        label = t("convolution.photo.smaller", d=wrong.dilation)
        st.button(label, on_click=state.assign, args=(FIELDS.dilation, wrong.dilation), key="filter-smaller")
