"""The controls of a convolution cell by cell: what is chosen, and what is offered where it cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from explorer.blocks.choosing import GIVEN, Chosen, usual_bias, usual_size, usual_window
from explorer.blocks.convolving import padding_of
from explorer.blocks.kernels import KERNELS
from explorer.blocks.setups import SETUPS
from explorer.fields import Field
from explorer.records.convolving import Grids, Padding
from explorer.ui.parts.blocks.convolution.state import STATE
from explorer.ui.shell import state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_FIELDS = STATE.cells
_NARROW, _WIDE = 108, 340  # pixels of a number that is chosen, and of the list of examples


def choose(numbers: Any) -> Chosen:
    """All that is chosen; `numbers(kind, case)` draws what stands in the menus "input" and "kernel"."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="convolution-example"):
        case, flipped = _case()
        setup = SETUPS[case]
        with st.popover(t("convolution.input_menu"), icon=":material/grid_on:"):
            line = inputs.toggle(_FIELDS.line, default=setup.line, owner=case)
            fill = _fill(case)
            size, channels = _size(case, line=line)
            numbers("input", case)
        with st.popover(t("convolution.kernel_menu"), icon=":material/tune:"):
            kernel = _kernel(case, line=line)
            with st.container(horizontal=True):
                filters = _number(_FIELDS.filters, len(setup.kernels), case)
                groups = _number(_FIELDS.groups, setup.groups, case)
            bias = _bias(case, filters)
            numbers("kernel", case)
    with st.container(horizontal=True, vertical_alignment="bottom", key="convolution-window"):
        mode = _mode(case)
        alike = not line and state.bind(_FIELDS.alike, default=_usually_alike(case, kernel), owner=case).value
        window, stride, dilation, padding = _window(case, kernel, mode, line=line, alike=alike)
        if not line:
            inputs.toggle(_FIELDS.alike, default=_usually_alike(case, kernel), owner=case)
        sides = zip(size, window, stride, dilation, strict=True)
        odd_at_end = mode != "same" or _odd_at_end(case, sides)
    return Chosen(
        case=case,
        size=size,
        window=window,
        stride=stride,
        dilation=dilation,
        mode=mode,
        padding=padding,
        odd_at_end=odd_at_end,
        channels=channels,
        filters=filters,
        groups=groups,
        flipped=flipped,
        line=line,
        fill=fill,
        kernel=kernel,
        x=_own(_FIELDS.x, f"{case}.{fill}"),
        w=_own(_FIELDS.w, f"{case}.{kernel}"),
        bias=bias,
    )


def _case() -> tuple[str, bool]:
    names = {code: t(f"convolution.case.{code}") for code in SETUPS}
    with st.container(width=_WIDE):
        case: str = inputs.select(_FIELDS.case, named=names.__getitem__, default=_FIELDS.case.default)
    with st.container(width="content"):
        usual = "convolution" if SETUPS[case].flipped else "correlation"
        return case, inputs.segmented(_FIELDS.operation, default=usual, owner=case) == "convolution"


def _mode(case: str) -> Padding:
    with st.container(width="content"):
        mode: Any = inputs.segmented(_FIELDS.mode, default=SETUPS[case].mode, owner=case)
        return mode  # type: ignore[no-any-return]  # the codes are those of `Padding`


def _odd_at_end(case: str, axes: Iterable[tuple[int, int, int, int]]) -> bool:
    """At which end "same" has one zero more: asked where it has an odd number of them along (n, f, s, d)."""
    if all(before == after for before, after in (padding_of(*axis, "same") for axis in axes)):
        return True
    with st.container(width="content"):
        return inputs.segmented(_FIELDS.odd, owner=case) == "end"


def _fill(case: str) -> str:
    names = {code: t(f"convolution.fill.{code}") for code in _FIELDS.fill.codes}
    return str(inputs.select(_FIELDS.fill, None, names.__getitem__, default=GIVEN, owner=case))


def _kernel(case: str, *, line: bool) -> str:
    """The code of a kernel with a name; a signal has none of them."""
    if line:
        return GIVEN
    names = {GIVEN: t("convolution.kernel_given")} | {code: t(f"kernel.{code}") for code in KERNELS}
    return str(
        inputs.select(_FIELDS.kernel, tuple(names), names.__getitem__, default=SETUPS[case].kernel or GIVEN, owner=case)
    )


def _size(case: str, *, line: bool) -> tuple[tuple[int, int], int]:
    rows, columns = usual_size(case, line=line)
    with st.container(horizontal=True):
        if not line:
            rows = _number(_FIELDS.rows, rows, case)
        columns = _number(_FIELDS.columns, columns, case)
        return (rows, columns), _number(_FIELDS.channels, len(SETUPS[case].inputs), case)


def _usually_alike(case: str, kernel: str) -> bool:
    setup, (rows, columns) = SETUPS[case], usual_window(case, kernel, line=False)
    return rows == columns and setup.stride[0] == setup.stride[1]


def _window(
    case: str, kernel: str, mode: str, *, line: bool, alike: bool
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Kernel, stride, dilation and padding: (rows, columns) each."""
    setup, owner = SETUPS[case], f"{case}.{kernel}"

    def pair(down: Field[int], across: Field[int], usual: Sequence[int], owner: str) -> tuple[int, int]:
        high = 1 if line or alike else _number(down, usual[0], owner)
        wide = _number(across, usual[1], owner, both=alike or line)
        return (wide if alike and not line else high), wide

    window = pair(_FIELDS.f_h, _FIELDS.f_w, usual_window(case, kernel, line=line), owner)
    stride = pair(_FIELDS.s_h, _FIELDS.s_w, setup.stride, case)
    dilation = pair(_FIELDS.d_h, _FIELDS.d_w, setup.dilation, case)
    padding = pair(_FIELDS.p_h, _FIELDS.p_w, setup.padding, case) if mode == "any" else (0, 0)
    return window, stride, dilation, (0, padding[1]) if line else padding


def _bias(case: str, filters: int) -> tuple[float, ...]:
    """A number for each filter."""
    bound = state.bind(_FIELDS.bias, owner=case)
    given = bound.value[0][0] if bound.value else usual_bias(case, filters)
    values = tuple((*given, *(0.0,) * filters)[:filters])
    keys = [f"_bias-{k}" for k in range(filters)]

    def changed() -> None:
        state.assign(_FIELDS.bias, ((tuple(float(state.get(key, 0.0)) for key in keys),),), owner=case)

    with st.container(horizontal=True):
        for k, (key, value) in enumerate(zip(keys, values, strict=True), start=1):
            state.put(key, float(value))
            with st.container(width=_NARROW):
                label = t("convolution.bias_of", number=k)
                st.number_input(label, -999.0, 999.0, step=0.5, format="%g", key=key, on_change=changed)
    bound.commit()
    return values


def _number(field: Field[int], usual: int, owner: str, *, both: bool = False) -> int:
    label = t(f"convolution.both.{field.name}") if both else t(field.words)
    with st.container(width=_NARROW):
        return inputs.number(field, default=usual, owner=owner, label=label)


def _own(field: Field[Grids], owner: str) -> Grids:
    return state.bind(field, owner=owner).commit()
