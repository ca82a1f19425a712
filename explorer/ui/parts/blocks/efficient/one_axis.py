"""One axis alone against all three at the same multiply-adds: networks as they are rounded, and what was published."""

from __future__ import annotations

from explorer import arithmetic
from explorer.arithmetic.compound import SIDE
from explorer.figures import efficient as figures
from explorer.ui.parts.blocks.efficient.state import Bases
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t

PUBLISHED = (
    ("base", 1.0, 1.0, 1.0, 77.3),
    ("depth", 4.0, 1.0, 1.0, 79.0),
    ("width", 1.0, 2.0, 1.0, 78.9),
    ("resolution", 1.0, 1.0, 2.0, 79.1),
    ("compound", 1.4, 1.2, 1.3, 81.1),
)
"""Tan & Le 2019, Table 7: axis, multipliers of depth, width and resolution, top-1 accuracy on ImageNet in percent."""


def show(bases: Bases) -> None:
    """What the target of the desk costs on each axis."""
    target = arithmetic.multiplied_cost(bases.alpha, bases.beta, bases.gamma) ** bases.phi
    ways = {
        "depth": (target, 1.0, 1.0),
        "width": (1.0, target**0.5, 1.0),
        "resolution": (1.0, 1.0, target**0.5),
        "compound": bases.multipliers,
    }
    found = {way: arithmetic.counted(d, w, round(SIDE * r)) for way, (d, w, r) in ways.items()}
    base = arithmetic.counted(1, 1, SIDE).macs
    names = [t(f"efficient.axis.{way}") for way in ways]
    drawn = figures.bars(
        names,
        [(t("efficient.times_base"), 0, [round(each.macs / base, 2) for each in found.values()])],
        theme=layout.theme(),
        across=t("efficient.times_base"),
        title=t("efficient.equal_title", target=f"{target:.2f}"),
        stacked=False,
    )
    rows = [
        {
            t("efficient.column.axis"): name,
            t("efficient.depth"): round(ways[way][0], 2),
            t("efficient.width"): round(ways[way][1], 2),
            t("efficient.column.side"): each.side,
            t("efficient.column.layers"): each.layers,
            t("efficient.parameters"): each.parameters,
            t("efficient.column.macs"): each.macs,
        }
        for name, (way, each) in zip(names, found.items(), strict=True)
    ]
    sentence = t(
        "efficient.equal_say",
        target=f"{target:.2f}",
        depth=f"{found['depth'].macs / base:.2f}",
        width=f"{found['width'].macs / base:.2f}",
        resolution=f"{found['resolution'].macs / base:.2f}",
        compound=f"{found['compound'].macs / base:.2f}",
        most=f"{max(each.parameters for each in found.values()) / 1e6:.1f}",
        least=f"{min(each.parameters for each in found.values()) / 1e6:.1f}",
    )
    exhibit.show(
        Exhibit("efficient-equal", drawn, sentence, rows, code=(arithmetic.counted,), height=260, note=sentence)
    )


def published() -> None:
    """The five networks of the paper's Table 7."""
    names = [t(f"efficient.axis.{way}") for way, *_ in PUBLISHED]
    drawn = figures.bars(
        names,
        [(t("efficient.top1_axis"), 2, [top1 for *_, top1 in PUBLISHED])],
        theme=layout.theme(),
        across=t("efficient.top1_axis"),
        title=t("efficient.table7_title"),
        stacked=False,
        low=76,
    )
    rows = [
        {
            t("efficient.column.axis"): name,
            t("efficient.depth"): d,
            t("efficient.width"): w,
            t("efficient.resolution"): r,
            t("efficient.giga"): round(arithmetic.counted(d, w, round(SIDE * r)).macs / 1e9, 2),
            t("efficient.top1_axis"): top1,
        }
        for name, (_, d, w, r, top1) in zip(names, PUBLISHED, strict=True)
    ]
    costs = [arithmetic.counted(d, w, round(SIDE * r)).macs / 1e9 for _, d, w, r, _ in PUBLISHED[1:]]
    sentence = t("efficient.table7_say", low=f"{min(costs):.2f}", high=f"{max(costs):.2f}")
    exhibit.show(Exhibit("efficient-table7", drawn, sentence, rows, height=260, note=sentence))
