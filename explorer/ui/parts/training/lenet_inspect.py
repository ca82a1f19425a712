"""The parts of the LeNet-5 page that look at trained weights: where they err, and what they make of a drawn digit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import confusion as figures
from explorer.records import Evaluation, ForwardPass, InputImage, StageMaps
from explorer.ui.cached import models as cached_models, runs as cached_runs, training as cached_training
from explorer.ui.parts.training.lenet import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit, Tile
from explorer.ui.shell.words import dataset_name, named_class, t
from explorer.ui.widgets import image as image_widget, inputs
from explorer.weights import recorded_run


def test_set(model_id: str) -> str:
    """The data set to evaluate weights on: their own (for shipped ones the published one), else bundled digits."""
    kind, _, name = model_id.partition(":")
    if kind == "recorded":
        trained = recorded_run(name).config.dataset
        sets = [trained.removeprefix("own:"), trained]
    else:
        sets = [cached_runs.service().run(name).config.dataset]
    return next((slug for slug in sets if cached_training.fits(slug)), cached_training.BUNDLED)


# --- where it errs ----------------------------------------------------------------------------------------------------


def show_evaluation(model_id: str) -> bool:
    """Confusion matrix, the commonest confusions in words, and the worst mistakes; false where the weights are gone."""
    with st.spinner(t("lenet.evaluating")):
        try:
            evaluation, mistakes = cached_training.evaluation(model_id, test_set(model_id))
        except ExplorerError:
            st.warning(t("lenet.gone"))
            return False
    known = _recorded(model_id) if evaluation.dataset == cached_training.BUNDLED else None
    first = known or evaluation
    layout.section(t("lenet.errors"), _what_was_evaluated(first, recorded=known is not None))
    left, right = st.columns(2, gap="large")
    with left:
        _matrix(first, model_id)
    with right:
        st.markdown(_commonest(first))
        if known:  # their images are not here: those of another source are another exercise
            st.markdown(f"**{t('lenet.other_hands')}**")
            st.caption(_of("foreign", evaluation))
        if evaluation.mistakes:
            worst = t("lenet.worst", count=len(evaluation.mistakes))
            st.caption(worst)
            exhibit.show(Exhibit("mistakes", _tiles(evaluation, mistakes), worst, width=70), details=False)
    return True


def _recorded(model_id: str) -> Evaluation | None:
    """What was recorded of shipped weights on their own test set, where that is not on this machine."""
    kind, _, name = model_id.partition(":")
    run = recorded_run(name) if kind == "recorded" else None
    if run is None or not run.confusion or run.trained_on == cached_training.BUNDLED:
        return None
    loss = run.points[-1].test_loss or 0.0
    return Evaluation(run.trained_on, run.classes, run.confusion, loss, run.shipped_accuracy, ())


def _what_was_evaluated(evaluation: Evaluation, *, recorded: bool) -> str:
    if evaluation.dataset == cached_training.BUNDLED:
        return _of("digits28", evaluation)
    return _of("recorded" if recorded else "here", evaluation)


def _of(kind: str, evaluation: Evaluation) -> str:
    title, accuracy, images = dataset_name(evaluation.dataset), f"{100 * evaluation.accuracy:.2f}", evaluation.images
    return t(f"lenet.judged_{kind}", title=title, accuracy=accuracy, wrong=evaluation.wrong, images=f"{images:,}")


def _matrix(evaluation: Evaluation, model_id: str) -> None:
    from explorer.inspection import evaluate

    title, truth, answer = t("lenet.matrix"), t("lenet.truth"), t("lenet.answer")
    names = _named(evaluation.classes)
    option = figures.confusion(evaluation.counts, names, theme=layout.theme(), truth=truth, answer=answer, title=title)
    sentence = f"{title}. {_commonest(evaluation)}"
    rows = [
        {truth: name, **dict(zip(names, counts, strict=True))}
        for name, counts in zip(names, evaluation.counts, strict=True)
    ]
    key = f"confusion-{model_id.partition(':')[0]}"
    exhibit.show(Exhibit(key, option, sentence, rows=rows, code=(evaluate,), height=520))


def _commonest(evaluation: Evaluation) -> str:
    found = figures.commonest(evaluation.counts)
    if not found:
        return t("lenet.no_errors")
    names = _named(evaluation.classes)
    parts = [t("lenet.confusion", truth=names[i], answer=names[j], count=n) for i, j, n in found]
    return t("lenet.commonest", list=" · ".join(parts))


def _named(classes: Sequence[str]) -> tuple[str, ...]:
    return tuple(named_class(name) for name in classes)


def _tiles(evaluation: Evaluation, pngs: tuple[bytes, ...]) -> tuple[Tile, ...]:
    named = [(*_named((each.truth, each.answer)), f"{100 * each.probability:.0f}") for each in evaluation.mistakes]
    return tuple(
        Tile(png, f"{truth} → {answer}  \n{share} %", t("lenet.mistake", truth=truth, answer=answer, share=share))
        for (truth, answer, share), png in zip(named, pngs, strict=True)
    )


# --- one image on its way ---------------------------------------------------------------------------------------------


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

    names = _named(passed.classes)
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
