"""The cost of the scaled family by phi: the formula, the networks with their rounding, and the released ones."""

from __future__ import annotations

from explorer import arithmetic
from explorer.arithmetic.compound import RELEASED, SIDE
from explorer.figures import efficient as figures
from explorer.figures.efficient import Line
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.parts.blocks.efficient.state import Bases
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t

_RELEASED_PHI = {"b0": 0.0, "b1": 0.5, "b2": 1.0, "b3": 2.0, "b4": 3.0, "b5": 4.0, "b6": 5.0, "b7": 6.0}
"""The exponents of the released networks, from their input sides (1.15^phi), as commonly given with the code."""


def show(bases: Bases) -> None:
    """Cost against phi."""
    alpha, beta, gamma, phi = bases.alpha, bases.beta, bases.gamma, bases.phi
    base = arithmetic.counted(1, 1, SIDE).macs
    steps = [step / 2 for step in range(15)]
    formula = [base * arithmetic.multiplied_cost(alpha**p, beta**p, gamma**p) for p in steps]
    real = [arithmetic.counted(alpha**p, beta**p, round(SIDE * gamma**p)).macs for p in steps]
    here = arithmetic.counted(alpha**phi, beta**phi, round(SIDE * gamma**phi)).macs
    released = [
        (_RELEASED_PHI[version], arithmetic.counted(depth, width, side).macs / 1e9)
        for version, (width, depth, side) in RELEASED.items()
    ]
    series = [
        Line(t("efficient.formula"), 7, [(p, macs / 1e9) for p, macs in zip(steps, formula, strict=True)], "dash"),
        Line(t("efficient.counted"), 0, [(p, macs / 1e9) for p, macs in zip(steps, real, strict=True)]),
        Line(t("efficient.released"), 4, released, "dots", [version.upper() for version in RELEASED]),
        Line(t("efficient.here"), 3, [(phi, here / 1e9)], "star"),
    ]
    drawn = figures.lines(
        series,
        theme=layout.theme(),
        across="φ",
        upright=t("efficient.giga"),
        title=t("efficient.family_title"),
        log=(False, True),
    )
    worst = max(range(len(steps)), key=lambda i: abs(real[i] / formula[i] - 1))
    sentence = t(
        "efficient.family_say",
        phi=f"{steps[worst]:g}",
        real=f"{real[worst] / base:.1f}",
        formula=f"{formula[worst] / base:.1f}",
    )
    rows = [
        {
            "φ": p,
            t("efficient.formula"): round(f / 1e6),
            t("efficient.counted"): round(r / 1e6),
            t("efficient.column.off"): round(100 * (r / f - 1), 1),
        }
        for p, f, r in zip(steps, formula, real, strict=True)
    ]
    exhibit.show(
        Exhibit("efficient-family", drawn, sentence, rows, code=(arithmetic.counted,), height=330, note=sentence)
    )


def published() -> None:
    """Accuracy against cost, as Tan & Le published it."""
    releases = dict(zip((version.upper() for version in RELEASED), RELEASED.values(), strict=True))
    published = [
        (title, arithmetic.counted(releases[title][1], releases[title][0], releases[title][2]).macs / 1e9, top1)
        for title, top1 in cached.table_2()
    ]
    lites = [(title, macs / 1e9, top1) for title, _, macs, top1 in cached.lites()]
    points = [(macs, top1) for _, macs, top1 in published]
    series = [
        Line("B0–B7", 0, points),
        Line(
            "EfficientNet", 0, [(macs, top1) for _, macs, top1 in published], "dots", [name for name, _, _ in published]
        ),
        Line("EfficientNet-Lite", 1, [(macs, top1) for _, macs, top1 in lites], "dots", [name for name, _, _ in lites]),
    ]
    drawn = figures.lines(
        series,
        theme=layout.theme(),
        across=t("efficient.giga"),
        upright=t("efficient.top1_axis"),
        title=t("efficient.top1_title"),
        log=(True, False),
    )
    first, last = published[0], published[-1]
    sentence = t(
        "efficient.top1_say",
        times=f"{last[1] / first[1]:.0f}",
        first=f"{first[2]:g}",
        last=f"{last[2]:g}",
        gained=f"{last[2] - first[2]:.1f}",
    )
    rows = [
        {t("efficient.column.network"): name, t("efficient.giga"): round(macs, 3), t("efficient.top1_axis"): top1}
        for name, macs, top1 in (*published, *lites)
    ]
    exhibit.show(Exhibit("efficient-top1", drawn, sentence, rows, height=330, note=sentence))
