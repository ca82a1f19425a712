"""The networks that the degradation page compares: their names, their colours, and what its figures call things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.figures import palette, runs as figures
from explorer.records import TrainConfig, TrainingRun, TrainPoint
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

    @property
    def colour(self) -> str:
        """Of its curve: what is plain, and what is residual."""
        return palette.RESIDUAL if self.residual else palette.PLAIN


def labelled(runs: Sequence[tuple[TrainConfig, Sequence[TrainPoint], TrainingRun | None]]) -> list[Shown]:
    """Runs by depth, with their names: Plain-56, Residual-20; those of one depth and kind are numbered."""
    from explorer.training.history import depth_and_skips

    kinded = sorted(((depth_and_skips(run[0]), run) for run in runs), key=lambda pair: pair[0])
    kinds = [kind for kind, _ in kinded]
    shown = []
    for index, ((depth, residual), run) in enumerate(kinded):
        name = t("lab.residual" if residual else "lab.plain", depth=depth)
        twins, number = kinds.count((depth, residual)), kinds[: index + 1].count((depth, residual))
        shown.append(Shown(f"{name} #{number}" if twins > 1 else name, depth, residual, *run))
    return shown


def labels() -> dict[str, str]:
    """The words of the figures."""
    names = (*figures.MEASURES, *figures.FIRST_LAYER, "step", "layer", "gradient_norm")
    return {name: t(f"lab.{name}") for name in names}
