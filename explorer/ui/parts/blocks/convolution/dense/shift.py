"""A scene moved by a pixel through each wiring."""

from __future__ import annotations

from functools import partial

from explorer.blocks.shifting import moved_scene
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

_TILE = 150


def show() -> None:
    """Move a scene, and see what each wiring makes of it."""
    layout.section(t("convolution.shift.title"), t("convolution.shift.note"))
    fragment(_scene_chosen)


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
