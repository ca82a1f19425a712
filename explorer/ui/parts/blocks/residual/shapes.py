"""The shortcut where shapes differ: zeros or a projection, cell by cell."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic.residual import shortcut
from explorer.records.residual import Shortcut
from explorer.ui.parts.blocks.residual import words
from explorer.ui.parts.blocks.residual.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """From two channels of 4 x 4 to as many as are chosen: where the zeros go, or what W_s mixes."""
    from explorer.figures.residual_shapes import shortcut_maps

    layout.section(t("residual.shapes_title"), t("residual.shapes_note"))
    left, middle, right, last = st.columns([11, 4, 3, 4], gap="medium", vertical_alignment="bottom")
    with left:
        kind = inputs.segmented(STATE.shortcut)
    with middle:
        channels = inputs.select(STATE.channels, named="{:d}".format)
    with right:
        stride = inputs.select(STATE.stride, named="{:d}".format)
    with last:
        seed = inputs.number(STATE.maps)
    record = shortcut(kind, channels, stride, seed)
    sentence, rows = _sentence(record), _rows(record)
    named = {name: t(f"residual.maps.{name}") for name in ("input", "output", "copy", "zero", "mix")}
    label = exhibit.plain(sentence)
    drawn = shortcut_maps(record, theme=layout.theme(), words={**named, "weights": "W_{s}"}, label=label)
    shown = Exhibit("residual-shortcut", drawn, sentence, rows, None, _FORMULA, (shortcut,))
    exhibit.show(shown, details=False)
    st.markdown(sentence)
    if record.weights:
        st.latex(_first_cell(record))
    exhibit.twin(shown)
    words.code(lambda: _code(record))


_FORMULA = r"a^{[l+2]} = g\big(z^{[l+2]} + W_s\, a^{[l]}\big)"


def _sentence(record: Shortcut) -> str:
    if record.is_identity:
        return t("residual.maps.identity")
    read = f"{100 * record.share_read:.0f}"
    n_in, n_out = len(record.inputs), len(record.outputs)
    if record.weights:
        count = f"{record.parameters:,}"
        said = t("residual.maps.projected", n_in=n_in, n_out=n_out, parameters=count, read=read)
        slide = t("residual.maps.slide", n_in=128, n_out=256, parameters=f"{128 * 256:,}")
        return f"{said}  \n{slide}"
    zeros = sum(source == -1 for source in record.sources)
    return t(f"residual.maps.{'padded' if zeros else 'subsampled'}", zeros=zeros, n_out=n_out, read=read)


def _first_cell(record: Shortcut) -> str:
    """The first cell of the first output channel, with its numbers."""
    terms = [
        rf"({weight:g}) \cdot {channel[0][0]:g}" if weight < 0 else rf"{weight:g} \cdot {channel[0][0]:g}"
        for weight, channel in zip(record.weights[0], record.inputs, strict=True)
    ]
    return f"{' + '.join(terms)} = {record.outputs[0][0][0]:.2f}"


def _rows(record: Shortcut) -> list[dict[str, object]]:
    named = {-1: t("residual.maps.zero"), -2: t("residual.maps.mix")}
    return [
        {
            t("residual.maps.output"): number,
            t("residual.maps.from"): named.get(source) or t("residual.maps.copy", channel=source + 1),
            t("residual.maps.values"): " | ".join(" ".join(f"{value:g}" for value in row) for row in channel),
        }
        for number, (channel, source) in enumerate(zip(record.outputs, record.sources, strict=True), start=1)
    ]


def _code(record: Shortcut) -> str:
    from explorer.blocks.residual_code import shortcut_code

    return shortcut_code(record)
