"""The controls of the LeNet-5 page, data set and recipe, and which run it shows: one live, or the recorded one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from explorer.fields import Field, choice, number, one_of, slug
from explorer.records import RecordedRun, TrainConfig, TrainingRun
from explorer.ui.cached import runs as cached_runs, training as cached_training
from explorer.ui.cached.training import DatasetChoice
from explorer.ui.parts.training.lenet_history import show, show_untrained
from explorer.ui.shell import predict, state
from explorer.ui.shell.polling import bars
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import dataset_name, t
from explorer.ui.widgets import fetching, inputs, run_controls
from explorer.ui.widgets.image import ImageFields
from explorer.ui.widgets.own_sets import note_read, note_unreadable
from explorer.ui.widgets.run_controls import FollowedFields


@dataclass(frozen=True, slots=True)
class LenetState:
    """The recipe of a run, which run is followed, and the image that the trained network is shown.

    `behind` is the cell of the confusion matrix whose images are shown, "" while the worst mistakes are.
    """

    data: Field[str] = slug("lenet-data", cached_training.RECORDED)
    activation: Field[str] = one_of("activation", ("sigmoid", "tanh", "relu"), "tanh", label="option.activation")
    pooling: Field[str] = one_of("pooling", ("avg", "max"), "max", label="option.pooling")
    pixels: Field[str] = choice("pixels", ("raw", "unit", "standard"))
    epochs: Field[int] = number("epochs", 1, 30, 30)
    lr: Field[float] = one_of("lr-lenet", (0.003, 0.01, 0.03, 0.1), 0.01)
    seed: Field[int] = number("seed", 0, 9_999)
    followed: FollowedFields = field(default_factory=FollowedFields)
    behind: Field[str] = slug("behind", label="lenet.behind")
    pen: Field[str] = choice("pen", ("draw", "test"))
    image: Field[int] = ImageFields().number


STATE = LenetState()

_SHARES = {"1": 1, "3": 3, "10": 10, "half": 50, "more": 100}
"""What can be predicted of the errors on the test set, in percent: codes, and the most that each stands for."""


# --- what to train ----------------------------------------------------------------------------------------------------


def recipe() -> TrainConfig:
    """The controls of a run, and the button that starts it; a data set that is not there can be fetched instead."""
    note_unreadable()
    dataset_choices = {offer.slug: offer for offer in cached_training.dataset_choices()}
    data, activation, pooling = st.columns([4, 4, 3])
    with data:
        offer = dataset_choices[
            inputs.select(STATE.data, tuple(dataset_choices), dataset_name, default=cached_training.RECORDED)
        ]
    with activation:
        options = [("activation", inputs.option(STATE.activation))]
    with pooling:
        options.append(("pooling", inputs.option(STATE.pooling)))
    note_read(offer.slug)
    pixels, more, button = st.columns([4, 2, 5], vertical_alignment="bottom")
    with pixels:
        scale = inputs.segmented(STATE.pixels)
    with more, st.popover(t("lenet.recipe"), icon=":material/tune:", width="stretch"):
        epochs, lr, seed = inputs.slider(STATE.epochs), inputs.select(STATE.lr), inputs.number(STATE.seed)
    settings: dict[str, Any] = {"options": tuple(options), "pixels": scale, "lr": lr, "seed": seed}
    config = configured(offer, epochs, **settings)
    if offer.ready:
        run_controls.train_button(button, STATE.followed, (config,), t("lenet.train"), ready=True)
    else:
        run_controls.prepare()
        bundled = dataset_choices[cached_training.BUNDLED]
        label, instead = t("lenet.train_bundled"), configured(bundled, epochs, **settings)
        look: dict[str, Any] = {"icon": ":material/play_arrow:", "width": "stretch"}
        permission.button(button.container(), "train", label, _train_bundled, instead, **look)
        st.caption(t("lenet.bundled", title=dataset_name(offer.slug), images=f"{bundled.train:,}"))
    if fetching.data_set(offer.slug):
        st.caption(t("lenet.plan", epochs=epochs, each=config.eval_every, steps=f"{config.steps:,}"))
    return config


def _train_bundled(config: TrainConfig) -> None:
    """Train on the digits that are here in place of a data set that is not, and choose them."""
    run_controls.start(STATE.followed, (config,))
    state.assign(STATE.data, config.dataset)


def configured(offer: DatasetChoice, epochs: int, **changes: Any) -> TrainConfig:
    """The notebook's experiment on a data set, with changes; one point, evaluation and checkpoint an epoch."""
    from explorer.training.presets import LENET

    batches = max(offer.train // LENET.batch, 1)
    names = ("log_every", "eval_every", "probe_every", "checkpoint_every")
    every: dict[str, Any] = dict.fromkeys(names, batches)
    return replace(LENET, dataset=offer.slug, steps=epochs * batches, **every, **changes)


# --- which run is shown -----------------------------------------------------------------------------------------------


def run(config: TrainConfig) -> tuple[str, bool]:
    """Show the run in the URL, or the recorded one of a configuration.

    Returns the id of its model, "" where there is none yet, and whether it is still held back how well it does.
    """
    group = run_controls.followed(STATE.followed, _lenet, label=False)
    return (show_live(group), False) if group else show_recorded(config)


def _lenet(group: str) -> TrainingRun | None:
    """The run of a group that this page can show."""
    from explorer.training.presets import LENET

    runs = cached_runs.service().group(group)
    return next((run for run in runs if run.config.network == LENET.network), None)


def show_live(group: str) -> str:
    """The run as far as it is, every second; the id of its model once it is finished."""

    def draw() -> bool:
        run = _lenet(group)
        if run is None:
            return False  # deleted by another visitor
        bars([(_title(run.config, run.config.dataset), *run_controls.progress(run))])
        run_controls.stop_and_resume(st.container(horizontal=True), [run], "lenet")
        show(run.config, cached_runs.points(run), "live", run.id)
        return run.is_open

    run_controls.live(draw)
    run = _lenet(group)
    return f"run:{run.id}" if run and run.state == "finished" and run.has_weights else ""


def show_recorded(config: TrainConfig) -> tuple[str, bool]:
    """The run that was recorded with a configuration; as `run`. The visitor is asked how it ends before it is shown."""
    from explorer.training.lab import expected_seconds, recorded_for

    shipped = recorded_for(config)
    if shipped is None or not shipped.weights:
        show_untrained(expected_seconds([config], cores=1))
        return "", False
    claims = {code: t(f"lenet.predict_{code}") for code in _SHARES}
    if predict.waits("lenet", claims, shipped.name):
        return f"recorded:{shipped.name}", True
    st.caption(_card(shipped))
    wrong = 100 * (1 - shipped.shipped_accuracy)
    predict.verdict("lenet", claims, shipped.name, next(code for code, most in _SHARES.items() if wrong <= most))
    show(shipped.config, shipped.points, "recorded", shipped.name)
    return f"recorded:{shipped.name}", False


def _card(run: RecordedRun) -> str:
    what, seconds = _title(run.config, run.trained_on), f"{run.seconds:.0f}"
    return t("lenet.recorded", what=what, date=run.date, device=run.device, seconds=seconds, command=run.command)


def _title(config: TrainConfig, dataset: str) -> str:
    options = dict(config.options)
    activation, pooling = (options.get(*pair) for pair in (("activation", "relu"), ("pooling", "max")))
    words = (t(f"choice.{activation}"), t(f"lenet.pool_{pooling}"), t(f"pixels.{config.pixels}"))
    return " · ".join(("LeNet-5", dataset_name(dataset), *words))
