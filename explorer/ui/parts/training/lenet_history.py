"""A run of LeNet-5 by epoch: loss and accuracy beside the notebook's, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.figures import confusion as figures, palette
from explorer.figures.confusion import Line
from explorer.records import TrainConfig, TrainPoint
from explorer.ui.cached import training as cached_training
from explorer.ui.parts.training.compared import ghosts, untrained
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import sentences, t

if TYPE_CHECKING:
    from explorer.training.history import Epoch

Log = Mapping[int, tuple[float, float]]
"""Training loss and accuracy of the course's notebook by epoch; empty where it was another experiment."""

_MEASURES = {"loss": (1, 4), "accuracy": (100, 2)}
"""Of an epoch and of the log, in the log's order: the factor it is shown with, and its digits."""


def show(config: TrainConfig, points: Sequence[TrainPoint], key: str, about: str) -> None:
    """Loss and accuracy by epoch beside the notebook's, what they say, and all of it as a table.

    `about` says which run it is: the one of before stays as a ghost behind it.
    """
    from explorer.training import history

    epochs = history.by_epoch(config, points)
    log = history.NOTEBOOK if history.is_the_notebooks(config) else {}
    sentence = _verdict(epochs, cached_training.classes_of(config.dataset))
    st.markdown(sentence)
    rows, drawn = partial(_rows, epochs, log), []
    for measure in _MEASURES:
        lines, last = _lines(measure, epochs, log, config.steps // config.eval_every), config.steps // config.eval_every
        before = ghosts(f"lenet.{measure}", about, [line for line in lines if not line.dots])
        option = _option(measure, [*before, *lines], last)
        drawn.append(Exhibit(f"{key}-{measure}", option, sentence, rows=rows, code=(history.by_epoch,)))
    exhibit.side_by_side(drawn)
    if log:
        st.caption(t("lenet.reading"))


def show_untrained(seconds: float | None) -> None:
    """Where nothing was recorded: what was shown before, pale, and what training would take."""
    st.info(untrained(seconds), icon=":material/hourglass_empty:")
    pale = {measure: ghosts(f"lenet.{measure}", "", ()) for measure in _MEASURES}
    ends = [x for lines in pale.values() for line in lines for x, _ in line.rows]
    if ends:
        said, last = t("lab.before"), int(max(ends))
        exhibit.side_by_side(
            [Exhibit(f"untrained-{measure}", _option(measure, lines, last), said) for measure, lines in pale.items()]
        )
        st.caption(said)


def _lines(measure: str, epochs: Sequence[Epoch], log: Log, last: int) -> list[Line]:
    factor, _ = _MEASURES[measure]
    lines = [
        Line(
            t(f"lenet.{name}"),
            colour,
            [(epoch.number, factor * getattr(epoch, f"{part}_{measure}")) for epoch in epochs],
        )
        for part, name, colour in (("train", "training", palette.TRAINING), ("test", "test", palette.TEST))
    ]
    place = list(_MEASURES).index(measure)
    dots = [(number, factor * values[place]) for number, values in log.items() if number <= last]
    if dots:
        lines.append(Line(t("lenet.notebook"), palette.NOTEBOOK, dots, dots=True))
    return lines


def _option(measure: str, lines: Sequence[Line], last: int) -> dict[str, Any]:
    title, theme, (_, digits) = t(f"lenet.{measure}"), layout.theme(), _MEASURES[measure]
    return figures.history(lines, theme=theme, epoch=t("lenet.epoch"), epochs=last, title=title, digits=digits)


def _verdict(epochs: Sequence[Epoch], classes: int | None) -> str:
    """What the last epoch says; whether it is hardly better than guessing, where the number of classes is known."""
    from explorer.training.history import guessing_loss

    if not epochs:
        waiting = t("lenet.waiting")
        if not classes:
            return waiting
        return sentences(waiting, t("lenet.guessing", classes=f"{classes:,}", guess=f"{guessing_loss(classes):.2f}"))
    last = epochs[-1]
    loss, epoch = f"{last.train_loss:.4f}", last.number
    train, test = f"{100 * last.train_accuracy:.2f}", f"{100 * last.test_accuracy:.2f}"
    if classes and last.stuck(classes):
        guess = f"{guessing_loss(classes):.2f}"
        return t(
            "lenet.verdict_stuck", loss=loss, epoch=epoch, train=train, test=test, classes=f"{classes:,}", guess=guess
        )
    return t("lenet.verdict_learns", loss=loss, epoch=epoch, train=train, test=test)


def _rows(epochs: Sequence[Epoch], log: Log) -> list[dict[str, Any]]:
    rows = []
    for epoch in epochs:
        row: dict[str, Any] = {t("lenet.epoch"): epoch.number}
        for part in ("train", "test"):
            row[t(f"lenet.{part}_loss")] = getattr(epoch, f"{part}_loss")
            row[t(f"lenet.{part}_accuracy")] = 100 * getattr(epoch, f"{part}_accuracy")
        if log:
            loss, accuracy = log.get(epoch.number, (None, None))
            row[t("lenet.notebook_loss")] = loss
            row[t("lenet.notebook_accuracy")] = None if accuracy is None else 100 * accuracy
        rows.append(row)
    return rows
