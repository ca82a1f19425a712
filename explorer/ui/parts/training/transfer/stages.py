"""Which layers transfer: how many stages stay, what then trains, and how representations change."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.figures import transfer as figures
from explorer.figures.transfer import Measured
from explorer.records import NetworkInstance, Segment, TransferResult
from explorer.ui.cached import networks as cached
from explorer.ui.parts.training.transfer.measured import SLUGS, amount_name, said
from explorer.ui.parts.training.transfer.state import STATE
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import sentences, t
from explorer.ui.widgets import inputs
from explorer.weights.transferred import (
    LITE,
    NEAR,
    Spread,
    StageSize,
    recorded_spread,
    similar,
    softmax_parameters,
    stage_sizes,
    trained_parameters,
)

_AMOUNT, _CLASSES = 50, 10
"""What the runs by stage were recorded with: images of each class, and classes."""

_CKA = r"\mathrm{CKA}(K, L) = \frac{\langle K, L\rangle_F}{\|K\|_F\,\|L\|_F},\quad K = X X^\top,\; L = Y Y^\top"


def show() -> None:
    """The slider over stages with what was recorded for it, and similarities before and after."""
    layout.section(t("transfer.which"), t("transfer.which_note", amount=amount_name(_AMOUNT)))
    outline = cached.outline(NetworkInstance.of(cached.spec(LITE.partition(":")[2])), "stage")
    sizes = stage_sizes(outline)
    kept = inputs.slider(STATE.kept)
    _kept(kept, outline, sizes)
    left, right = st.columns(2, gap="medium")
    with left:
        _by_stage(kept, sizes)
    with right:
        _bars(kept, sizes, trained_parameters(outline, kept, _CLASSES))
    _similar()


def _frozen(kept: int) -> Spread | None:
    return recorded_spread(LITE, NEAR, "frozen", _AMOUNT, kept) if kept else None


def _tuned(kept: int) -> Spread | None:
    return recorded_spread(LITE, NEAR, "finetune", _AMOUNT, kept)


def _kept(kept: int, outline: Sequence[Segment], sizes: Sequence[StageSize]) -> None:
    """In words: what stays, how much trains, what came of it."""
    if kept:
        stays = t("transfer.stays", first=sizes[0].name, last=sizes[kept - 1].name) if kept > 1 else sizes[0].name
        said_of = [t("transfer.kept_some", stays=stays, count=kept, of=len(sizes))]
    else:
        said_of = [t("transfer.kept_none")]
    tuned, frozen = _tuned(kept), _frozen(kept)
    count = f"{trained_parameters(outline, kept, _CLASSES):,}"
    if tuned:
        said_of.append(t("transfer.tuned", count=count, accuracy=said(tuned)))
    elif kept < len(sizes):
        said_of.append(t("transfer.not_tuned", count=count))
    if frozen:
        features = sizes[kept - 1].features
        softmax = f"{softmax_parameters(features, _CLASSES):,}"
        said_of.append(t("transfer.softmaxed", features=f"{features:,}", count=softmax, accuracy=said(frozen)))
    st.markdown(sentences(*said_of))


def _by_stage(kept: int, sizes: Sequence[StageSize]) -> None:
    everything = range(len(sizes) + 1)
    found = {
        "frozen": {k: spread for k in everything if (spread := _frozen(k))},
        "finetune": {k: spread for k in everything if (spread := _tuned(k))},
    }
    names = {"frozen": t("transfer.line_frozen"), "finetune": t("transfer.line_tuned")}
    lines = [
        Measured(way, names[way], list(map(float, by)), [spread.accuracies for spread in by.values()])
        for way, by in found.items()
    ]
    drawn = figures.accuracies(
        lines,
        ["0", *(f"{i} {size.name}" for i, size in enumerate(sizes, 1))],
        theme=layout.theme(),
        across=t("transfer.kept"),
        upright=t("transfer.upright"),
        title=t("transfer.by_stage"),
        marked=kept,
    )
    best = {way: max(by, key=lambda k: by[k].mean) for way, by in found.items()}
    sentence = t(
        "transfer.by_stage_alt",
        frozen=best["frozen"],
        frozen_accuracy=said(found["frozen"][best["frozen"]]),
        first=said(found["frozen"][1]),
        tuned=best["finetune"],
        tuned_accuracy=said(found["finetune"][best["finetune"]]),
        none=said(found["finetune"][0]),
    )
    rows = [
        {
            t("transfer.kept"): k,
            names["frozen"]: round(found["frozen"][k].mean, 1) if k in found["frozen"] else None,
            names["finetune"]: round(found["finetune"][k].mean, 1) if k in found["finetune"] else None,
        }
        for k in everything
    ]
    exhibit.show(Exhibit("transfer-stages", drawn, sentence, rows, code=(recorded_spread,)))


def _bars(kept: int, sizes: Sequence[StageSize], trained: int) -> None:
    drawn = figures.stage_bars(
        [(size.name, size.parameters) for size in sizes],
        kept,
        theme=layout.theme(),
        stays=t("transfer.bars_stay"),
        trains=t("transfer.bars_train"),
        upright=t("figure.parameters"),
        title=t("transfer.bars"),
    )
    stay = sum(size.parameters for size in sizes[:kept])
    sentence = t("transfer.bars_alt", stay=f"{stay:,}", train=f"{trained:,}")
    rows = [
        {
            t("transfer.column_stage"): size.name,
            t("figure.parameters"): size.parameters,
            t("transfer.column_features"): size.features,
            t("transfer.column_stays"): t("transfer.yes") if i < kept else t("transfer.no"),
        }
        for i, size in enumerate(sizes)
    ]
    exhibit.show(Exhibit("transfer-parameters", drawn, sentence, rows, code=(trained_parameters,), note=sentence))


# --- similarity -------------------------------------------------------------------------------------------------------


def _similar() -> None:
    layout.section(t("transfer.cka"), t("transfer.cka_note"))
    data = str(state.peek(STATE.data))
    compared = {a: run for a in STATE.amount.codes if (run := similar(SLUGS[data], a))}
    amount = inputs.select(STATE.amount, tuple(compared), amount_name, default=_AMOUNT, owner=data)
    run = compared[amount]
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        _heatmap(data, run)
    with right:
        first, last = run.similarity[0][0], run.similarity[-1][-1]
        st.markdown(
            t(
                "transfer.cka_words",
                data=t(f"learned.{data}"),
                amount=amount_name(amount),
                first=f"{first:.2f}",
                last=f"{last:.2f}",
                accuracy=f"{100 * run.test_accuracy:.1f}",
            )
        )


def _heatmap(data: str, run: TransferResult) -> None:
    names = run.stage_names
    drawn = figures.similarities(
        run.similarity,
        names,
        theme=layout.theme(),
        before=t("transfer.before"),
        after=t("transfer.after_training"),
        title=t("transfer.cka"),
    )
    diagonal = [f"{name} {row[i]:.2f}" for i, (name, row) in enumerate(zip(names, run.similarity, strict=True))]
    sentence = t("transfer.cka_alt", data=t(f"learned.{data}"), list=", ".join(diagonal))
    rows = [
        {t("transfer.before"): name, **{other: round(value, 3) for other, value in zip(names, row, strict=True)}}
        for name, row in zip(names, run.similarity, strict=True)
    ]
    exhibit.show(Exhibit("transfer-cka", drawn, sentence, rows, code=(similar,), formula=_CKA))
