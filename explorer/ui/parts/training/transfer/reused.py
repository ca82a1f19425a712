"""Features of frozen stages: computed once beside the page, kept on disk, and one head after the other on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from explorer.errors import DatasetError, ExplorerError
from explorer.records import ModelCard, TaskOrder
from explorer.ui.cached import models as cached_models, networks as cached, own_sets, runs as cached_runs
from explorer.ui.cached.models import model
from explorer.ui.cached.transfer import reusing
from explorer.ui.parts.training.transfer import times
from explorer.ui.parts.training.transfer.state import STATE
from explorer.ui.shell import layout, state
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import dataset_name, refusal, t
from explorer.ui.widgets import inputs, run_controls
from explorer.ui.widgets.model import choose_model
from explorer.ui.widgets.own_sets import note_read, note_unreadable

_TICK = 0.5  # seconds between two looks
_LOST = "_features-lost"  # what is said while damaged features are computed again


def show() -> None:
    """The network, the data set, and what is known of them: features, heads and times."""
    layout.section(t("transfer.reuse"), t("transfer.reuse_note"))
    note_unreadable()
    left, right = st.columns([2, 1], gap="medium")
    with left:
        card = cached_models.card(choose_model(STATE.model))
    with right:
        dataset = inputs.select(STATE.target, _present(), dataset_name)
    note_read(dataset)
    try:
        with layout.waiting():
            entry = reusing.entry_of(card.id, dataset)
            known = card.trained and reusing.knows(card.categories, dataset)
    except ExplorerError as problem:  # it cannot be read, or not by this network
        st.warning(t("transfer.unfit", problem=refusal(problem)), icon=":material/block:")
        return
    if known:
        st.caption(t("transfer.leak"))
    asked = _asked(card, dataset)
    if not (reusing.is_kept(entry) and _heads(entry, asked)):
        lost, words = state.get(_LOST, ("", ""))
        if lost == entry:
            st.warning(words, icon=":material/healing:")
        times.show_saved(card.instance, dataset, asked.per_class)
        _compute(asked.model_id, dataset)
    _kept_line()


def _present() -> tuple[str, ...]:
    """What can be learned from, the small bundled sets first."""
    return tuple(sorted(own_sets.present(), key=lambda slug: slug not in ("shapes", "digits", "digits28")))


# --- features ---------------------------------------------------------------------------------------------------------


def _compute(model_id: str, dataset: str) -> None:
    """The button that computes features, then how far that is."""
    order = reusing.order(model_id, dataset)

    def draw() -> bool:
        status = cached_runs.service().task(order.key)
        if status.is_open:
            words = t("units.waiting") if status.state == "waiting" or not status.total else ""
            done, total = f"{status.done:,}", f"{status.total:,}"
            words = words or t("transfer.computing", done=done, total=total)
            bars([("", status.done / max(status.total, 1), words)])
            run_controls.stop_tasks({order.key: status}, t("units.stop"), "transfer-stop")
        else:
            if status.state == "failed":
                st.warning(t("units.failed", problem=status.detail), icon=":material/error:")
            elif status.state in ("stopped", "lost"):
                st.caption(t(f"units.{status.state}"))
            if status.state != "done":
                look: dict[str, Any] = {"type": "primary", "icon": ":material/play_circle:"}
                permission.button(st, "search", t("transfer.compute"), _begin, model_id, order, **look)
                st.caption(t("transfer.compute_note"))
        return status.is_open

    watch("transfer-features", draw, seconds=_TICK, at_first=False)


def _begin(model_id: str, order: TaskOrder) -> None:
    cached_runs.order(order, partial(_weights, model_id))


def _weights(model_id: str) -> bytes:
    from safetensors.torch import save

    return save({name: tensor.contiguous() for name, tensor in model(model_id).state.items()})


# --- heads ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """The head that is asked for: after which stage of which model, on how many images of each class of what."""

    model_id: str
    stages: tuple[str, ...]
    dataset: str
    after: int
    per_class: int
    seed: int


def _asked(card: ModelCard, dataset: str) -> Asked:
    names = tuple(stage.name for stage in cached.spec(card.instance.slug).stages)
    amounts = [each for each in STATE.per_class.codes if each <= reusing.most_per_class(dataset)]
    stage, few, seed = st.columns([5, 3, 2], gap="medium")
    with stage:
        after = inputs.slider(STATE.stage, high=len(names), default=len(names), owner=card.instance.slug)
    with few:
        per_class = inputs.select(STATE.per_class, amounts, _images, default=min(10, amounts[-1]), owner=amounts[-1])
    with seed:
        return Asked(card.id, names, dataset, after, per_class, inputs.number(STATE.seed))


def _heads(entry: str, asked: Asked) -> bool:
    """A head after every stage, from the features that are kept.

    Where these turn out to be damaged: false, and they are computed again.
    """
    model_id, dataset = asked.model_id, asked.dataset
    try:
        with st.spinner(t("transfer.training")):
            stages = range(1, len(asked.stages) + 1)
            found = [reusing.head(entry, model_id, dataset, k, asked.per_class, asked.seed) for k in stages]
    except DatasetError as problem:
        state.put(_LOST, (entry, refusal(problem)))
        permission.told(_begin)(model_id, reusing.order(model_id, dataset))
        return False
    state.pop(_LOST)
    times.show_times(found[asked.after - 1], asked.stages[asked.after - 1])
    times.show_by_stage(found, asked.stages, asked.after, dataset)
    return True


def _images(per_class: int) -> str:
    return t("transfer.each", count=per_class)


# --- the disk ---------------------------------------------------------------------------------------------------------


def _kept_line() -> None:
    count, megabytes = reusing.size()
    with st.container(horizontal=True, vertical_alignment="center", key="transfer-kept"):
        st.caption(t("transfer.disk", count=count, size=f"{megabytes:.1f}"), width="content")
        look: dict[str, Any] = {"icon": ":material/delete:", "type": "tertiary", "key": "transfer-clear"}
        permission.button(st, "clear", t("transfer.clear"), reusing.clear, disabled=not count, **look)
