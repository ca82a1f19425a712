"""The parts of the LeNet-5 page that look at trained weights: where they err, and what they make of a drawn digit."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import confusion as figures
from explorer.records import Evaluation, ForwardPass, InputImage, StageMaps
from explorer.ui.cached import models as cached_models
from explorer.ui.cached import runs as cached_runs
from explorer.ui.cached import training as cached_training
from explorer.ui.parts.training.lenet import data_title
from explorer.ui.shell import layout
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import image as image_widget
from explorer.weights import recorded_runs

_MOST_NUMBER = 359  # the last test picture of the smallest set that ships


def test_set(source: str) -> str:
    """The data set that weights are judged on: their own, for shipped ones MNIST, and else the bundled digits."""
    kind, _, name = source.partition(":")
    trained = (
        recorded_runs()[name].config.dataset if kind == "recorded" else cached_runs.service().run(name).config.dataset
    )
    wanted = ("mnist", trained) if kind == "recorded" else (trained,)
    return next((slug for slug in wanted if cached_training.fits(slug)), cached_training.BUNDLED)


def show_evaluation(source: str) -> bool:
    """Confusion matrix, the commonest confusions in words, and the worst mistakes; false where the weights are gone."""
    with st.spinner(t("lenet.evaluating")):
        try:
            judged, mistakes = cached_training.evaluation(source, test_set(source))
        except ExplorerError:
            st.warning(t("lenet.gone"))
            return False
    layout.section(t("lenet.errors"), _what_was_judged(source, judged))
    left, right = st.columns(2, gap="large")
    with left:
        _matrix(judged, source)
    with right:
        st.markdown(_commonest(judged))
        if judged.mistakes:
            st.caption(t("lenet.worst", count=len(judged.mistakes)))
            _tiles(judged, mistakes)
    return True


def _what_was_judged(source: str, judged: Evaluation) -> str:
    accuracy, pictures = f"{100 * judged.accuracy:.2f}", f"{judged.images:,}"
    if judged.dataset != cached_training.BUNDLED:
        title = data_title(judged.dataset)
        return t("lenet.judged", title=title, accuracy=accuracy, wrong=judged.wrong, pictures=pictures)
    kind = "foreign" if source.startswith("recorded:") else "digits28"
    return t(f"lenet.judged_{kind}", accuracy=accuracy, wrong=judged.wrong, pictures=pictures)


def _matrix(judged: Evaluation, source: str) -> None:
    title = t("lenet.matrix")
    option = figures.confusion(
        judged.counts,
        judged.classes,
        theme=layout.theme(),
        truth=t("lenet.truth"),
        answer=t("lenet.answer"),
        title=title,
    )
    layout.echart(
        option, f"confusion-{source.partition(':')[0]}", f"{title}. {_commonest(judged)}".replace("**", ""), 520
    )


def _commonest(judged: Evaluation) -> str:
    found = figures.commonest(judged.counts)
    if not found:
        return t("lenet.no_errors")
    names = judged.classes
    parts = [t("lenet.confusion", truth=names[i], answer=names[j], count=n) for i, j, n in found]
    return t("lenet.commonest", list=" · ".join(parts))


def _tiles(judged: Evaluation, pngs: tuple[bytes, ...]) -> None:
    with st.container(horizontal=True, gap="small"):
        for one, png in zip(judged.mistakes, pngs, strict=True):
            share = f"{100 * one.probability:.0f}"
            alt = t("lenet.mistake", truth=one.truth, answer=one.answer, share=share)
            st.image(png, caption=f"{one.truth} → {one.answer}  \n{share} %", width=70, alt=alt)


def show_drawing(source: str) -> None:
    """A pad, or a test picture by its number; the maps of every stage, and the answer."""
    layout.section(t("lenet.draw"), t("lenet.draw_note"))

    @st.fragment
    def look() -> None:
        left, right = st.columns([2, 3], gap="large")
        with left:
            image = _image(source)
        if image is None:
            right.info(t("pad.empty"), icon=":material/gesture:")
            return
        passed, seen, grids = cached_training.forward_pass(source, image)
        with right:
            _answer(passed, seen)
        _maps(passed, grids)

    look()


def _image(source: str) -> InputImage | None:
    """What is looked at: a test image or a drawing; None where nothing is drawn."""
    if controls.choice("pen", ("draw", "test"), "draw", label=False) == "test":
        wanted, dataset = controls.whole("number", 0, _MOST_NUMBER, 0), test_set(source)
        found = cached_models.sample(dataset, wanted)
        st.caption(t("pad.truth", number=found.number, title=data_title(dataset), truth=found.truth))
        return InputImage(f"{dataset}#{found.number}", found.pixels)
    return image_widget.drawing("pad")


def _answer(passed: ForwardPass, seen_png: bytes) -> None:
    ranked = sorted(zip(passed.probabilities, passed.classes, strict=True), reverse=True)
    (first, best), (second, next_best) = ranked[:2]
    share, rest = f"{100 * first:.1f}", f"{100 * second:.1f}"
    sentence = t("lenet.says", best=best, share=share, next=next_best, rest=rest)
    seen, bars = st.columns([1, 2], gap="medium")
    with seen:
        st.image(seen_png, width=168, alt=t("lenet.seen"))
        st.caption(t("lenet.seen"))
    with bars:
        st.markdown(sentence)
        theme = layout.theme()
        option = figures.answer_bars(passed.probabilities, passed.classes, theme=theme, title=t("lenet.softmax"))
        layout.echart(option, "answer", sentence.replace("**", ""), 300)


def _maps(passed: ForwardPass, grids: tuple[bytes, ...]) -> None:
    stages = tuple(zip(passed.stages, grids, strict=True))
    for pair in (stages[:2], stages[2:]):
        for column, (stage, grid) in zip(st.columns(2, gap="medium"), pair, strict=True):
            with column:
                _one_stage(stage, grid)
    st.caption(t("lenet.maps_note"))


def _one_stage(stage: StageMaps, grid: bytes) -> None:
    count, height, width = stage.maps.shape
    sentence = t(
        "lenet.maps",
        stage=stage.stage,
        count=count,
        size=f"{height}×{width}",
        low=f"{stage.low:.2f}",
        high=f"{stage.high:.2f}",
    )
    st.caption(sentence)
    st.image(grid, width="stretch", alt=sentence)
