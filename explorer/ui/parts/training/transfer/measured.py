"""What was measured: three ways to learn, by the number of images, on photographs and on what is none."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import streamlit as st

from explorer.figures import transfer as figures
from explorer.figures.transfer import Measured
from explorer.ui.parts.training.transfer.state import STATE
from explorer.ui.shell import exhibit, layout, predict, state
from explorer.ui.shell.exhibit import Exhibit, Rows
from explorer.ui.shell.words import listed, t
from explorer.ui.widgets import inputs
from explorer.weights.transferred import (
    AMOUNTS,
    FAR,
    GENTLE_RATE,
    LITE,
    NEAR,
    RESNET,
    SMALL,
    Spread,
    gains,
    recorded_spread,
)

SLUGS = {"cifar10": NEAR, **{slug: slug for slug in FAR}}
"""The data sets by the codes of the control."""

WAYS = {
    "frozen": (LITE, "frozen"),
    "finetune": (LITE, "finetune"),
    "scratch": (SMALL, "scratch"),
    "scratch-large": (LITE, "scratch"),
    "frozen-small": (RESNET, "frozen"),
    "finetune-small": (RESNET, "finetune"),
}
"""The ways to learn: the network, and the regime."""

_ASKED = ("frozen", "finetune", "scratch")


def show() -> bool:
    """The recorded runs, once the visitor has said what to expect; false while that is not answered."""
    linked = any(state.parameter(field.name) for field in (STATE.data, STATE.amount, STATE.kept))
    data = inputs.segmented(STATE.data)
    claims = {way: t(f"transfer.way.{way}") for way in _ASKED}
    if predict.waits("transfer", claims, "near-5", linked=linked):
        return False
    spreads = {(way, amount): found for way in WAYS for amount in AMOUNTS if (found := _spread(way, data, amount))}
    _card(list(spreads.values()))
    predict.verdict("transfer", claims, "near-5", best_with_few())
    _accuracies(data, spreads)
    _gains()
    return True


def best_with_few() -> str:
    """The way that had the best mean with five photographs of each class."""
    found = {way: spread.mean for way in _ASKED if (spread := _spread(way, "cifar10", AMOUNTS[0]))}
    return max(found, key=found.__getitem__)


def _spread(way: str, data: str, amount: int) -> Spread | None:
    source, regime = WAYS[way]
    return recorded_spread(source, SLUGS[data], regime, amount)


def amount_name(amount: int) -> str:
    """A number of images of each class in words."""
    return t("transfer.each", count=amount) if amount else t("transfer.all")


def said(spread: Spread) -> str:
    """A mean with its range."""
    low, high = min(spread.accuracies), max(spread.accuracies)
    return t("transfer.spread", mean=f"{spread.mean:.1f}", low=f"{low:.1f}", high=f"{high:.1f}")


def _card(spreads: Sequence[Spread]) -> None:
    """Where the numbers come from."""
    runs = [run for spread in spreads for run in spread.runs]
    commands = " · ".join(f"`{command}`" for command in dict.fromkeys(run.command for run in runs))
    seeds = listed(str(seed) for seed in sorted({run.config.seed for run in runs}))
    first = runs[0]
    st.caption(
        t(
            "transfer.recorded",
            count=len(runs),
            seeds=seeds,
            date=first.date,
            device=first.device,
            versions=first.versions,
            commands=commands,
        )
    )


def _accuracies(data: str, spreads: dict[tuple[str, int], Spread]) -> None:
    amounts = [amount for amount in AMOUNTS if any(key[1] == amount for key in spreads)]
    lines = []
    for way in WAYS:
        found = [(i, spreads[way, amount]) for i, amount in enumerate(amounts) if (way, amount) in spreads]
        if found:
            places, values = [float(i) for i, _ in found], [spread.accuracies for _, spread in found]
            lines.append(Measured(way, t(f"transfer.way.{way}"), places, values))
    drawn = figures.accuracies(
        lines,
        [amount_name(amount) for amount in amounts],
        theme=layout.theme(),
        across=t("transfer.across"),
        upright=t("transfer.upright"),
        title=t("transfer.regimes"),
    )
    sentence = "\n\n".join((t("transfer.regimes_alt", data=t(f"learned.{data}")), *_best(amounts, spreads)))
    note = t(f"transfer.note.{data}") if data != "cifar10" else _gentle()
    exhibit.show(Exhibit("transfer-regimes", drawn, sentence, _rows(spreads), code=(recorded_spread,), note=note))


def _best(amounts: Sequence[int], spreads: dict[tuple[str, int], Spread]) -> list[str]:
    """For each number of images: what was best, and what came of the others."""
    found = []
    for amount in amounts:
        ways = {way: spreads[way, amount] for way in WAYS if (way, amount) in spreads}
        order = sorted(ways, key=lambda way: -ways[way].mean)
        list_ = listed(f"{t(f'transfer.way.{way}')} {said(ways[way])}" for way in order)
        found.append(t("transfer.best", amount=amount_name(amount), list=list_))
    return found


def _gentle() -> str:
    """The control of "frozen beats fine-tuning with few images": fine-tuning with a lower rate."""
    usual, gentle = (recorded_spread(LITE, NEAR, "finetune", 5, lr=lr) for lr in (0.02, GENTLE_RATE))
    assert usual, "recorded"
    assert gentle, "recorded"
    return t("transfer.gentle", usual=said(usual), gentle=said(gentle), rate=f"{GENTLE_RATE:g}")


def _rows(spreads: dict[tuple[str, int], Spread]) -> Rows:
    return [
        {
            t("transfer.column_way"): t(f"transfer.way.{way}"),
            t("transfer.column_amount"): amount_name(amount),
            t("transfer.column_mean"): round(spread.mean, 1),
            t("transfer.column_low"): round(min(spread.accuracies), 1),
            t("transfer.column_high"): round(max(spread.accuracies), 1),
            t("transfer.column_seeds"): len(spread.runs),
            t("transfer.column_trained"): spread.parameters,
        }
        for (way, amount), spread in spreads.items()
    ]


# --- near and far -----------------------------------------------------------------------------------------------------


def _gains() -> None:
    layout.section(t("transfer.far"), t("transfer.far_note"))
    rows = {
        (t(f"learned.{data}"), amount_name(amount)): (frozen, gains(slug, amount, "finetune"))
        for data, slug in SLUGS.items()
        for amount in AMOUNTS
        if (frozen := gains(slug, amount))
    }
    ways = (t("transfer.way.frozen"), t("transfer.way.finetune"))
    drawn = figures.gains(
        [("<br>".join(place), *differences) for place, differences in rows.items()],
        theme=layout.theme(),
        names=ways,
        across=t("transfer.gain"),
        title=t("transfer.far"),
    )
    named = {listed(place): each for place, each in rows.items()}
    means = {name: (fmean(frozen), fmean(tuned)) for name, (frozen, tuned) in named.items()}
    lost, won = (
        listed(f"{name} {frozen:+.1f}" for name, (frozen, _) in means.items() if (frozen < 0) == behind)
        for behind in (True, False)
    )
    table = [
        {t("transfer.column_data"): name, **dict(zip(ways, (round(mean, 1) for mean in both), strict=True))}
        for name, both in means.items()
    ]
    sentence, note = t("transfer.gains_alt", won=won, lost=lost), t("transfer.behind", list=lost)
    exhibit.show(Exhibit("transfer-gains", drawn, sentence, table, code=(gains,), note=note))
