"""The networks that the degradation page compares: their names, their colours, and what its figures call things."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from explorer.figures import palette, runs as figures
from explorer.records import TrainConfig, TrainingRun, TrainPoint
from explorer.ui.shell import state
from explorer.ui.shell.words import t


@dataclass(frozen=True, slots=True)
class Shown:
    """A network as this page shows it: a name that no other has, its weight layers; `run` is None if recorded."""

    name: str
    depth: int
    residual: bool
    config: TrainConfig
    points: Sequence[TrainPoint]
    run: TrainingRun | None
    diverged: bool = False

    @property
    def colour(self) -> str:
        """Of its curve: what is plain, and what is residual."""
        return palette.RESIDUAL if self.residual else palette.PLAIN


def labelled(
    runs: Sequence[tuple[TrainConfig, Sequence[TrainPoint], TrainingRun | None]], diverged: Collection[TrainConfig] = ()
) -> list[Shown]:
    """Runs by depth, with their names: Plain-56, Residual-20; those of one depth and kind are numbered."""
    from explorer.training.history import depth_and_skips

    kinded = sorted(((depth_and_skips(run[0]), run) for run in runs), key=lambda pair: pair[0])
    kinds = [kind for kind, _ in kinded]
    shown = []
    for index, ((depth, residual), run) in enumerate(kinded):
        name = t("lab.residual" if residual else "lab.plain", depth=depth)
        twins, number = kinds.count((depth, residual)), kinds[: index + 1].count((depth, residual))
        ended = run[0] in diverged or (run[2] is not None and run[2].reason == "diverged")
        shown.append(Shown(f"{name} #{number}" if twins > 1 else name, depth, residual, *run, diverged=ended))
    return shown


def labels() -> dict[str, str]:
    """The words of the figures."""
    names = (*figures.MEASURES, *figures.FIRST_LAYER, "step", "layer", "gradient_norm")
    return {name: t(f"lab.{name}") for name in names}


def ghosts(page: str, drawn: str, curves: Sequence[Any]) -> tuple[Any, ...]:
    """Curves of what was drawn on a page before this, to stand behind it as ghosts; `drawn` says what this is."""
    now, _, before = state.get(f"_drawn.{page}", ("", (), ()))
    if now != drawn:
        before = state.get(f"_drawn.{page}", ("", (), ()))[1]
    state.put(f"_drawn.{page}", (drawn, tuple(curves), before))
    return tuple(replace(curve, ghost=True) for curve in before)


def untrained(seconds: float | None) -> str:
    """That these settings were never trained, and about how long it would take."""
    return t("lab.untrained") if seconds is None else t("lab.untrained_seconds", seconds=f"{max(seconds, 1):.0f}")
