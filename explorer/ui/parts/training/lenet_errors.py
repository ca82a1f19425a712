"""Where trained weights err, on the LeNet-5 page: the confusion matrix, and the images behind each of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import confusion as figures
from explorer.figures.tiles import Tile
from explorer.records import Evaluation, Judged, Pair
from explorer.ui.cached import models as cached_models, runs as cached_runs, training as cached_training
from explorer.ui.components import opening
from explorer.ui.parts.training.lenet import STATE
from explorer.ui.shell import exhibit, layout, navigation, session, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, named_class, t
from explorer.ui.widgets.image import open_sample
from explorer.ui.widgets.model import open_model
from explorer.weights import recorded_run

_CLICKED = "_clicked-image"


def test_set(model_id: str) -> str:
    """The data set to evaluate weights on: their own (for shipped ones the published one), else bundled digits."""
    kind, _, name = model_id.partition(":")
    if kind == "recorded":
        trained = recorded_run(name).config.dataset
        sets = [trained.removeprefix("own:"), trained]
    else:
        sets = [cached_runs.service().run(name).config.dataset]
    return next((slug for slug in sets if cached_training.fits(slug)), cached_training.BUNDLED)


def named(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of classes in the present language."""
    return tuple(named_class(name) for name in classes)


def show(model_id: str) -> bool:
    """Confusion matrix, the commonest confusions in words, and the worst mistakes; false where the weights are gone."""
    with st.spinner(t("lenet.evaluating")):
        try:
            evaluation = cached_training.evaluation(model_id, test_set(model_id))
        except ExplorerError:
            st.warning(t("lenet.gone"))
            return False
    known = _recorded(model_id) if evaluation.dataset == cached_training.BUNDLED else None
    first = known or evaluation
    layout.section(t("lenet.errors"), _what_was_evaluated(first, recorded=known is not None))
    cells = _cells(evaluation)
    behind = state.bind(STATE.behind, allowed=("", *cells), owner=model_id)
    left, right = st.columns(2, gap="large")
    with left:
        _matrix(first, model_id, opens=known is None, chosen=cells.get(behind.value))
    with right:
        st.markdown(_commonest(first))
        if known:  # their images are not here: those of another source are another exercise
            st.markdown(f"**{t('lenet.other_hands')}**")
            st.caption(_of("foreign", evaluation))
        names = {"": t("lenet.all_worst"), **{code: _cell_name(evaluation, cell) for code, cell in cells.items()}}
        st.selectbox(t(STATE.behind.words), list(names), format_func=names.__getitem__, key=behind.key)
        _images(model_id, evaluation, cells.get(behind.commit()))
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


# --- the matrix -------------------------------------------------------------------------------------------------------


def _matrix(evaluation: Evaluation, model_id: str, *, opens: bool, chosen: Pair | None) -> None:
    from explorer.inspection import evaluate

    title, truth, answer = t("lenet.matrix"), t("lenet.truth"), t("lenet.answer")
    names, counts = named(evaluation.classes), evaluation.counts
    option = figures.confusion(
        counts,
        names,
        theme=layout.theme(),
        truth=truth,
        answer=answer,
        title=title,
        opens=opens,
        chosen=chosen if opens else None,
    )
    sentence = f"{title}. {_commonest(evaluation)}"
    rows = [{truth: name, **dict(zip(names, row, strict=True))} for name, row in zip(names, counts, strict=True)]
    key = f"confusion-{model_id.partition(':')[0]}"
    figure = Exhibit(key, option, sentence, rows=rows, code=(evaluate,), height=520)
    if opens:  # drawn anew with every choice: what a click selects in the browser is not kept beside it
        drawn = f"{key}-{_code(chosen)}"
        pick = partial(_pick, drawn, model_id, figures.filled(counts))
        figure = replace(figure, key=drawn, select=pick, note=t("lenet.matrix_note"))
    exhibit.show(figure, details=False)
    exhibit.twin(replace(figure, key=key))


def _pick(drawn: str, model_id: str, cells: Sequence[Pair]) -> None:
    """Handle a click on a cell of the matrix."""
    selected = state.get(drawn, {}).get("selection", {}).get("selected", [])
    indices = [index for group in selected for index in group["data_indices"] if index < len(cells)]
    if indices:
        state.assign(STATE.behind, _code(cells[indices[0]]), owner=model_id)


def _code(cell: Pair | None) -> str:
    return f"{cell[0]}-{cell[1]}" if cell else ""


def _commonest(evaluation: Evaluation) -> str:
    found = figures.commonest(evaluation.counts)
    if not found:
        return t("lenet.no_errors")
    parts = [_cell_name(evaluation, (i, j)) for i, j, _ in found]
    return t("lenet.commonest", list=" · ".join(parts))


def _cell_name(evaluation: Evaluation, cell: Pair) -> str:
    truth, answer = named([evaluation.classes[index] for index in cell])
    count = evaluation.counts[cell[0]][cell[1]]
    if cell[0] == cell[1]:
        return t("lenet.recognised", truth=truth, count=count)
    return t("lenet.confusion", truth=truth, answer=answer, count=count)


# --- the images behind it ---------------------------------------------------------------------------------------------


def _cells(evaluation: Evaluation) -> dict[str, Pair]:
    """The cells that hold images, by their code: the commonest confusions first, what is right last."""
    counts = evaluation.counts
    order = sorted(figures.filled(counts), key=lambda cell: (cell[0] == cell[1], -counts[cell[0]][cell[1]]))
    return {_code(cell): cell for cell in order}


def _images(model_id: str, evaluation: Evaluation, cell: Pair | None) -> None:
    """The images behind a cell, or the worst mistakes; each leads to Feature maps."""
    found = cached_training.judged(model_id, evaluation.dataset, cell)
    if not found:
        return
    said = t("lenet.worst", count=len(found))
    if cell:
        said = t("lenet.cell", cell=_cell_name(evaluation, cell), shown=len(found))
    st.caption(said)
    tiles = tuple(_tile(evaluation, *each) for each in found)
    exhibit.show(Exhibit("mistakes", tiles, said, width=70), details=False)
    opening.listen(partial(state.put, _CLICKED), key="_opening")
    if (number := state.pop(_CLICKED)) is not None and number <= evaluation.images:
        channels = cached_models.card(model_id).input_shape[0]
        there = open_model(model_id) | open_sample(evaluation.dataset, number - 1, channels)
        st.switch_page(navigation.page("maps"), query_params={"lang": session.language()} | there)


def _tile(evaluation: Evaluation, judged: Judged, png: bytes) -> Tile:
    truth, answer = named([evaluation.classes[index] for index in (judged.truth, judged.answer)])
    share = f"{100 * judged.probability:.0f}"
    alt = t("lenet.mistake", truth=truth, answer=answer, share=share)
    return Tile(png, f"{truth} → {answer}\n{share}%", alt, opens=judged.number + 1)
