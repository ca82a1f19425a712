"""With against without augmentation as curves: accuracies, their spread over seeds, and the gap in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures import palette
from explorer.figures.spread import Band, spread_curves
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import sentences, t

if TYPE_CHECKING:
    from explorer.training.comparing import Arm

_MEASURES = ("train", "test")
_COLOURS = {"without": palette.BLUE, "with": palette.GREEN, "much": palette.ORANGE, "own": palette.PINK}


def _code(augment: str) -> str:
    """Which of the arms an augmentation is; "own" for none of the three."""
    from explorer.training.presets import AUGMENTATIONS

    return dict(zip(AUGMENTATIONS, ("without", "with", "much"), strict=True)).get(augment, "own")


def arm_name(augment: str) -> str:
    """What an arm is called."""
    return t(f"arm.{_code(augment)}")


def show_arms(found: Sequence[Arm], last: float, key: str) -> None:
    """Accuracy on training and on test images, and the gap in words."""
    from explorer.training.comparing import arms

    said = _gaps(found) or [t("augmentation_training.waiting")]
    st.markdown("\n".join(f"- {line}" for line in said))
    theme, across, upright = layout.theme(), t("augmentation_training.epoch"), t("augmentation_training.accuracy")
    drawn = []
    for measure in _MEASURES:
        title = t(f"augmentation_training.measure.{measure}")
        bands = _bands(found, measure)
        option = spread_curves(bands, theme=theme, across=across, upright=upright, last=last, title=title)
        words, rows = sentences(*said), partial(_rows, found)
        drawn.append(Exhibit(f"{key}-{measure}", option, words, rows=rows, code=(arms,), height=320))
    exhibit.side_by_side(drawn)
    st.caption(t("augmentation_training.reading"))


def _bands(found: Sequence[Arm], measure: str) -> list[Band]:
    return [
        Band(
            arm_name(arm.augment),
            _COLOURS[_code(arm.augment)],
            arm.epochs,
            [(spread.mean, spread.low, spread.high) for spread in getattr(arm, measure)],
        )
        for arm in found
    ]


def _gaps(found: Sequence[Arm]) -> list[str]:
    """Where each arm stands, with the gap between training and test."""
    said = []
    for arm in found:
        if arm.gap is not None:
            train, test, gap = (_percent(value) for value in (arm.train[-1].mean, arm.test[-1].mean, arm.gap.mean))
            line = t("augmentation_training.gap", name=arm_name(arm.augment), train=train, test=test, gap=gap)
            low, high = _percent(arm.gap.low), _percent(arm.gap.high)
            spread = t("augmentation_training.spread", low=low, high=high, seeds=arm.seeds)
            said.append(sentences(line, spread) if arm.seeds > 1 else line)
    return said


def _percent(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _rows(found: Sequence[Arm]) -> list[dict[str, object]]:
    """The numbers of the figures: a row for each arm and epoch."""
    return [
        {t("augmentation_training.arm"): arm_name(arm.augment), t("augmentation_training.epoch"): round(epoch, 1)}
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
