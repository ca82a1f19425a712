"""The tasks of the page that asks what units want: what is ordered, and how a page waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer import tasks
from explorer.records import FeatureVisConfig, TaskOrder, TaskStatus, combined
from explorer.tasks.entries.ablation_sweep import SweepRequest
from explorer.tasks.entries.patches import PatchesRequest
from explorer.ui.cached import models as cached_models, runs as cached_runs, units as cached_units
from explorer.ui.shell.boundary import told
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.words import t

MOST_IMAGES, SWEPT = 5_000, 500
_TICK = 0.5  # seconds between two looks


def patches_task(model_id: str, layer: str, dataset: str) -> TaskOrder:
    """The task that finds the top activations of each channel of a layer in a data set."""
    from explorer import datasets

    request = PatchesRequest(layer, dataset, images_asked(model_id), content=datasets.content_of(dataset))
    return _order("patches", request, model_id)


def images_asked(model_id: str) -> int:
    """How many images are searched at most: fewer for networks with a large input."""
    small = cached_models.model(model_id).input_shape[1] <= 64
    return MOST_IMAGES if small else MOST_IMAGES // 5


def maximize_task(model_id: str, settings: FeatureVisConfig) -> TaskOrder:
    """The task that maximises an activation."""
    return _order("maximize", settings, model_id)


def sweep_task(model_id: str, dataset: str) -> TaskOrder:
    """The task that bypasses each block in turn."""
    from explorer import datasets

    return _order("ablation-sweep", SweepRequest(dataset, SWEPT, datasets.content_of(dataset)), model_id)


def _order(slug: str, request: Any, model_id: str) -> TaskOrder:
    return tasks.order(slug, request, cached_models.model(model_id).meta, cached_units.fingerprint(model_id))


def _weights(model_id: str) -> Callable[[], bytes]:
    def written() -> bytes:
        from safetensors.torch import save

        return save({name: tensor.contiguous() for name, tensor in cached_models.model(model_id).state.items()})

    return written


def attend(keys: str | Sequence[str], name: str, draw: Callable[[TaskStatus], None]) -> None:
    """Call `draw` with how a task stands, now and twice a second while it is open, above a button that stops it.

    Several tasks are shown as one. The page is run once more when it is over, or was started elsewhere.
    """
    together = [keys] if isinstance(keys, str) else list(keys)

    def look() -> bool:
        progress = combined([cached_runs.service().task(key) for key in together])
        draw(progress)
        if progress.is_open:
            label = t("units.stop")
            st.button(label, icon=":material/stop_circle:", key=f"{name}-stop", on_click=_stop, args=(together,))
        return progress.is_open

    watch(name, look, seconds=_TICK, at_first=False)


@told
def _stop(keys: Sequence[str]) -> None:
    cached_runs.service().stop_tasks(keys)


def begin(model_id: str, task: TaskOrder) -> None:
    """Start a task, or join one that is already there."""
    cached_runs.service().order(task, _weights(model_id))


def start_button(model_id: str, task: TaskOrder, label: str, name: str) -> None:
    """A button that starts a task."""
    if st.button(label, key=f"{name}-start", type="primary", icon=":material/play_circle:"):
        begin(model_id, task)
        st.rerun()


def is_done(key: str) -> bool:
    """Whether a task has finished."""
    return cached_runs.service().task(key).state == "done"


def bar(progress: TaskStatus) -> None:
    """Progress of an open task; one sentence for a task that failed or was stopped."""
    if progress.is_open:
        words = t("units.waiting") if progress.state == "waiting" or not progress.total else ""
        words = words or t("units.running", done=f"{progress.done:,}", total=f"{progress.total:,}")
        bars([("", progress.done / max(progress.total, 1), words)])
    elif progress.state == "failed":
        st.warning(t("units.failed", problem=progress.detail), icon=":material/error:")
    elif progress.state == "stopped":
        st.caption(t("units.stopped"))
    elif progress.state == "lost":
        st.warning(t("units.lost"), icon=":material/power_off:")
