"""The trap: one image, asked in evaluation mode and, beside another image, in training mode."""

from __future__ import annotations

import streamlit as st

from explorer.figures import averaging, nonlinear as figures
from explorer.figures.tiles import Tile
from explorer.ui.cached import models as cached_models
from explorer.ui.cached.blocks import nonlinearities as cached_nets, nonlinearities_batches as cached
from explorer.ui.parts.blocks.nonlinearities.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.model_words import class_name

_SHOWN, _TILE = 3, 112


def show() -> None:
    """Two answers for the same image side by side; then accuracy by the size of the batch."""
    layout.section(t("nonlinearities.trap"), t("nonlinearities.trap_note"))
    left, middle, right = st.columns([5, 3, 3], gap="medium")
    with left:
        asked = inputs.segmented(STATE.asked)
    named = {code: t(f"image.{code}") for code in STATE.image.codes}
    with middle:
        image = inputs.select(STATE.image, named=named.__getitem__)
    with right:
        companion = inputs.select(STATE.companion, named=named.__getitem__)
    with layout.waiting():
        found = cached.two_modes(asked, image, companion)
        card = cached_models.card(cached_nets.model_id(asked))
    usual, alone = dict(found.evaluation), dict(found.training)
    classes = list(dict.fromkeys([*list(usual)[:_SHOWN], *list(alone)[:_SHOWN]]))
    names = [class_name(card, index) for index in classes]
    rows = [
        (t("nonlinearities.training_mode", companion=named[companion]), [alone.get(index, 0.0) for index in classes]),
        (t("nonlinearities.evaluation_mode"), [usual.get(index, 0.0) for index in classes]),
    ]
    said = t(
        "nonlinearities.trap_says",
        first=names[0],
        usual=f"{100 * found.evaluation[0][1]:.1f}",
        second=class_name(card, found.training[0][0]),
        alone=f"{100 * found.training[0][1]:.1f}",
        companion=named[companion],
        distance=f"{100 * found.distance:.0f}",
        moved=f"{100 * found.moved:.2g}",
    )
    option = averaging.grouped_bars(names, rows, theme=layout.theme(), title=t("nonlinearities.trap_title"))
    pictures, bars = st.columns([1, 4], gap="medium")
    with pictures:
        tiles = (
            Tile(cached.thumbnail(image), t("nonlinearities.asked_image", image=named[image])),
            Tile(cached.thumbnail(companion), t("nonlinearities.its_companion", image=named[companion])),
        )
        exhibit.show(Exhibit("pair", tiles, said, width=_TILE), details=False)
    with bars:
        table = [
            {t("nonlinearities.class"): name, **{label: v[i] for label, v in rows}} for i, name in enumerate(names)
        ]
        exhibit.show(Exhibit("modes", option, said, rows=table, note=said, code=_code, height=330))
    _by_batch()


def _by_batch() -> None:
    with layout.waiting():
        found = cached.batch_accuracy()
    words = {
        "size": t("nonlinearities.batch_size"),
        "accuracy": t("nonlinearities.accuracy"),
        "training": t("nonlinearities.of_batch"),
        "evaluation": t("nonlinearities.evaluation_mode"),
    }
    (small, worst), (large, best) = found.training[0], found.training[-1]
    said = t(
        "nonlinearities.by_batch_says",
        images=found.images,
        usual=f"{100 * found.evaluation:.1f}",
        small=small,
        worst=f"{100 * worst:.1f}",
        large=large,
        best=f"{100 * best:.1f}",
    )
    option = figures.by_batch(
        found.training, found.evaluation, theme=layout.theme(), words=words, title=t("nonlinearities.by_batch")
    )
    rows = [{words["size"]: size, words["accuracy"]: round(100 * share, 1)} for size, share in found.training]
    exhibit.show(Exhibit("by-batch", option, said, rows=rows, note=said, height=300))


def _code() -> Code:
    from explorer.inspection import two_modes

    return (two_modes,)
