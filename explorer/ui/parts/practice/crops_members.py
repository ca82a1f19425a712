"""An ensemble on a test set: who agrees with whom, which mistakes averaging mends, and what calibration becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import averaging as figures
from explorer.figures.tiles import Tile
from explorer.records import AveragedSet
from explorer.ui.cached.practice import crops as cached_crops
from explorer.ui.parts.practice import crops_calibration
from explorer.ui.parts.practice.crops import STATE
from explorer.ui.parts.practice.crops_names import member_name, members_name, millions, one_decimal, signed
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, named_class, refusal, sentences, t
from explorer.ui.widgets import inputs

if TYPE_CHECKING:
    from explorer.averaging.reporting import Example, Together

_MOST_TILES, _TILE = 18, 78


def show(record: AveragedSet) -> None:
    """Choose members; then their average against the best of them, agreement, shared mistakes, calibration."""
    layout.section(t("crops.ensemble"), t("crops.ensemble_note"))
    own = tuple(cached_crops.own_runs()) if record.name == cached_crops.OWN_SET else ()
    recorded = tuple(member.model for member in record.members)
    codes = [*recorded, *own]
    names = {code: member_name(code) for code in codes}
    models = inputs.pills(STATE.members, codes, names.__getitem__, default=recorded, owner=record.name)
    if record.name == cached_crops.OWN_SET:
        st.caption(t("crops.own_runs") if own else t("crops.no_own_runs"))
    schemes = [scheme for scheme in STATE.views.codes if scheme in record.members[0].schemes]
    named = {scheme: t(f"crops.scheme.{scheme}") for scheme in schemes}
    scheme = inputs.select(STATE.views, schemes, named.__getitem__, owner=record.name)
    if not models:
        st.info(t("crops.no_member"), icon=":material/groups:")
        return
    try:
        joined = tuple(model for model in models if model in own)
        found = cached_crops.together(record.name, tuple(models), scheme, joined)
    except (ExplorerError, ValueError) as problem:
        st.warning(refusal(problem), icon=":material/block:")
        return
    _facts(found)
    if len(models) > 1:
        left, right = st.columns(2, gap="medium")
        with left:
            _agreement(found)
        with right:
            _counted(found)
        _examples(record, found)
    crops_calibration.show(found)


def _facts(found: Together) -> None:
    best, average, changed = found.members[found.best], found.average, found.change
    layout.facts(
        (
            (t("crops.fact.best"), _of(best.accuracy, best.error), member_name(found.models[found.best])),
            (t("crops.fact.average"), _of(average.accuracy, average.error), members_name(len(found.models))),
            (
                t("crops.fact.gain"),
                signed(changed.gain),
                t(
                    "crops.fact.gain_note",
                    error=f"{100 * changed.error:.2f}",
                    mended=changed.mended,
                    spoiled=changed.spoiled,
                ),
            ),
            (t("crops.fact.cost"), f"{millions(found.macs)} M", t("crops.fact.cost_note", passes=found.passes)),
        )
    )


def _of(accuracy: float, error: float) -> str:
    return f"{100 * accuracy:.1f} ± {100 * error:.1f}%"


# --- agreement, and mistakes ------------------------------------------------------------------------------------------


def _agreement(found: Together) -> None:
    from explorer.averaging import agreement

    names, title = [member_name(model) for model in found.models], t("crops.agreement")
    pairs = [
        (value, names[i], names[j]) for i, row in enumerate(found.agreement) for j, value in enumerate(row) if i < j
    ]
    most, least = max(pairs), min(pairs)
    sentence = t(
        "crops.agreement_says",
        most=one_decimal(most[0]),
        pair=f"{most[1]} / {most[2]}",
        least=one_decimal(least[0]),
        other=f"{least[1]} / {least[2]}",
    )
    option = figures.matrix(found.agreement, names, theme=layout.theme(), title=title)
    rows = [
        {"": name, **{other: round(100 * value, 1) for other, value in zip(names, row, strict=True)}}
        for name, row in zip(names, found.agreement, strict=True)
    ]
    exhibit.show(Exhibit("crops-agreement", option, sentence, rows, note=sentence, code=(agreement,), height=380))


def _counted(found: Together) -> None:
    from explorer.averaging import averaged

    words = {
        "members": t("crops.right_axis"),
        "images": t("crops.images_axis"),
        "right": t("crops.average_right"),
        "wrong": t("crops.average_wrong"),
    }
    title = t("crops.counted")
    option = figures.counted(found.counted, theme=layout.theme(), words=words, title=title)
    none, some = found.counted[0], found.counted[1:-1]
    sentence = t(
        "crops.counted_says",
        none=f"{none[0]:,}",
        saved=none[1],
        split=f"{sum(images for images, _ in some):,}",
        mended=f"{sum(good for _, good in some):,}",
    )
    rows = [
        {words["members"]: number, words["images"]: images, words["right"]: good, words["wrong"]: images - good}
        for number, (images, good) in enumerate(found.counted)
    ]
    exhibit.show(Exhibit("crops-counted", option, sentence, rows, note=sentence, code=(averaged,), height=380))


def _examples(record: AveragedSet, found: Together) -> None:
    """Images that averaging mends, that it spoils, and that all members err at."""
    counts = {kind: t(f"crops.kind.{kind}", count=f"{found.count[kind]:,}") for kind in STATE.kind.codes}
    kind = inputs.segmented(STATE.kind, named=counts.__getitem__)
    examples = found.examples[kind][:_MOST_TILES]
    st.caption(t(f"crops.kind_note.{kind}"))
    if not examples:
        st.caption(t("crops.no_examples"))
        return
    tiles = tuple(_tile(record, found, example, kind) for example in examples)
    exhibit.show(Exhibit("crops-examples", tiles, t(f"crops.kind_note.{kind}"), width=_TILE), details=False)


def _tile(record: AveragedSet, found: Together, example: Example, kind: str) -> Tile:
    names = [named_class(name) for name in record.classes]
    truth, said = names[example.truth], names[example.together]
    first = truth if kind == "shared" else names[example.answers[found.best]]
    votes = [
        f"{member_name(model)}: {names[answer]}" for model, answer in zip(found.models, example.answers, strict=True)
    ]
    share = f"{100 * example.confidence:.0f}"
    alt = sentences(t("crops.example", truth=truth, answer=said, share=share), f"{listed(votes)}.")
    return Tile(cached_crops.example_png(record.name, example.number), f"{first} → {said}", alt)
