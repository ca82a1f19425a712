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
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.words import t

MOST_IMAGES, SWEPT = 5_000, 500
_TICK = 0.5  # seconds between two looks


def patches_task(source: str, layer: str, dataset: str) -> TaskOrder:
    """Which images of a data set excite each channel of a layer most."""
    from explorer import datasets

    request = PatchesRequest(layer, dataset, images_asked(source), content=datasets.content_of(dataset))
    return _order("patches", request, source)


def images_asked(source: str) -> int:
    """How many images are shown to a network at most: of large ones, fewer."""
    small = cached_models.model(source).input_shape[1] <= 64
    return MOST_IMAGES if small else MOST_IMAGES // 5


def maximize_task(source: str, settings: FeatureVisConfig) -> TaskOrder:
    """A search for an image."""
    return _order("maximize", settings, source)


def sweep_task(source: str, dataset: str) -> TaskOrder:
    """Each block bypassed in turn."""
    from explorer import datasets

    return _order("ablation-sweep", SweepRequest(dataset, SWEPT, datasets.content_of(dataset)), source)


def _order(slug: str, request: Any, source: str) -> TaskOrder:
    return tasks.order(slug, request, cached_models.model(source).meta, cached_units.fingerprint(source))


def _weights(source: str) -> Callable[[], bytes]:
    def written() -> bytes:
        from safetensors.torch import save

        return save({name: tensor.contiguous() for name, tensor in cached_models.model(source).state.items()})

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


def _stop(keys: Sequence[str]) -> None:
    cached_runs.service().stop_tasks(keys)


def begin(source: str, task: TaskOrder) -> None:
    """Start a task, or join whoever has."""
    cached_runs.service().order(task, _weights(source))


def start_button(source: str, task: TaskOrder, label: str, name: str) -> None:
    """A button that starts a task."""
    if st.button(label, key=f"{name}-start", type="primary", icon=":material/play_circle:"):
        begin(source, task)
        st.rerun()


def is_done(key: str) -> bool:
    """Whether a result is there."""
    return cached_runs.service().task(key).state == "done"


def bar(progress: TaskStatus) -> None:
    """How far an open task is; one sentence for a task that ended otherwise than done."""
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
