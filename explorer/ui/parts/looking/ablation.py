"""What is lost without a part: channels switched off, or blocks bypassed."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import units as figures
from explorer.records import InputImage, Lesion, UnitLayer
from explorer.ui.cached import models as cached_models, units as cached_units
from explorer.ui.parts.looking import sweep
from explorer.ui.parts.looking.units import STATE, pick_layer
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, listed, refusal, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import choose_image
from explorer.ui.widgets.model_words import class_name
from explorer.ui.widgets.own_sets import note_read, note_unreadable

_TOP = 5


def show(model_id: str, layers: Sequence[UnitLayer]) -> None:
    """One ablation of one model, what it does to one image and to a data set; then each block in turn."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        lesion = _choose_parts(model_id, layers)
        image = choose_image(STATE.image, cached_models.model(model_id).input_shape[0])
        seen = t("units.seen")
        given = Exhibit("lesion-input", cached_units.input_png(model_id, image), seen, note=seen, width=128)
        exhibit.show(given, details=False)
    with right:
        if not lesion.channels and not lesion.blocks:
            st.info(t("units.nothing_off"), icon=":material/healing:")
        try:
            if not _show_answers(model_id, image, lesion):
                return
            _show_accuracy(model_id, lesion)
        except ExplorerError as problem:
            st.warning(refusal(problem), icon=":material/error:")
            return
    sweep.show(model_id)


def _choose_parts(model_id: str, layers: Sequence[UnitLayer]) -> Lesion:
    """Widgets for the ablated channels and bypassed blocks."""
    blocks, network = cached_units.blocks(model_id), cached_models.model(model_id).spec.slug
    open_blocks = [block for block in blocks if block.way]
    if open_blocks and inputs.segmented(STATE.ablated) == "block":
        names = [block.module for block in open_blocks]
        bypassed = inputs.multiselect(STATE.blocks, names, owner=network, hint=t("units.none_off"))
        st.caption(t("units.way_shortcut") if open_blocks[0].way == "shortcut" else t("units.way_identity"))
        if closed := [block.module for block in blocks if not block.way]:
            st.caption(t("units.cannot", list=listed(closed[:6])))
        return Lesion(blocks=tuple(bypassed))
    layer = pick_layer(model_id, layers)
    channels, owner = [str(channel) for channel in range(layer.shape[0])], f"{network} {layer.module}"
    off = inputs.multiselect(STATE.channels, channels, owner=owner, hint=t("units.none_off"))
    return Lesion(layer.module, tuple(map(int, off)))


def _show_answers(model_id: str, image: InputImage, lesion: Lesion) -> bool:
    """Predictions before and after; false, with a sentence, where one is not finite."""
    from explorer.inspection import probabilities

    model, found = cached_models.model(model_id), cached_units.ablated_answers(model_id, image, lesion)
    if not all(map(isfinite, (*found.before, *found.after))):
        st.warning(t("upload.no_answer"), icon=":material/error:")
        return False
    top, best, then = found.top(_TOP), found.best_before, found.best_after
    names = [class_name(model, index) for index in top]
    shares = [(found.before[index], found.after[index]) for index in top]
    sentence = t(
        f"units.{'same' if best == then else 'other'}_answer",
        before=class_name(model, best),
        share=f"{100 * found.before[best]:.0f}",
        after=class_name(model, then),
        rest=f"{100 * found.after[then]:.0f}",
    )
    st.markdown(sentence)
    before, after, title = t("units.before"), t("units.after"), t("units.top", count=len(names))
    bars = figures.before_after(names, shares, theme=layout.theme(), before=before, after=after, title=title)
    listed = " · ".join(f"{n} {100 * a:.1f}% → {100 * b:.1f}%" for n, (a, b) in zip(names, shares, strict=True))
    rows = [
        {t("units.class"): name, f"{before} (%)": round(100 * a, 2), f"{after} (%)": round(100 * b, 2)}
        for name, (a, b) in zip(names, shares, strict=True)
    ]
    exhibit.show(Exhibit("lesion-answers", bars, f"{sentence}  \n{listed}", rows, code=(probabilities,)))
    return True


def _show_accuracy(model_id: str, lesion: Lesion) -> None:
    dataset = cached_units.evaluation_dataset(model_id)
    if dataset is None or dataset.startswith("own:"):  # one's own were looked through
        note_unreadable()
    if dataset is None:
        st.caption(t("units.no_accuracy"))
        return
    note_read(dataset)
    with st.spinner(t("units.judging")):
        found = cached_units.ablated_accuracy(model_id, dataset, lesion)
    note = t("units.judged_on", count=f"{found.images:,}", title=dataset_name(dataset))
    rows = [
        (t("units.before"), f"{100 * found.before:.1f}%", note),
        (t("units.after"), f"{100 * found.after:.1f}%", t("units.points", points=f"{found.points:+.1f}")),
    ]
    layout.facts(rows)
