"""What excites a unit: the patches of a data set that activate each channel of a layer most."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.errors import ExplorerError
from explorer.records import TaskStatus, TopActivations, TopPatches, UnitLayer
from explorer.ui.cached import models as cached_models, own_sets, units as cached_units
from explorer.ui.parts.looking import tasks as units_tasks
from explorer.ui.parts.looking.units import STATE, channels_to_choose, pick_channel, pick_layer
from explorer.ui.shell import exhibit, layout, session
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, group, named_class, refusal, t
from explorer.ui.widgets import inputs

_PHOTOGRAPHS = "photographs"
_BUNDLED = {"shapes", "digits28", "digits", _PHOTOGRAPHS}
_SMALL = 64  # rows: a larger network sees nothing in images of 32


def show(model_id: str, layers: Sequence[UnitLayer]) -> None:
    """A layer, a data set and a channel; the search, by a worker beside the page; and what was found."""
    first, second, third = st.columns([3, 2, 1], gap="medium", vertical_alignment="bottom")
    with first:
        layer = pick_layer(model_id, layers)
    with second:
        sets = _sets(model_id)
        dataset = inputs.select(STATE.dataset, sets, _set_name, owner=sets[0])
    with third:
        channel = pick_channel(layer)
    if cached_units.evaluation_dataset(model_id) is None and dataset in _BUNDLED:
        st.caption(t("units.foreign", title=_set_name(dataset)))
    task = units_tasks.patches_task(model_id, layer.module, dataset)
    key = task.key

    def draw(progress: TaskStatus) -> None:
        units_tasks.bar(progress)
        if progress.state == "done":
            _show_found(key, model_id, layer, dataset, channel)
        elif not progress.is_open:
            count = f"{units_tasks.images_asked(model_id):,}"
            st.info(t("units.patches_why", count=count), icon=":material/image_search:")
            units_tasks.start_button(model_id, task, t("units.patches_find"), "patches")

    units_tasks.attend(key, "patches", draw)


def _sets(model_id: str) -> list[str]:
    """The data sets that are there: the one the model was trained for first, then those of its colour."""
    channels, rows, _ = cached_models.model(model_id).input_shape
    small = "shapes" if channels == 3 else "digits28"
    fallback = small if rows <= _SMALL else _PHOTOGRAPHS
    fitting = cached_units.evaluation_dataset(model_id)
    return list(dict.fromkeys(filter(None, [fitting, fallback, *own_sets.present()])))


def _set_name(dataset: str) -> str:
    return t("units.photographs") if dataset == _PHOTOGRAPHS else dataset_name(dataset)


def _show_found(key: str, model_id: str, layer: UnitLayer, dataset: str, channel: int) -> None:
    from explorer.units import top_activations

    try:
        with st.spinner(t("units.cutting")):
            found = cached_units.top_activations(key)
            patches, nine = cached_units.patches(key, model_id, layer, dataset, channel)
            channels, image = cached_units.overview(key, model_id, layer, dataset)
    except (ExplorerError, OSError) as problem:
        st.warning(t("units.failed", problem=refusal(problem)), icon=":material/error:")
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        layout.section(t("units.favourites", channel=channel))
        sentence = _sentence(patches, channel)
        name = f"patches-{layer.module}".replace(".", "-")
        exhibit.show(Exhibit(name, nine, sentence, note=sentence, width="content"), details=False)
        st.caption(t("units.whole") if patches.whole else t("units.cut", size="×".join(map(str, layer.rf.size))))
    with right:
        note = t("units.overview_note", seen=f"{found.searched:,}", dead=f"{100 * found.dead:.0f}")
        layout.section(t("units.overview", count=len(channels)), note)
        if image:
            overview = t("units.overview_alt", count=len(channels), layer=layer.module)
            drawing = channels_to_choose(image, channels, channel, f"overview.{layer.module}", overview)
            exhibit.show(Exhibit("overview", drawing, overview), details=False)
    exhibit.twin(Exhibit(name, nine, sentence, rows=lambda: _rows(found), code=(top_activations,)))


def _rows(found: TopActivations) -> list[dict[str, float]]:
    """One row per channel."""
    return [
        {
            t("units.col_channel"): channel,
            t("units.col_largest"): round(float(found.values[channel, 0]), 3),
            t("units.col_mean"): round(float(mean), 4),
            t("units.col_firing"): round(100 * float(found.active_fraction[channel]), 1),
            t("units.col_image"): int(found.images[channel, 0]),
        }
        for channel, mean in enumerate(found.mean)
    ]


def _named(truth: str) -> str:
    """A class, or the photograph that a piece was cut from."""
    return t(f"image.{truth}") if truth in group("image") else named_class(truth)


def _sentence(patches: TopPatches, channel: int) -> str:
    if patches.active == 0:
        return t("units.is_dead", channel=channel)
    counted = {truth: patches.truths.count(truth) for truth in dict.fromkeys(patches.truths)}
    comma = "、" if session.language() == "zh" else ", "
    return t(
        "units.patches_words",
        channel=channel,
        list=comma.join(f"{_named(truth)} ×{count}" for truth, count in counted.items()),
        first=f"{patches.values[0]:.2f}",
        last=f"{patches.values[-1]:.2f}",
        mean=f"{patches.mean:.3f}",
        firing=f"{100 * patches.active:.0f}",
    )
