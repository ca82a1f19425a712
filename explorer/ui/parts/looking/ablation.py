"""What is lost without a part: channels switched off, blocks bypassed, and every block in turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import units as figures
from explorer.records import InputImage, Lesion, TaskStatus, UnitLayer
from explorer.ui.cached import models as cached_models
from explorer.ui.cached import units as cached_units
from explorer.ui.parts.looking import tasks as units_tasks
from explorer.ui.parts.looking import units
from explorer.ui.shell import layout, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import image as image_widget
from explorer.ui.widgets import model as model_widget

_PAIR = ("recorded:shapes-short-cifar-resnet20-seed0", "recorded:shapes-short-cifar-plain20-seed0")
_TOP, _MOST_OFF = 5, 4_096


def show(source: str, offered: Sequence[UnitLayer]) -> None:
    """One lesion of one network, what it does to one picture and to a data set; then each block in turn."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        lesion = _lesion(source, offered)
        seen = image_widget.choose_image(cached_models.model(source).input_shape[0])
        st.image(
            cached_units.input_png(source, seen),
            caption=t("units.seen"),
            width=128,
            output_format="PNG",
            alt=t("units.seen"),
        )
    with right:
        if not lesion.channels and not lesion.blocks:
            st.info(t("units.nothing_off"), icon=":material/healing:")
        try:
            _answers(source, seen, lesion)
        except ExplorerError as problem:
            st.warning(str(problem), icon=":material/error:")
            return
        _accuracy(source, lesion)
    _sweep(source)


# --- one lesion -------------------------------------------------------------------------------------------------------


def _lesion(source: str, offered: Sequence[UnitLayer]) -> Lesion:
    """What is switched off."""
    there = [block for block in cached_units.blocks(source) if block.way]
    slug = cached_models.model(source).spec.slug
    kinds = ("block", "channel") if there else ("channel",)
    kind = controls.choice("lesionof", ("block", "channel"), "block") if len(kinds) > 1 else "channel"
    if kind == "block":
        closed = [block.module for block in cached_units.blocks(source) if not block.way]
        names = [block.module for block in there]
        chosen = _several(f"bypass.{slug}", "bypass", t("units.bypass"), names, str)
        st.caption(t("units.way_shortcut") if there[0].way == "shortcut" else t("units.way_identity"))
        if closed:
            st.caption(t("units.cannot", list=", ".join(closed[:6])))
        return Lesion(blocks=tuple(map(str, chosen)))
    layer = units.layer_picker(source, offered)
    numbers = list(range(layer.shape[0]))
    name = f"off.{slug}.{layer.module}"
    return Lesion(layer.module, tuple(map(int, _several(name, "off", t("units.off"), numbers, str))))


def _several(
    key: str, parameter: str, label: str, options: Sequence[str | int], named: Callable[[str | int], str]
) -> list[str | int]:
    """Some of `options`; a list in the address."""

    def parse(raw: str) -> list[str | int]:
        try:
            wanted = json.loads(raw.replace("'", '"'))
        except json.JSONDecodeError as problem:
            raise ValueError(raw) from problem
        if not isinstance(wanted, list) or not all(one in options for one in wanted):
            raise ValueError(raw)
        return wanted

    state.seed(key, [], parse, parameter=parameter)
    st.multiselect(label, options, format_func=named, key=key, placeholder=t("units.none_off"))
    chosen: list[str | int] = state.publish(key, [], parameter=parameter)
    return chosen


def _answers(source: str, seen: InputImage, lesion: Lesion) -> None:
    its = cached_models.model(source)
    found = cached_units.ablated_answers(source, seen, lesion)
    top, best, then = found.top(_TOP), found.best_before, found.best_after
    names = [model_widget.class_name(its, index) for index in top]
    shares = [(found.before[index], found.after[index]) for index in top]
    sentence = t(
        f"units.{'same' if best == then else 'other'}_answer",
        before=model_widget.class_name(its, best),
        share=f"{100 * found.before[best]:.0f}",
        after=model_widget.class_name(its, then),
        rest=f"{100 * found.after[then]:.0f}",
    )
    st.markdown(sentence)
    option = figures.before_after(
        names,
        shares,
        theme=layout.theme(),
        before=t("units.before"),
        after=t("units.after"),
        title=t("units.top", count=len(names)),
    )
    listed = "; ".join(f"{n}: {100 * a:.1f} % → {100 * b:.1f} %" for n, (a, b) in zip(names, shares, strict=True))
    layout.echart(option, "lesion-answers", f"{sentence} {listed}".replace("**", ""), 300)


def _accuracy(source: str, lesion: Lesion) -> None:
    dataset = cached_units.evaluation_dataset(source)
    if dataset is None:
        st.caption(t("units.no_accuracy"))
        return
    with st.spinner(t("units.judging")):
        found = cached_units.ablated_accuracy(source, dataset, lesion)
    note = t("units.judged_on", count=f"{found.images:,}", title=model_widget.data_name(dataset))
    rows = [
        (t("units.before"), f"{100 * found.before:.1f} %", note),
        (t("units.after"), f"{100 * found.after:.1f} %", t("units.points", points=f"{found.points:+.1f}")),
    ]
    layout.facts(rows)


# --- every block in turn ----------------------------------------------------------------------------------------------


def _compared(source: str) -> tuple[tuple[str, str], str]:
    """Residual and plain weights, of this recording or else of the shapes, and the data set that they are tested on."""
    from explorer.inspection import sweep_pair

    mine = sweep_pair(source)
    dataset = cached_units.evaluation_dataset(mine[0]) if mine else None
    return (mine, dataset) if mine and dataset else (_PAIR, "shapes")


def _sweep(source: str) -> None:
    """Veit et al.'s experiment: each block bypassed in turn, residual against plain."""
    pair, dataset = _compared(source)
    layout.section(
        t("units.sweep"), t("units.sweep_note", title=model_widget.data_name(dataset), count=units_tasks.SWEPT)
    )
    tasks = [units_tasks.sweep_task(one, dataset) for one in pair]
    keys = [task.key for task in tasks]

    def draw(progress: TaskStatus) -> None:
        units_tasks.bar(progress)
        if progress.state == "done":
            _show_sweep(pair, keys)
        elif not progress.is_open:
            label = t("units.sweep_start") if progress.state == "none" else t("units.again")
            if st.button(label, key="sweep-start", icon=":material/play_circle:"):
                for one, task in zip(pair, tasks, strict=True):
                    units_tasks.begin(one, task)
                st.rerun()

    units_tasks.attend(keys, "sweep", draw)


def _show_sweep(pair: tuple[str, str], keys: Sequence[str]) -> None:
    blocks = [block.module for block in cached_units.blocks(pair[0])]
    lines, rows = [], []
    for one, key in zip(pair, keys, strict=True):
        whole, by_block = cached_units.swept(key)
        residual = one == pair[0]
        name = t("units.residual") if residual else t("units.plain")
        lines.append((name, residual, [by_block.get(block) for block in blocks], whole))
        rows.append((name, whole, by_block))
    classes = len(cached_models.model(pair[0]).categories)
    title = t("units.sweep_title")
    option = figures.sweep(
        blocks,
        lines,
        theme=layout.theme(),
        chance=1 / classes,
        words=(t("units.block"), t("units.accuracy"), t("units.chance")),
        title=title,
    )
    worst = [min(by_block.values()) for _, _, by_block in rows]
    sentence = t(
        "units.sweep_words",
        whole=f"{100 * rows[0][1]:.0f}",
        least=f"{100 * worst[0]:.0f}",
        plain=f"{100 * rows[1][1]:.0f}",
        worst=f"{100 * worst[1]:.0f}",
    )
    layout.echart(option, "lesion-sweep", f"{title}. {sentence}", 380)
    st.markdown(sentence)
    with st.expander(t("units.as_table"), icon=":material/table_rows:"):
        percent = [[None if (v := by.get(b)) is None else round(100 * v, 1) for b in blocks] for _, _, by in rows]
        table = {t("units.block"): blocks, **{row[0]: values for row, values in zip(rows, percent, strict=True)}}
        st.dataframe(table, hide_index=True)
