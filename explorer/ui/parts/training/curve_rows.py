"""The numbers behind figures of runs, as the small tables of their exhibits: a column for each curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.figures.runs import Curve, measured
from explorer.ui.shell.words import t


def by_step(curves: Sequence[Curve], measures: Sequence[str]) -> list[dict[str, Any]]:
    """Measures of runs, a row for each step that one of them has a point at."""
    points = {curve.name: {point.step: point for point in curve.points} for curve in curves}
    return [
        {t("lab.step"): step}
        | {
            f"{name} · {t(f'lab.{measure}')}": measured(own[step], measure) if step in own else None
            for measure in measures
            for name, own in points.items()
        }
        for step in sorted({step for own in points.values() for step in own})
    ]


def by_layer(curves: Sequence[Curve], *, last: bool = False) -> list[dict[str, Any]]:
    """Gradient norms at the first probe, or the last, a row for each weight layer from the input on."""
    probes = [[point.gradient_norms for point in curve.points if point.gradient_norms] for curve in curves]
    norms = [found[-1 if last else 0] if found else () for found in probes]
    return [
        {t("lab.layer"): layer + 1}
        | {curve.name: own[layer] if layer < len(own) else None for curve, own in zip(curves, norms, strict=True)}
        for layer in range(max(map(len, norms), default=0))
    ]


def by_probe(curve: Curve) -> list[dict[str, Any]]:
    """Gradient norms of all probes of a run, a row for each step and weight layer."""
    return [
        {t("lab.step"): point.step, t("lab.layer"): layer, t("lab.gradient_norm"): norm}
        for point in curve.points
        for layer, norm in enumerate(point.gradient_norms or (), 1)
    ]
