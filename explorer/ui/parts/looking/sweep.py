"""Every block bypassed in turn, residual against plain: the experiment of Veit et al. (2016)."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.figures import units as figures
from explorer.records import TaskOrder, TaskStatus
from explorer.ui.cached import models as cached_models, units as cached_units
from explorer.ui.parts.looking import tasks as units_tasks
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import dataset_name, t

_PAIR = ("recorded:shapes-short-cifar-resnet20-seed0", "recorded:shapes-short-cifar-plain20-seed0")


def show(model_id: str) -> None:
    """The button that starts both sweeps, and what they have found."""
    pair, dataset = _compared(model_id)
    layout.section(t("units.sweep"), t("units.sweep_note", title=dataset_name(dataset), count=units_tasks.SWEPT))
    tasks = [units_tasks.sweep_task(swept, dataset) for swept in pair]
    keys = [task.key for task in tasks]

    def draw(progress: TaskStatus) -> None:
        units_tasks.bar(progress)
        if progress.state == "done":
            _show_found(pair, keys)
        elif not progress.is_open:
            label = t("units.sweep_start") if progress.state == "none" else t("units.again")
            look = {"key": "sweep-start", "icon": ":material/play_circle:"}
            permission.button(st, "search", label, _begin, pair, tasks, **look)

    units_tasks.attend(keys, "sweep", draw)


def _begin(pair: Sequence[str], tasks: Sequence[TaskOrder]) -> None:
    for swept, task in zip(pair, tasks, strict=True):
        units_tasks.begin(swept, task)


def _compared(model_id: str) -> tuple[tuple[str, str], str]:
    """Residual and plain weights, of this recording or else of the shapes, and the data set that they are tested on."""
    from explorer.inspection import sweep_pair

    pair = sweep_pair(model_id)
    dataset = cached_units.evaluation_dataset(pair[0]) if pair else None
    return (pair, dataset) if pair and dataset else (_PAIR, "shapes")


def _show_found(pair: tuple[str, str], keys: Sequence[str]) -> None:
    from explorer.units import lesioned

    blocks = [block.module for block in cached_units.blocks(pair[0])]
    names = t("units.residual"), t("units.plain")
    found = [cached_units.swept(key) for key in keys]  # (accuracy of the whole, accuracy by block that is bypassed)
    lines = [
        (name, name == names[0], [by_block.get(block) for block in blocks], whole)
        for name, (whole, by_block) in zip(names, found, strict=True)
    ]
    (residual, least), (plain, worst) = ((whole, min(by_block.values())) for whole, by_block in found)
    sentence = t(
        "units.sweep_words",
        whole=f"{100 * residual:.0f}",
        least=f"{100 * least:.0f}",
        plain=f"{100 * plain:.0f}",
        worst=f"{100 * worst:.0f}",
    )
    dots = figures.sweep(
        blocks,
        lines,
        theme=layout.theme(),
        chance=1 / len(cached_models.model(pair[0]).categories),
        labels=(t("units.block"), t("units.accuracy"), t("units.chance")),
        title=t("units.sweep_title"),
    )
    values = {name: [None if v is None else round(100 * v, 1) for v in by] for name, _, by, _ in lines}
    rows = [{t("units.block"): block, **{name: by[i] for name, by in values.items()}} for i, block in enumerate(blocks)]
    figure = Exhibit("lesion-sweep", dots, sentence, rows, code=(lesioned,), height=380)
    exhibit.show(figure, details=False)
    st.markdown(sentence)
    exhibit.twin(figure)
