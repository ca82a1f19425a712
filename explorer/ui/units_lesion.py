"""What is lost without a part: channels switched off, blocks bypassed, and every block in turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import isfinite

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import units as figures
from explorer.jobs.side import Progress
from explorer.records import Lesion, UnitLayer
from explorer.ui import (
    cached_subjects,
    cached_units,
    controls,
    lab,
    layout,
    looking,
    looking_weights,
    own_sets,
    state,
    units,
    units_tasks,
)
from explorer.ui.words import plain, t
from explorer.weights import recorded_runs

_PAIR = ("recorded:shapes-short-cifar-resnet20-seed0", "recorded:shapes-short-cifar-plain20-seed0")
_TOP, _MOST_OFF = 5, 4_096


def show(source: str, offered: Sequence[UnitLayer]) -> None:
    """One lesion of one network, what it does to one picture and to a data set; then each block in turn."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        lesion = _lesion(source, offered)
        seen = looking.choose_picture()
        st.image(
            cached_units.seen_png(source, seen.key, seen.pixels),
            caption=t("units.seen"),
            width=128,
            output_format="PNG",
            alt=t("units.seen"),
        )
    with right:
        if not lesion.channels and not lesion.blocks:
            st.info(t("units.nothing_off"), icon=":material/healing:")
        try:
            if not _answers(source, seen, lesion):
                return
            _accuracy(source, lesion)
        except ExplorerError as problem:
            st.warning(plain(problem, 300), icon=":material/error:")
            return
    _sweep(source)


# --- one lesion -------------------------------------------------------------------------------------------------------


def _lesion(source: str, offered: Sequence[UnitLayer]) -> Lesion:
    """What is switched off."""
    there = [block for block in cached_units.blocks(source) if block.way]
    slug = cached_subjects.subject(source).spec.slug
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


def _answers(source: str, seen: looking.Seen, lesion: Lesion) -> bool:
    """The answers before and after; false, with a sentence, where one is not finite."""
    its = cached_subjects.subject(source)
    whole = cached_units.answers(source, seen.key, Lesion(), seen.pixels)
    after = cached_units.answers(source, seen.key, lesion, seen.pixels)
    if not all(map(isfinite, (*whole, *after))):
        st.warning(t("upload.no_answer"), icon=":material/error:")
        return False
    ranked = sorted(range(len(whole)), key=lambda index: -max(whole[index], after[index]))[:_TOP]
    names = [looking.class_name(its, index) for index in ranked]
    shares = [(whole[index], after[index]) for index in ranked]
    best, then = (max(range(len(whole)), key=one.__getitem__) for one in (whole, after))
    sentence = t(
        f"units.{'same' if best == then else 'other'}_answer",
        before=looking.class_name(its, best),
        share=f"{100 * whole[best]:.0f}",
        after=looking.class_name(its, then),
        rest=f"{100 * after[then]:.0f}",
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
    lab.echart(option, "lesion-answers", f"{sentence} {listed}".replace("**", ""), 300)
    return True


def _accuracy(source: str, lesion: Lesion) -> None:
    dataset = cached_units.judged_on(source)
    if not dataset or dataset.startswith("own:"):  # one's own were looked through
        own_sets.note_unreadable()
    if not dataset:
        st.caption(t("units.no_accuracy"))
        return
    with st.spinner(t("units.judging")):
        before, count = cached_units.accuracy(source, dataset, Lesion())
        after, _ = cached_units.accuracy(source, dataset, lesion)
    note = t("units.judged_on", count=f"{count:,}", title=looking_weights.data_name(dataset))
    rows = [
        (t("units.before"), f"{100 * before:.1f} %", note),
        (t("units.after"), f"{100 * after:.1f} %", t("units.points", points=f"{100 * (after - before):+.1f}")),
    ]
    layout.facts(rows)


# --- every block in turn ----------------------------------------------------------------------------------------------


def _pair(source: str) -> tuple[str, str]:
    """Residual and plain weights to compare, on a data set that is there: of this recording, else of the shapes."""
    kind, _, name = source.partition(":")
    twins = name.replace("plain20", "resnet20"), name.replace("resnet20", "plain20")
    if kind == "recorded" and twins[0] != twins[1] and all(twin in recorded_runs() for twin in twins):
        mine = (f"recorded:{twins[0]}", f"recorded:{twins[1]}")
        if cached_units.judged_on(mine[0]):
            return mine
    return _PAIR


def _sweep(source: str) -> None:
    """Veit et al.'s experiment: each block bypassed in turn, residual against plain."""
    pair = _pair(source)
    dataset = cached_units.judged_on(pair[0])
    layout.section(
        t("units.sweep"), t("units.sweep_note", title=looking_weights.data_name(dataset), count=units_tasks.SWEPT)
    )
    tasks = [units_tasks.sweep_task(one, dataset) for one in pair]
    keys = [units_tasks.key_of(one, task) for one, task in zip(pair, tasks, strict=True)]

    def draw(progress: Progress) -> None:
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
    classes = len(cached_subjects.subject(pair[0]).classes)
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
    lab.echart(option, "lesion-sweep", f"{title}. {sentence}", 380)
    st.markdown(sentence)
    with st.expander(t("units.as_table"), icon=":material/table_rows:"):
        percent = [[None if (v := by.get(b)) is None else round(100 * v, 1) for b in blocks] for _, _, by in rows]
        table = {t("units.block"): blocks, **{row[0]: values for row, values in zip(rows, percent, strict=True)}}
        st.dataframe(table, hide_index=True)
