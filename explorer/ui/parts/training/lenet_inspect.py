"""The part of the LeNet-5 page that looks at trained weights: what they make of a drawn digit."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.figures import confusion as figures
from explorer.records import ForwardPass, InputImage, StageMaps
from explorer.ui.cached import models as cached_models, training as cached_training
from explorer.ui.parts.training.lenet import STATE
from explorer.ui.parts.training.lenet_errors import named, test_set
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, named_class, t
from explorer.ui.widgets import image as image_widget, inputs


def show_drawing(model_id: str) -> None:
    """A pad, or a test image by its number; the maps of every stage, and the answer."""
    layout.section(t("lenet.draw"), t("lenet.draw_note"))
    fragment(partial(_look, model_id))


def _look(model_id: str) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        image = _image(model_id)
    if image is None:
        right.info(t("pad.empty"), icon=":material/gesture:")
        return
    passed, given, grids = cached_training.forward_pass(model_id, image)
    with right:
        _answer(passed, given)
    _maps(passed, grids)


def _image(model_id: str) -> InputImage | None:
    """The chosen image: a test image or a drawing; None where nothing is drawn."""
    if inputs.segmented(STATE.pen, label=False) == "test":
        number, dataset = inputs.number(STATE.image), test_set(model_id)
        found = cached_models.sample(dataset, number)
        st.caption(t("pad.truth", number=found.number, title=dataset_name(dataset), truth=named_class(found.truth)))
        return InputImage(f"{dataset}#{found.number}", found.pixels)
    return image_widget.drawing("pad")


def _answer(passed: ForwardPass, seen_png: bytes) -> None:
    from explorer.inspection import forward_pass

    names = named(passed.classes)
    ranked = sorted(zip(passed.probabilities, names, strict=True), reverse=True)
    (first, best), (second, next_best) = ranked[:2]
    sentence = t("lenet.says_digit" if best.isdigit() else "lenet.says", best=best, share=f"{100 * first:.0f}")
    if rest := round(100 * second):
        sentence += " " + t("lenet.next", next=next_best, rest=rest)
    given, answers = st.columns([1, 2], gap="medium")
    with given:
        seen = t("lenet.seen")
        exhibit.show(Exhibit("seen", seen_png, seen, note=seen, width=168), details=False)
    with answers:
        st.markdown(sentence)
        title, theme = t("lenet.softmax"), layout.theme()
        option = figures.answer_bars(passed.probabilities, names, theme=theme, title=title)
        rows = [{t("lenet.answer"): name, title: 100 * share} for share, name in ranked]
        exhibit.show(Exhibit("answer", option, sentence, rows=rows, code=(forward_pass,)))


def _maps(passed: ForwardPass, grids: tuple[bytes, ...]) -> None:
    from explorer.inspection import forward_pass

    rows = [
        {
            t("column.stage"): stage.stage,
            **dict(zip(("n_C", "n_H", "n_W"), stage.maps.shape, strict=True)),
            t("lenet.low"): stage.low,
            t("lenet.high"): stage.high,
        }
        for stage in passed.stages
    ]
    drawn = []
    for stage, grid in zip(passed.stages, grids, strict=True):
        sentence = _sentence(stage)
        drawn.append(Exhibit(f"maps-{stage.stage}", grid, sentence, rows=rows, code=(forward_pass,), note=sentence))
    exhibit.side_by_side(drawn)
    st.caption(t("lenet.maps_note"))


def _sentence(stage: StageMaps) -> str:
    count, height, width = stage.maps.shape
    low, high, size = f"{stage.low:.2f}", f"{stage.high:.2f}", f"{height}×{width}"
    return t("lenet.maps", stage=stage.stage, count=count, size=size, low=low, high=high)
