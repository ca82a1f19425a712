"""A scene moved by a pixel through each wiring, and why kernels are odd."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.arithmetic.sharing import same_kernel
from explorer.blocks.shifting import drift, moved_scene
from explorer.figures import sharing as figures
from explorer.figures.tiles import Tile, tiled  # eight images in one message: a slider moves them
from explorer.records import InputImage
from explorer.records.sharing import ShiftedOutput, ShiftedScene
from explorer.ui.cached.blocks import convolution_views as cached
from explorer.ui.parts.blocks.convolution.dense.state import FIELDS
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import choose_image

_LAYERS, _TILE = 8, 150


def show() -> None:
    """Move a scene; then compare an odd with an even kernel."""
    layout.section(t("convolution.shift.title"), t("convolution.shift.note"))
    fragment(_scene_chosen)
    fragment(_even)


def _scene_chosen() -> None:
    fragment(partial(_moved, choose_image(FIELDS.image, 3)))


def _moved(image: InputImage) -> None:
    with layout.row():
        shift = inputs.slider(FIELDS.shift)
        seed = inputs.number(FIELDS.seed)
    found = cached.moved(image, shift, seed)
    tiles = [tile for each in (_scene(found), *map(partial(_output, found), found.outputs)) for tile in each]
    rows = [
        {
            t("convolution.wiring.which"): t(f"convolution.wiring.name.{each.wiring}"),
            t("convolution.shift.gap"): f"{100 * each.gap:.1f}%",
            t("convolution.shift.likeness"): f"{each.likeness:.3f}".replace("-", "−"),
        }
        for each in found.outputs
    ]
    sentence, drawn = t("convolution.shift.says"), tiled(tiles, _TILE, pairs=True)
    exhibit.show(Exhibit("shift", drawn, sentence, rows, code=(moved_scene,), note=sentence))


def _scene(found: ShiftedScene) -> tuple[Tile, Tile]:
    before, after = t("convolution.shift.before"), t("convolution.shift.after", shift=found.shift)
    name = t("convolution.shift.scene")
    return Tile(figures.view_png(found.before), f"{name}\n{before}"), Tile(figures.view_png(found.after), after)


def _output(found: ShiftedScene, output: ShiftedOutput) -> tuple[Tile, Tile]:
    limit = max(float(abs(each).max()) for each in (output.before, output.after))
    before, after = t("convolution.shift.output"), t("convolution.shift.output_after", shift=found.shift)
    name = t(f"convolution.wiring.name.{output.wiring}")
    same = "same" if output.gap == 0 else "differs"
    likeness = f"{output.likeness:.2f}".replace("-", "−")
    verdict = t(f"convolution.shift.{same}", gap=f"{100 * output.gap:.0f}", likeness=likeness)
    return (
        Tile(figures.map_png(output.before, limit), f"{name}\n{before}"),
        Tile(figures.map_png(output.after, limit), f"{after}\n{verdict}", alt=f"{name}: {after}"),
    )


# --- kernels with a middle --------------------------------------------------------------------------------------------


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
