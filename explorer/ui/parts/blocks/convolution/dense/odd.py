"""Why kernels are odd: "same" padding has a middle or none, and what that does in a stack."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic.sharing import same_kernel
from explorer.blocks.shifting import drift
from explorer.figures import sharing as figures
from explorer.ui.parts.blocks.convolution.dense.state import FIELDS
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_LAYERS = 8


def show() -> None:
    """An odd and an even kernel side by side, by themselves and in a stack."""
    fragment(_even)


def _even() -> None:
    layout.section(t("convolution.even.title"), t("convolution.even.note"))
    f = inputs.slider(FIELDS.even)
    sides = (f, f + 1) if f % 2 else (f - 1, f)
    for column, side in zip(st.columns(2, gap="medium"), sides, strict=True):
        with column:
            kernel = same_kernel(side)
            parity = "odd" if side % 2 else "even"
            said = t(
                f"convolution.even.{parity}",
                f=side,
                zeros=kernel.before + kernel.after,
                before=kernel.before,
                after=kernel.after,
            )
            words = {"input": t("convolution.even.input"), "output": t("convolution.even.output")}
            drawn = figures.strip(kernel, theme=layout.theme(), words=words, title=f"f = {side}")
            exhibit.show(Exhibit(f"same-{parity}", drawn, said, note=said), details=False)
    _drift(sides)


def _drift(sides: tuple[int, int]) -> None:
    found = [(f"f = {side}", drift(side, _LAYERS)) for side in sides]
    words = {"layers": t("convolution.even.layers"), "cells": t("convolution.even.cells")}
    title = t("convolution.even.drift")
    option = figures.drifts(found, theme=layout.theme(), words=words, title=title)
    last = f"{abs(found[1][1][-1]):g}"
    sentence = t("convolution.even.says", layers=_LAYERS, odd=sides[0], even=sides[1], cells=last)
    rows = [
        {words["layers"]: layer, **{name: round(places[layer], 3) + 0.0 for name, places in found}}
        for layer in range(_LAYERS + 1)
    ]
    exhibit.show(Exhibit("same-drift", option, sentence, rows, code=(drift,), note=sentence, height=260))
