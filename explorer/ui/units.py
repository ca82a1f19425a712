"""The page that asks what units want: which question, which unit, the first filters, and the favourite patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from explorer.errors import ExplorerError
from explorer.jobs.side import Progress
from explorer.records import UnitLayer
from explorer.ui import cached_subjects, cached_units, controls, layout, looking_weights, state, units_tasks
from explorer.ui.words import group, plain, t

_SEEN_SHARE = 0.75  # a layer whose field is smaller than this share of the picture has patches worth cutting


def view() -> str:
    """Which of the four questions is asked."""
    return controls.choice("unitview", ("filters", "patches", "dream", "lesion"), "filters", label=False)


def layers(source: str) -> tuple[UnitLayer, ...]:
    """The layers whose units can be asked."""
    return cached_units.layers(source)


def show_filters(source: str) -> None:
    """The filters of the first convolution as pictures, in words, and as a table."""
    by_norm = controls.choice("unitsort", ("norm", "index"), "norm") == "norm"
    seen = cached_units.filters(source, by_norm)
    kind = "colour" if seen.colour else "grey"
    sentence = t(
        f"units.filters_{kind}",
        count=len(seen.order),
        size=f"{seen.size}×{seen.size}",
        layer=seen.layer,
        first=seen.order[0],
        norm=f"{seen.norms[0]:.2f}",
        last=seen.order[-1],
        least=f"{seen.norms[-1]:.2f}",
    )
    st.image(seen.picture, output_format="PNG", alt=sentence)
    st.caption(sentence)
    with st.expander(t("units.as_table"), icon=":material/table_rows:"):
        st.dataframe(
            [
                {t("units.col_channel"): number, t("units.col_norm"): round(norm, 3)}
                for number, norm in zip(seen.order, seen.norms, strict=True)
            ],
            hide_index=True,
            height=240,
        )


# --- which unit -------------------------------------------------------------------------------------------------------


def layer_picker(source: str, offered: Sequence[UnitLayer]) -> UnitLayer:
    """A layer whose units are asked, named with its shape and the receptive field of its units."""
    by_name = {one.module: one for one in offered}
    key = f"unitlayer.{cached_subjects.subject(source).spec.slug}"
    named = {name: _named(one) for name, one in by_name.items()}
    return by_name[pick(key, "layer", t("units.layer"), list(by_name), named, _default(source, offered))]


def pick(key: str, parameter: str, label: str, codes: Sequence[str], named: Mapping[str, str], default: str) -> str:
    """One of a few codes by its name; what was chosen before may be gone."""
    state.seed(key, default, state.one_of(codes), parameter=parameter)
    if state.get(key, default) not in codes:
        state.put(key, default)
    st.selectbox(label, codes, format_func=lambda code: named.get(code, code), key=key)
    return str(state.publish(key, default, parameter=parameter))


def _named(layer: UnitLayer) -> str:
    channels, height, width = layer.shape
    kind = t("units.block") if layer.kind == "block" else t(f"kind.{layer.kind}")
    field = t("units.field", size="×".join(map(str, layer.rf.size)))
    return f"{layer.module} · {kind} · {height}×{width}×{channels} · {field}"


def _default(source: str, offered: Sequence[UnitLayer]) -> str:
    side = cached_subjects.subject(source).input_shape[1]
    blocks = [one for one in offered if one.kind == "block"] or list(offered)
    local = [one for one in blocks if max(one.rf.size) <= _SEEN_SHARE * side and one.rectified]
    return (local or blocks)[-1].module


def channel_picker(layer: UnitLayer) -> int:
    """A channel of a layer."""
    return number_picker("channel", t("units.channel", last=layer.shape[0] - 1), layer.shape[0])


def number_picker(name: str, label: str, count: int) -> int:
    """A number below `count`, which may be another than when it was chosen."""
    state.seed(name, 0, state.number(0, count - 1))
    if not 0 <= int(state.get(name, 0)) < count:
        state.put(name, 0)
    st.number_input(label, 0, count - 1, key=name, step=1)
    return int(state.publish(name, 0))


# --- what excites it --------------------------------------------------------------------------------------------------


def show_patches(source: str, offered: Sequence[UnitLayer]) -> None:
    """The patches that excite a channel most, searched for in a process beside the page."""
    first, second, third = st.columns([3, 2, 1], gap="medium", vertical_alignment="bottom")
    with first:
        layer = layer_picker(source, offered)
    with second:
        sets = _sets(source)
        named = {slug: looking_weights.data_name(slug) for slug in sets}
        dataset = pick(f"patchset.{sets[0]}", "patchset", t("control.data"), sets, named, sets[0])
    with third:
        channel = channel_picker(layer)
    if cached_units.judged_on(source) == "" and dataset in {"shapes", "digits28", "digits"}:
        st.caption(t("units.foreign", title=looking_weights.data_name(dataset)))
    task = units_tasks.patches_task(source, layer.module, dataset)
    key = units_tasks.key_of(source, task)

    def draw(progress: Progress) -> None:
        units_tasks.bar(progress)
        if progress.state == "done":
            _show_found(key, source, layer, dataset, channel)
        elif not progress.is_open:
            st.info(t("units.patches_why", count=f"{task['pictures']:,}"), icon=":material/image_search:")
            units_tasks.start_button(source, task, t("units.patches_find"), "patches")

    units_tasks.attend(key, "patches", draw)


def _sets(source: str) -> list[str]:
    """The data sets that are there: the one the network was trained for first, then those of its colour."""
    mine, its = cached_units.judged_on(source), cached_subjects.subject(source)
    fallback = "shapes" if its.input_shape[0] == 3 else "digits28"
    return list(dict.fromkeys(filter(None, [mine, fallback, *cached_subjects.sample_sets()])))


def _show_found(key: str, source: str, layer: UnitLayer, dataset: str, channel: int) -> None:
    try:
        with st.spinner(t("units.cutting")):
            found = cached_units.excitement(key)
            one = cached_units.patches(key, source, layer.module, dataset, channel)
            picture, numbers = cached_units.overview(key, source, layer.module, dataset)
    except (ExplorerError, OSError) as problem:
        st.warning(t("units.failed", problem=plain(problem, 300)), icon=":material/error:")
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        layout.section(t("units.favourites", channel=channel))
        sentence = _in_words(one, channel)
        st.image(one.picture, output_format="PNG", alt=sentence)
        st.caption(sentence)
        st.caption(t("units.whole") if one.whole else t("units.cut", size="×".join(map(str, layer.rf.size))))
    with right:
        note = t("units.overview_note", seen=f"{found.seen:,}", dead=f"{100 * found.dead:.0f}")
        layout.section(t("units.overview", count=len(numbers)), note)
        if picture:
            st.image(picture, output_format="PNG", alt=t("units.overview_alt", count=len(numbers), layer=layer.module))
    with st.expander(t("units.as_table"), icon=":material/table_rows:"):
        st.dataframe(
            {
                t("units.col_channel"): list(range(len(found.mean))),
                t("units.col_largest"): found.values[:, 0].round(3).tolist(),
                t("units.col_mean"): found.mean.round(4).tolist(),
                t("units.col_firing"): (100 * found.firing).round(1).tolist(),
                t("units.col_picture"): found.pictures[:, 0].tolist(),
            },
            hide_index=True,
            height=260,
        )


def _in_words(one: cached_units.Patches, channel: int) -> str:
    if one.firing == 0:
        return t("units.is_dead", channel=channel)
    names = group("class")
    counted = {truth: one.truths.count(truth) for truth in dict.fromkeys(one.truths)}
    comma = "、" if state.language() == "zh" else ", "
    listed = comma.join(f"{names.get(truth, truth)} ×{count}" for truth, count in counted.items())
    return t(
        "units.patches_words",
        channel=channel,
        list=listed,
        first=f"{one.values[0]:.2f}",
        last=f"{one.values[-1]:.2f}",
        mean=f"{one.mean:.3f}",
        firing=f"{100 * one.firing:.0f}",
    )
