"""The inverted residual block: shapes and costs, and why it ends linearly."""

from __future__ import annotations

import streamlit as st

from explorer import arithmetic
from explorer.figures import efficient as figures
from explorer.records.efficient import InvertedBlock
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.parts.blocks.efficient import spiral
from explorer.ui.parts.blocks.efficient.separable import shapes
from explorer.ui.parts.blocks.efficient.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The block, and the spiral."""
    fragment(_block)
    layout.section(t("efficient.linear"), t("efficient.linear_note"))
    fragment(spiral.show)


def _block() -> None:
    blocks = cached.inverted_blocks()
    names = {0: t("efficient.course_block")} | {i: _name(i, block) for i, block in enumerate(blocks, start=1)}
    number = inputs.select(STATE.block, STATE.block.codes, names.__getitem__, default=0)
    block = blocks[number - 1] if number else InvertedBlock("", arithmetic.inverted(6, 3, 3, t=6), True)
    steps = block.steps
    narrow, wide, end = steps[0].before, steps[-1].before, steps[-1].after
    sentence = t(
        "efficient.block_say",
        narrow=narrow[0],
        wide=wide[0],
        end=end[0],
        macs=f"{sum(step.macs.value for step in steps):,}",
        weights=f"{sum(step.weights.value for step in steps):,}",
        full=f"{arithmetic.full(wide[1], wide[0], wide[0], 3, p=1).macs.value:,}",
        skip=t("efficient.skip") if block.skip else t("efficient.no_skip"),
    )
    st.markdown(sentence)
    _drawn(block, sentence)


def _drawn(block: InvertedBlock, sentence: str) -> None:
    steps = block.steps
    names = [t("efficient.block_input"), *(t(f"efficient.step.{step.kind}") for step in steps)]
    volumes = [steps[0].before, *(step.after for step in steps)]
    labels = [f"{name}  {'×'.join(map(str, (*v[1:], v[0])))}" for name, v in zip(names, volumes, strict=True)]
    left, right = st.columns(2, gap="medium")
    theme = layout.theme()
    channels = figures.bars(
        labels,
        [(t("efficient.channels"), 0, [v[0] for v in volumes])],
        theme=theme,
        across="n_C",
        title=t("efficient.channels_title"),
    )
    macs = figures.bars(
        names[1:],
        [(t("efficient.macs_axis"), 1, [step.macs.value for step in steps])],
        theme=theme,
        across=t("efficient.macs_axis"),
        title=t("efficient.block_macs"),
        stacked=False,
    )
    rows = [
        {
            t("efficient.column.step"): t(f"efficient.step.{step.kind}"),
            t("efficient.column.shape"): shapes(step.before, step.after),
            t("efficient.column.weights_worked"): step.weights.substituted,
            t("efficient.column.weights"): step.weights.value,
            t("efficient.column.macs_worked"): step.macs.substituted,
            t("efficient.column.macs"): step.macs.value,
        }
        for step in steps
    ]
    with left:
        exhibit.show(Exhibit("efficient-channels", channels, sentence, height=260), details=False)
    with right:
        exhibit.show(Exhibit("efficient-block", macs, sentence, rows, code=(arithmetic.inverted,), height=260))


def _name(number: int, block: InvertedBlock) -> str:
    chain = " → ".join(str(n) for n in (block.steps[0].before[0], block.steps[-1].before[0], block.steps[-1].after[0]))
    side = block.steps[0].before[1]
    return t("efficient.block_name", number=number, side=side, chain=chain)
