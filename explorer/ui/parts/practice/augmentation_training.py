"""With against without augmentation: the same few images, three trainings, several seeds; recorded, or live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.fields import Field, choice, number
from explorer.records import RecordedRun, TrainConfig, TrainingRun
from explorer.ui.cached import runs as cached_runs
from explorer.ui.parts.practice.augmentation_gap import arm_name, show_arms
from explorer.ui.shell import predict, state
from explorer.ui.shell.polling import bars
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import dataset_name, group, listed, t
from explorer.ui.widgets import inputs, run_controls
from explorer.ui.widgets.run_controls import FollowedFields
from explorer.weights import lab_runs

if TYPE_CHECKING:
    from explorer.training.comparing import Arm

_LIVE = "augmentation-shapes"
_PAGE = "augmentation_training"


@dataclass(frozen=True, slots=True)
class TrainingFields:
    """The experiment that is shown again and up to which epoch, or whose runs are followed; for a page's state."""

    experiment: Field[str] = choice(
        "trained", ("augmentation-cifar", _LIVE), named="trained", label=f"{_PAGE}.experiment"
    )
    followed: FollowedFields = field(default_factory=FollowedFields)
    epoch: Field[int] = number("until", 0, 1_000, label=f"{_PAGE}.replay")


FIELDS = TrainingFields()


def show(chain: str) -> None:
    """The section: what augmentation does to the accuracy on new images. `chain` is the text of the page's chain."""
    st.subheader(t("augmentation_training.title"))
    st.markdown(t("augmentation_training.note"))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        followed = run_controls.followed(FIELDS.followed, _followed)
    three = _live_configs()
    run_controls.train_button(right, FIELDS.followed, three, t("augmentation_training.train"), True)
    _offer_chain(right, chain, three[0])
    if followed:
        _show_live(followed)
    else:
        _show_recorded(left)


# --- what to train ----------------------------------------------------------------------------------------------------


def _live_configs() -> tuple[TrainConfig, ...]:
    """The three arms on data that are always there, one seed."""
    from explorer.training.presets import EXPERIMENTS

    return tuple(config for config in EXPERIMENTS[_LIVE].configs if config.seed == 0)


def _offer_chain(place: Any, chain: str, without: TrainConfig) -> None:
    """A button that trains with the page's chain and without; why not, where no batch can have that chain."""
    from explorer.transforms import read_chain
    from explorer.transforms.batched import unbatched

    if not chain:
        return
    alone = unbatched(read_chain(chain))
    configs = (without, replace(without, augment=chain))
    label, icon = t("augmentation_training.train_chain"), ":material/send:"
    look: dict[str, Any] = {"icon": icon, "width": "stretch", "disabled": bool(alone)}
    permission.button(place, "train", label, run_controls.start, FIELDS.followed, configs, **look)
    if alone:
        names = group("transform")
        place.caption(t("augmentation_training.alone", names=listed(names.get(slug, slug) for slug in alone)))


def _followed(name: str) -> tuple[TrainingRun, ...]:
    """The runs of a group that this section can show: those on some of the images."""
    return tuple(run for run in cached_runs.service().group(name) if run.config.per_class)


# --- what is shown ----------------------------------------------------------------------------------------------------


def _show_live(name: str) -> None:
    from explorer.training.comparing import arms, last_epoch

    def draw() -> bool:
        runs = _followed(name)
        if not runs:
            return False  # deleted by another visitor
        bars([(arm_name(run.config.augment), *run_controls.progress(run)) for run in runs], across=3)
        run_controls.stop_and_resume(st.container(horizontal=True), runs, _PAGE)
        trained = [(run.config, cached_runs.points(run)) for run in runs]
        show_arms(arms(trained), last_epoch(trained), "live")
        return any(run.is_open for run in runs)

    run_controls.live(draw)


def _show_recorded(place: Any) -> None:
    """What was recorded, up to an epoch chosen at `place`; before its end is shown the visitor is asked for it."""
    from explorer.training.comparing import arms, last_epoch

    linked = state.parameter(FIELDS.epoch.name) is not None
    ready = {name: t(f"trained.{name}") for name in FIELDS.experiment.codes if lab_runs(name)}
    with place:
        name = inputs.select(FIELDS.experiment, tuple(ready), ready.__getitem__)
    runs = lab_runs(name)
    trained = [(run.config, run.points) for run in runs]
    last = round(last_epoch(trained))
    with place:
        epoch = inputs.slider(FIELDS.epoch, high=last, default=last, owner=name)
    claims, truth = _claims(arms(trained))
    if predict.waits("augmentation_training", claims, name, linked=linked):
        return
    st.caption(_card(runs))
    if epoch == last:
        predict.verdict("augmentation_training", claims, name, truth)
    show_arms(arms(trained, epoch), last, "recorded")


def _claims(found: Sequence[Arm]) -> tuple[Mapping[str, str], str]:
    """The arms by name, and which of them ends with the highest accuracy on new images."""
    best = max(found, key=lambda arm: arm.test[-1].mean)
    return {arm_name(arm.augment): arm_name(arm.augment) for arm in found}, arm_name(best.augment)


def _card(runs: Sequence[RecordedRun]) -> str:
    first, seeds = runs[0], len({run.config.seed for run in runs})
    seconds, data = f"{sum(run.seconds for run in runs):.0f}", dataset_name(first.trained_on)
    return t(
        "augmentation_training.recorded",
        data=data,
        images=first.config.per_class * len(first.classes),
        seeds=seeds,
        date=first.date,
        device=first.device,
        seconds=seconds,
        command=first.command,
    )
