"""With against without augmentation: the same few images, three trainings, several seeds; recorded, or live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st

from explorer.fields import Field, choice, number
from explorer.figures import palette
from explorer.figures.spread import Band, spread_curves
from explorer.records import RecordedRun, TrainConfig, TrainingRun
from explorer.training.comparing import Arm, arms, last_epoch
from explorer.ui.cached import runs as cached_runs
from explorer.ui.shell import exhibit, layout, predict, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.polling import bars
from explorer.ui.shell.words import dataset_name, group, listed, sentences, t
from explorer.ui.widgets import inputs, run_controls
from explorer.ui.widgets.run_controls import FollowedFields
from explorer.weights import lab_runs

_LIVE = "augmentation-shapes"
_MEASURES = ("train", "test")
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
    """The section: what augmentation does to the accuracy on new images. `chain` is the text of the page's own chain."""
    st.subheader(t("augmentation_training.title"))
    st.markdown(t("augmentation_training.note"))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        followed = run_controls.followed(FIELDS.followed, _followed)
    three = _live_configs()
    run_controls.train_button(right, FIELDS.followed, three, t("augmentation_training.train"), bool(three))
    _offer_chain(right, chain, three[0])
    if followed:
        _show_live(followed)
    else:
        _show_recorded()


# --- what to train ----------------------------------------------------------------------------------------------------


def _live_configs() -> tuple[TrainConfig, ...]:
    """The three arms on data that are always there, one seed."""
    from explorer.training.presets import EXPERIMENTS

    return tuple(config for config in EXPERIMENTS[_LIVE].configs if config.seed == 0)


def _offer_chain(place: st.delta_generator.DeltaGenerator, chain: str, without: TrainConfig) -> None:
    """A button that trains with the page's chain beside no augmentation; why not, where no batch can have it."""
    from explorer.transforms import read_chain
    from explorer.transforms.batched import unbatched

    if not chain:
        return
    alone = unbatched(read_chain(chain))
    configs = (without, replace(without, augment=chain))
    run_controls.train_button(place, FIELDS.followed, configs, t("augmentation_training.train_chain"), not alone)
    if alone:
        names = group("transform")
        place.caption(t("augmentation_training.alone", names=listed(names.get(slug, slug) for slug in alone)))


def _followed(name: str) -> tuple[TrainingRun, ...]:
    """The runs of a group that this section can show: those on some of the images."""
    return tuple(run for run in cached_runs.service().group(name) if run.config.per_class)


# --- what is shown ----------------------------------------------------------------------------------------------------


def _show_live(name: str) -> None:
    def draw() -> bool:
        runs = _followed(name)
        if not runs:
            return False  # deleted by another visitor
        bars([(_name(run.config.augment), *run_controls.progress(run)) for run in runs], across=3)
        run_controls.stop_and_resume(st.container(horizontal=True), runs, _PAGE)
        trained = [(run.config, cached_runs.points(run)) for run in runs]
        _figures(arms(trained), last_epoch(trained), "live")
        return any(run.is_open for run in runs)

    run_controls.live(draw)


def _show_recorded() -> None:
    """What was recorded, up to an epoch; before its end is shown the visitor is asked for it."""
    linked = state.parameter(FIELDS.epoch.name) is not None
    ready = {name: t(f"trained.{name}") for name in FIELDS.experiment.codes if lab_runs(name)}
    which, until = st.columns([3, 2], vertical_alignment="bottom")
    with which:
        name = inputs.select(FIELDS.experiment, tuple(ready), ready.__getitem__)
    runs = lab_runs(name)
    trained = [(run.config, run.points) for run in runs]
    last = round(last_epoch(trained))
    with until:
        epoch = inputs.slider(FIELDS.epoch, high=last, default=last, owner=name)
    claims, truth = _claims(arms(trained))
    if predict.waits("augmentation_training", claims, name, linked=linked):
        return
    st.caption(_card(runs))
    if epoch == last:
        predict.verdict("augmentation_training", claims, name, truth)
    _figures(arms(trained, epoch), last, "recorded")


def _claims(found: Sequence[Arm]) -> tuple[Mapping[str, str], str]:
    """The arms by name, and which of them ends with the highest accuracy on new images."""
    best = max(found, key=lambda arm: arm.test[-1].mean)
    return {_name(arm.augment): _name(arm.augment) for arm in found}, _name(best.augment)


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


def _name(augment: str) -> str:
    """What an arm is called."""
    from explorer.training.presets import AUGMENTATIONS

    codes = dict(zip(AUGMENTATIONS, ("without", "with", "much"), strict=True))
    return t(f"arm.{codes.get(augment, 'own')}")


# --- figures ----------------------------------------------------------------------------------------------------------


def _figures(found: Sequence[Arm], last: float, key: str) -> None:
    """Accuracy on training and on test images, and the gap in words."""
    sentence = _gaps(found)
    st.markdown(sentence)
    theme, labels = (
        layout.theme(),
        {"epoch": t("augmentation_training.epoch"), "accuracy": t("augmentation_training.accuracy")},
    )
    drawn = []
    for measure in _MEASURES:
        option = spread_curves(
            _bands(found, measure),
            theme=theme,
            labels=labels,
            last=last,
            title=t(f"augmentation_training.measure.{measure}"),
        )
        rows = partial(_rows, found)
        drawn.append(Exhibit(f"{key}-{measure}", option, sentence, rows=rows, code=(arms,), height=320))
    exhibit.side_by_side(drawn)
    st.caption(t("augmentation_training.reading"))


def _bands(found: Sequence[Arm], measure: str) -> list[Band]:
    colours = (palette.BLUE, palette.GREEN, palette.ORANGE)
    return [
        Band(
            _name(arm.augment),
            colour,
            arm.epochs,
            [(spread.mean, spread.low, spread.high) for spread in getattr(arm, measure)],
        )
        for arm, colour in zip(found, colours, strict=False)
    ]


def _gaps(found: Sequence[Arm]) -> str:
    """Where each arm stands, with the gap between training and test."""
    said = []
    for arm in found:
        if arm.gap is not None:
            train, test, gap = (f"{value:.1f}" for value in (arm.train[-1].mean, arm.test[-1].mean, arm.gap.mean))
            low, high = f"{arm.gap.low:.1f}", f"{arm.gap.high:.1f}"
            said.append(t("augmentation_training.gap", name=_name(arm.augment), train=train, test=test, gap=gap))
            if arm.seeds > 1:
                said.append(t("augmentation_training.spread", low=low, high=high, seeds=arm.seeds))
    return sentences(*said) if said else t("augmentation_training.waiting")


def _rows(found: Sequence[Arm]) -> list[dict[str, object]]:
    """The numbers of the figures: a row for each arm and epoch."""
    return [
        {t("augmentation_training.arm"): _name(arm.augment), t("augmentation_training.epoch"): round(epoch, 1)}
        | {
            f"{t(f'augmentation_training.measure.{measure}')} · {t(f'augmentation_training.{part}')}": round(
                getattr(spread, part), 2
            )
            for measure, spread in (("train", train), ("test", test))
            for part in ("mean", "low", "high")
        }
        for arm in found
        for epoch, train, test in zip(arm.epochs, arm.train, arm.test, strict=True)
    ]
