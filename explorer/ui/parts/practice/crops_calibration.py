"""Calibration of an ensemble on a test set, before and after averaging: reliability curves and their error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.averaging import BINS
from explorer.figures import averaging as figures
from explorer.ui.parts.practice.crops_names import member_name, members_name, one_decimal
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t

if TYPE_CHECKING:
    from explorer.averaging.reporting import Together
    from explorer.averaging.scoring import Bin, Score


def show(found: Together) -> None:
    """The curve of the best member and that of the average, beside perfect calibration."""
    from explorer.averaging import reliability

    best, average = found.members[found.best], found.average
    before, after = member_name(found.models[found.best]), members_name(len(found.models))
    words = {
        "confidence": t("crops.confidence_axis"),
        "accuracy": t("crops.accuracy_axis"),
        "perfect": t("crops.perfect"),
    }
    alone = len(found.models) == 1
    curves = [(before, _curve(found.before)), *([] if alone else [(after, _curve(found.after))])]
    option = figures.reliability(curves, theme=layout.theme(), words=words, title=t("crops.calibration"))
    sentence = _said_alone(best, before) if alone else _said(best, average, before, after)
    st.markdown(sentence)
    rows = [
        row for name, bins in ((before, found.before), (after, found.after))[: len(curves)] for row in _bins(name, bins)
    ]
    shown = Exhibit(
        "crops-calibration",
        option,
        sentence,
        rows,
        note=t("crops.calibration_note", fewest=_FEWEST),
        code=(reliability,),
        formula=_ECE,
        height=400,
    )
    exhibit.show(shown)


_FEWEST = 10
_ECE = r"\mathrm{ECE} = \sum_{b=1}^{15} \frac{n_b}{n}\,\left|\,\mathrm{acc}_b - \mathrm{conf}_b\,\right|"


def _said_alone(best: Score, before: str) -> str:
    return t(
        "crops.calibration_one",
        before=before,
        bins=BINS,
        ece=one_decimal(best.ece),
        confidence=one_decimal(best.confidence),
        accuracy=one_decimal(best.accuracy),
    )


def _said(best: Score, average: Score, before: str, after: str) -> str:
    return t(
        "crops.calibration_says",
        before=before,
        after=after,
        bins=BINS,
        ece=one_decimal(best.ece),
        confidence=one_decimal(best.confidence),
        accuracy=one_decimal(best.accuracy),
        mean_ece=one_decimal(average.ece),
        mean_confidence=one_decimal(average.confidence),
        mean_accuracy=one_decimal(average.accuracy),
    )


def _curve(bins: Sequence[Bin]) -> list[tuple[float, float]]:
    """The bins with enough images to say something; all of them are in the table."""
    return [(each.confidence, each.accuracy) for each in bins if each.images >= _FEWEST]


def _bins(name: str, bins: Sequence[Bin]) -> list[dict[str, object]]:
    return [
        {
            t("crops.column.model"): name,
            t("crops.confidence_axis"): round(100 * each.confidence, 1),
            t("crops.accuracy_axis"): round(100 * each.accuracy, 1),
            t("crops.images_axis"): each.images,
        }
        for each in bins
    ]
