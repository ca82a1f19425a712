"""What averaging gains on a test set, and what it costs: recorded, after a prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures import averaging as figures
from explorer.figures.averaging import Point
from explorer.records import AveragedSet
from explorer.ui.cached.practice import crops as cached_crops
from explorer.ui.parts.practice import crops_members
from explorer.ui.parts.practice.crops import SCHEMES, STATE
from explorer.ui.parts.practice.crops_names import member_name, members_name, millions, points, signed
from explorer.ui.shell import exhibit, layout, predict, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.weights import recorded_averages

if TYPE_CHECKING:
    from explorer.averaging.reporting import Row, Together

_CLAIMS = ("worse", "little", "some", "much")
_ASKED = "cifar"  # what the prediction is about
_FIELDS = (STATE.test, STATE.members, STATE.views, STATE.kind)


def show() -> bool:
    """The measured part of the page; false while the visitor has not said what to expect of it."""
    layout.section(t("crops.measured"), t("crops.measured_note"))
    linked = any(state.parameter(field.name) is not None for field in _FIELDS)
    claims = {code: t(f"crops.claim.{code}") for code in _CLAIMS}
    if predict.waits("crops", claims, _ASKED, linked=linked):
        return False
    test = inputs.segmented(STATE.test)
    record = recorded_averages()[test]
    st.caption(_card(record))
    if test == _ASKED:
        predict.verdict("crops", claims, _ASKED, truth())
    rows = cached_crops.rows(test)
    _cost(record, rows)
    crops_members.show(record)
    return True


def truth() -> str:
    """Which claim is true of ten crops of the first network on CIFAR-10, by its gain in percentage points."""
    first = recorded_averages()[_ASKED].members[0].model
    gain = 100 * next(r for r in cached_crops.rows(_ASKED) if (r.model, r.scheme) == (first, "ten")).change.gain
    return "worse" if gain <= 0 else "little" if gain < 1 else "some" if gain <= 3 else "much"


def _card(record: AveragedSet) -> str:
    return t(
        f"crops.card_{record.name}",
        images=f"{len(record.labels):,}",
        date=record.date,
        device=record.device,
        seconds=f"{sum(member.seconds for member in record.members):.0f}",
        precision=record.precision,
        command=record.command,
    )


def _cost(record: AveragedSet, rows: Sequence[Row]) -> None:
    """Every member by every scheme, and all members together, in one picture of accuracy against cost."""
    from explorer.averaging import change, score

    models = [member.model for member in record.members]
    schemes = [scheme for scheme in SCHEMES if scheme in record.members[0].schemes]
    everybody = {scheme: cached_crops.together(record.name, tuple(models), scheme) for scheme in schemes}
    points = [_point(row) for row in rows] + [_of_all(each) for each in everybody.values()]
    lines = [[_point(row) for row in rows if row.model == model] for model in models]
    words = {"macs": t("crops.macs_axis"), "macs_short": "MACs", "accuracy": t("crops.accuracy_axis")}
    fig = figures.cost(points, lines, theme=layout.theme(), words=words, title=t("crops.cost"))
    sentence = f"{_gains(record, rows)}  \n{_worth(record, rows, everybody)}"
    st.markdown(sentence)
    table = [_table_row(row) for row in rows] + [_together_row(each) for each in everybody.values()]
    note = t("crops.error_note")
    shown = Exhibit("crops-cost", fig, f"{sentence}  \n{note}", table, note=note, code=(score, change), formula=_ERRORS)
    exhibit.show(shown)


_ERRORS = (
    r"\mathrm{SE}(a) = \sqrt{\frac{a(1-a)}{n}} \qquad "
    r"\mathrm{SE}(a' - a) = \sqrt{\frac{1}{n}\left(\frac{m+s}{n} - \left(\frac{m-s}{n}\right)^2\right)}"
)


def _point(row: Row) -> Point:
    return Point(t(f"crops.scheme.{row.scheme}"), member_name(row.model), row.macs, row.score.accuracy, row.score.error)


def _of_all(found: Together) -> Point:
    name = t("crops.all_of", count=len(found.models), scheme=t(f"crops.scheme.{found.scheme}"))
    return Point(t("crops.ensembles"), name, found.macs, found.average.accuracy, found.average.error)


def _gains(record: AveragedSet, rows: Sequence[Row]) -> str:
    """What the schemes do to the first network, each with its standard error."""
    model = record.members[0].model
    own = [row for row in rows if row.model == model]
    said = [
        t(
            "crops.gain",
            scheme=t(f"crops.scheme.{row.scheme}"),
            points=signed(row.change.gain),
            error=points(row.change.error),
            passes=row.passes,
        )
        for row in own
        if row.scheme != "one"
    ]
    one = next(row for row in own if row.scheme == "one")
    return t(
        "crops.gains",
        name=member_name(model),
        accuracy=points(one.score.accuracy),
        error=points(one.score.error),
        list=" · ".join(said),
    )


def _worth(record: AveragedSet, rows: Sequence[Row], everybody: Mapping[str, Together]) -> str:
    """Why benchmarks average and products seldom do, in this measurement's numbers."""
    one = {row.model: row for row in rows if row.scheme == "one"}
    first, best = rows[0], max(one.values(), key=lambda row: row.score.accuracy)
    every = everybody["one"]
    crops, flip = (
        next(row for row in rows if (row.model, row.scheme) == (first.model, scheme)) for scheme in ("ten", "flip")
    )
    return t(
        f"crops.worth_{record.name}",
        ten=signed(crops.change.gain),
        ten_times=crops.passes,
        flip=signed(flip.change.gain),
        flip_times=flip.passes,
        all=signed(every.average.accuracy - best.score.accuracy),
        all_times=f"{every.macs / best.macs:.1f}",
        best=member_name(best.model),
        members=len(every.models),
        macs=millions(crops.macs),
        one_macs=millions(first.macs),
    )


def _table_row(row: Row) -> dict[str, object]:
    return _cells(member_name(row.model), row.scheme, row.passes, row.macs) | {
        t("crops.accuracy_axis"): points(row.score.accuracy, 2),
        t("crops.column.error"): points(row.score.error, 2),
        t("crops.column.gain"): signed(row.change.gain, 2),
        t("crops.column.gain_error"): points(row.change.error, 2),
        t("crops.column.mended"): row.change.mended,
        t("crops.column.spoiled"): row.change.spoiled,
        t("crops.column.ece"): points(row.score.ece, 2),
    }


def _together_row(found: Together) -> dict[str, object]:
    name = members_name(len(found.models))
    return _cells(name, found.scheme, found.passes, found.macs) | {
        t("crops.accuracy_axis"): points(found.average.accuracy, 2),
        t("crops.column.error"): points(found.average.error, 2),
        t("crops.column.ece"): points(found.average.ece, 2),
    }


def _cells(name: str, scheme: str, passes: int, macs: int) -> dict[str, object]:
    return {
        t("crops.column.model"): name,
        t("crops.column.scheme"): t(f"crops.scheme.{scheme}"),
        t("crops.column.passes"): passes,
        t("crops.column.macs"): round(macs / 1e6, 2),
    }
