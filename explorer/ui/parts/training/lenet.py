"""The parts of the LeNet-5 page that train: data set and recipe, a run live or as recorded, its history by epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import confusion as figures
from explorer.figures import palette
from explorer.figures.confusion import Line
from explorer.figures.theme import Theme
from explorer.records import RecordedRun, TrainConfig, TrainingRun, TrainPoint
from explorer.ui.cached import runs as cached_runs
from explorer.ui.cached import training as cached_training
from explorer.ui.cached.training import Offer
from explorer.ui.shell import layout, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import run_controls
from explorer.weights import recorded

if TYPE_CHECKING:
    from explorer.training.history import Epoch

RATES = (0.003, 0.01, 0.03, 0.1)

Log = Mapping[int, tuple[float, float]]
"""Training loss and accuracy of the course's notebook by epoch; empty where it was another experiment."""


# --- what to train ----------------------------------------------------------------------------------------------------


def recipe() -> None:
    """The controls of a run, and the button that starts it; a data set that is not there can be fetched instead."""
    offers = {offer.slug: offer for offer in cached_training.offers()}
    data, activation, pooling = st.columns([4, 4, 3])
    with data:
        offer = offers[controls.named_choice("lenet-data", tuple(offers), lambda slug: data_name(offers[slug]))]
    with activation:
        chosen = {"activation": controls.option_choice("activation", ("sigmoid", "tanh", "relu"), "tanh")}
    with pooling:
        chosen["pooling"] = controls.option_choice("pooling", ("avg", "max"), "max")
    pixels, more, button = st.columns([4, 2, 5], vertical_alignment="bottom")
    with pixels:
        scale = controls.choice("pixels", ("raw", "unit", "standard"), "raw")
    with more, st.popover(t("lenet.recipe"), icon=":material/tune:", width="stretch"):
        epochs = int(controls.slide("epochs", 1, 30, 1, 30))
        rate = controls.one_number("lr-lenet", RATES, 0.01)
        seed = controls.whole("seed", 0, 9_999, 0)
    config = configured(offer, epochs, options=tuple(chosen.items()), pixels=scale, lr=rate, seed=seed)
    with button:
        _start_button(config, ready=offer.ready)
    if offer.ready:
        st.caption(t("lenet.plan", epochs=epochs, each=config.eval_every, steps=f"{config.steps:,}"))
    else:
        _fetch(offer)


def _start_button(config: TrainConfig, *, ready: bool) -> None:
    look: dict[str, Any] = {"type": "primary", "icon": ":material/play_arrow:", "width": "stretch"}
    st.button(t("lenet.train"), **look, disabled=not ready, on_click=start, args=(config,))


def configured(offer: Offer, epochs: int, **changes: Any) -> TrainConfig:
    """The notebook's experiment on a data set, with changes; one point, evaluation and checkpoint an epoch."""
    from explorer.training.presets import LENET

    batches = max(offer.train // LENET.batch, 1)
    every = dict.fromkeys(("log_every", "eval_every", "probe_every", "checkpoint_every"), batches)
    return replace(LENET, dataset=offer.slug, steps=epochs * batches, **every, **changes)


def data_name(offer: Offer) -> str:
    """A data set's name; published ones and the visitor's own keep theirs."""
    return t("lenet.digits28") if offer.slug == cached_training.BUNDLED else offer.title


def _fetch(offer: Offer) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    label = t("lenet.fetch", title=offer.title, size=f"{offer.megabytes:.0f}")
    wanted = row.button(label, icon=":material/cloud_download:", key=f"fetch-{offer.slug}")
    row.caption(t("lenet.not_there", title=offer.title))
    if wanted and _fetched(offer):
        st.rerun()


def _fetched(offer: Offer) -> bool:
    from explorer import datasets

    bar = st.progress(0.0, t("lenet.fetching", title=offer.title))
    try:
        datasets.fetch(offer.slug, lambda done, total: bar.progress(done / max(total, 1)))
    except ExplorerError as problem:
        bar.empty()
        st.warning(t("lenet.not_fetched", problem=problem), icon=":material/cloud_off:")
        return False
    return True


# --- which run is shown -----------------------------------------------------------------------------------------------


def run() -> str:
    """Show the run in the URL, or the recorded one; returns the source of its weights, "" where there are none yet."""
    group = run_controls.group("lenet-runs", _lenet)
    if group and controls.choice("source", ("recorded", "live"), "live", label=False) == "live":
        return show_live(group)
    return show_recorded()


def _lenet(group: str) -> TrainingRun | None:
    """The run of a group that this page can show."""
    return next((one for one in cached_runs.service().group(group) if one.config.network == "lenet5"), None)


def start(config: TrainConfig) -> None:
    """Submit the run and show it."""
    (started,) = cached_runs.service().start((config,))
    state.put("lenet-runs", started.group)
    state.put("source", "live")


def show_live(group: str) -> str:
    """The run as far as it is, every second; the source of its weights once it is finished."""

    def draw() -> bool:
        one = _lenet(group)
        if one is None:
            return False
        share, words = run_controls.progress(one)
        st.progress(min(share, 1.0), f"**{_title(one.config)}** · {words}")
        run_controls.stop_and_resume(st.container(horizontal=True), [one], "lenet")
        show(one.config, cached_runs.points(one), "live")
        return one.is_open

    run_controls.live(draw)
    one = _lenet(group)
    return f"run:{one.id}" if one and one.state == "finished" and one.has_weights else ""


def show_recorded() -> str:
    """The run that ships; the source of its weights."""
    shipped = next((one for one in recorded("lenet") if one.weights), None)
    if shipped is None:
        st.info(t("lenet.no_recording"))
        return ""
    st.caption(_card(shipped))
    show(shipped.config, shipped.points, "recorded")
    return f"recorded:{shipped.name}"


def _card(run: RecordedRun) -> str:
    return t(
        "lenet.recorded",
        what=_title(run.config),
        date=run.date,
        device=run.device,
        seconds=f"{run.seconds:.0f}",
        command=run.command,
    )


def _title(config: TrainConfig) -> str:
    options = dict(config.options)
    words = (t(f"choice.{options.get('activation', 'relu')}"), t(f"lenet.pool_{options.get('pooling', 'max')}"))
    return " · ".join(("LeNet-5", data_title(config.dataset), *words, t(f"pixels.{config.pixels}")))


def data_title(slug: str) -> str:
    """A data set as it is called in a title or a sentence."""
    named: dict[str, str] = {"mnist": "MNIST", "own:mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}
    return t("lenet.digits28") if slug == cached_training.BUNDLED else named.get(slug, slug.partition(":")[2] or slug)


# --- its history ------------------------------------------------------------------------------------------------------


def show(config: TrainConfig, points: Sequence[TrainPoint], key: str) -> None:
    """Loss and accuracy by epoch beside the notebook's, what they say, and all of it as a table."""
    from explorer.training import history

    epochs = history.by_epoch(config, points)
    log = history.NOTEBOOK if history.is_the_notebooks(config) else {}
    sentence = _verdict(config, epochs)
    st.markdown(sentence)
    theme = layout.theme()
    last = config.steps // config.eval_every
    for column, draw in zip(st.columns(2, gap="medium"), (_loss, _accuracy), strict=True):
        with column:
            title, option = draw(epochs, theme, last, log)
            layout.echart(option, f"{key}-{draw.__name__}", f"{title}. {sentence}".replace("**", ""), 300)
    if log:
        st.caption(t("lenet.reading"))
    with st.expander(t("lenet.table"), icon=":material/table_rows:"):
        _table(epochs, log)


def _loss(epochs: Sequence[Epoch], theme: Theme, last: int, log: Log) -> tuple[str, dict[str, Any]]:
    title = t("lenet.loss")
    picks = (lambda one: one.train_loss, lambda one: one.test_loss)
    dots = {number: loss for number, (loss, _) in log.items() if number <= last}
    return title, _history(epochs, picks, dots, theme, last, title, 4)


def _accuracy(epochs: Sequence[Epoch], theme: Theme, last: int, log: Log) -> tuple[str, dict[str, Any]]:
    title = t("lenet.accuracy")
    picks = (lambda one: 100 * one.train_accuracy, lambda one: 100 * one.test_accuracy)
    dots = {number: 100 * accuracy for number, (_, accuracy) in log.items() if number <= last}
    return title, _history(epochs, picks, dots, theme, last, title, 2)


def _history(
    epochs: Sequence[Epoch],
    picks: Sequence[Callable[[Epoch], float]],
    dots: dict[int, float],
    theme: Theme,
    last: int,
    title: str,
    digits: int,
) -> dict[str, Any]:
    named = zip((t("lenet.training"), t("lenet.test")), (palette.TRAINING, palette.TEST), picks, strict=True)
    lines = [Line(name, colour, [(one.number, pick(one)) for one in epochs]) for name, colour, pick in named]
    if dots:
        lines.append(Line(t("lenet.notebook"), palette.NOTEBOOK, tuple(dots.items()), dots=True))
    return figures.history(lines, theme=theme, epoch=t("lenet.epoch"), epochs=last, title=title, digits=digits)


def _verdict(config: TrainConfig, epochs: Sequence[Epoch]) -> str:
    if not epochs:
        return t("lenet.waiting")
    last = epochs[-1]
    numbers = {"loss": f"{last.train_loss:.4f}", "train": f"{100 * last.train_accuracy:.2f}"}
    key = "stuck" if last.stuck else "learns"
    return t(f"lenet.verdict_{key}", epoch=last.number, test=f"{100 * last.test_accuracy:.2f}", **numbers)


def _table(epochs: Sequence[Epoch], log: Log) -> None:
    rows = []
    for one in epochs:
        row = {"epoch": one.number, "train_loss": one.train_loss, "train_accuracy": 100 * one.train_accuracy}
        row |= {"test_loss": one.test_loss, "test_accuracy": 100 * one.test_accuracy}
        if log:
            loss, accuracy = log.get(one.number, (None, None))
            row |= {"notebook_loss": loss, "notebook_accuracy": None if accuracy is None else 100 * accuracy}
        rows.append(row)
    columns: dict[str, Any] = {"epoch": t("lenet.epoch")}
    for who in ("train", "test", "notebook"):
        columns[f"{who}_loss"] = st.column_config.NumberColumn(t(f"lenet.{who}_loss"), format="%.4f")
        columns[f"{who}_accuracy"] = st.column_config.NumberColumn(t(f"lenet.{who}_accuracy"), format="%.2f")
    st.dataframe(rows, column_config=columns, hide_index=True, placeholder="–")
