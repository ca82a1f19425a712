"""Who reads whom in a trained DenseNet-BC: mean absolute weights, beside the same network before training."""

from __future__ import annotations

import streamlit as st

from explorer.blocks.reading import by_source, dense_run
from explorer.figures import efficient as figures
from explorer.records.efficient import ReadWeights
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.parts.blocks.efficient.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, t
from explorer.ui.widgets import inputs


def show() -> None:
    """The trained block and the control, and where they come from."""
    block = inputs.select(STATE.read, STATE.read.codes, lambda number: f"{number:g}", default=1)
    trained, control = (cached.who_reads_whom(block, learned) for learned in (True, False))
    run = dense_run()
    st.caption(
        t(
            "efficient.recorded",
            data=dataset_name(run.config.dataset),
            accuracy=f"{100 * run.shipped_accuracy:.1f}",
            date=run.date,
            device=run.device,
            seconds=f"{run.seconds:.0f}",
            command=run.command,
        )
    )
    most = max(trained.largest, control.largest)  # one scale for both
    left, right = st.columns(2, gap="medium")
    with left:
        _map("trained", trained, _said(trained), most)
    with right:
        _map("untrained", control, t("efficient.untrained_say"), most)


def _map(name: str, found: ReadWeights, sentence: str, most: float) -> None:
    size = len(found.weights)
    sources = [t("efficient.block_input"), *(t("efficient.layer", number=number) for number in range(1, size))]
    last = t("efficient.reader_classifier") if found.block == 3 else t("efficient.reader_transition")
    readers = [*(str(number) for number in range(1, size)), last]
    words = {"down": t("efficient.source"), "across": t("efficient.reader")}
    title = t(f"efficient.{name}_map", block=found.block)
    drawn = figures.heat(found.relative, sources, readers, theme=layout.theme(), words=words, title=title, most=most)
    rows = [
        {t("efficient.source"): source}
        | {reader: _rounded(value) for reader, value in zip(readers, values, strict=True)}
        for source, values in zip(sources, found.relative.tolist(), strict=True)
    ]
    exhibit.show(
        Exhibit(f"efficient-reads-{name}", drawn, sentence, rows, code=(by_source,), height=330, note=sentence)
    )


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 3)


def _said(found: ReadWeights) -> str:
    """Of the last reader: the source that it reads most, and least."""
    last = found.relative[:, -1].tolist()
    names = [t("efficient.block_input"), *(t("efficient.layer", number=number) for number in range(1, len(last)))]
    most, least = (pick(range(len(last)), key=last.__getitem__) for pick in (max, min))
    reader = t("efficient.reader_classifier") if found.block == 3 else t("efficient.reader_transition")
    return t(
        "efficient.reads_say",
        reader=reader,
        most=names[most],
        most_weight=f"{last[most]:.2f}",
        least=names[least],
        least_weight=f"{last[least]:.2f}",
    )
