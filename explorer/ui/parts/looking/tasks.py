"""The side tasks of the page that asks what units want: what they are, and how a page waits for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from explorer.jobs import side
from explorer.jobs.side import Progress
from explorer.records import DreamSettings
from explorer.ui.cached import models as cached_models
from explorer.ui.cached import units as cached_units
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.words import t

KEEP = 9
MOST_PICTURES, SWEPT = 5_000, 500
_TICK = 0.5  # seconds between two looks


def patches_task(source: str, layer: str, dataset: str) -> dict[str, Any]:
    """Which pictures of a data set excite each channel of a layer most."""
    return {**_header(source), "kind": "patches", "layer": layer, "dataset": dataset} | {
        "pictures": MOST_PICTURES if _small(source) else MOST_PICTURES // 5,
        "keep": KEEP,
        "data": _state_of(dataset),
    }


def dream_task(source: str, settings: DreamSettings) -> dict[str, Any]:
    """A search for a picture."""
    return {**_header(source), "kind": "dream", "settings": asdict(settings)}


def sweep_task(source: str, dataset: str) -> dict[str, Any]:
    """Each block bypassed in turn."""
    return {
        **_header(source),
        "kind": "sweep",
        "dataset": dataset,
        "pictures": SWEPT,
        "data": _state_of(dataset),
    }


def _small(source: str) -> bool:
    return cached_models.model(source).input_shape[1] <= 64


def _header(source: str) -> dict[str, Any]:
    its = cached_models.model(source)
    return {
        "instance": its.instance.to_json(),
        "shape": list(its.input_shape),
        "mean": its.scale.mean.flatten().tolist(),
        "std": its.scale.std.flatten().tolist(),
    }


def _state_of(dataset: str) -> str:
    """Another text where the user's own data set of that name has changed."""
    if not dataset.startswith("own:"):
        return ""
    from explorer.datasets._own import fingerprint as of_files

    return of_files(dataset)


def key_of(source: str, task: Mapping[str, Any]) -> str:
    """The name of a side task's result."""
    return side.key_of(task, cached_units.fingerprint(source))


def _weights(source: str) -> Callable[[], bytes]:
    state = cached_models.model(source).state  # taken here: the thread that waits has no session

    def written() -> bytes:
        from safetensors.torch import save

        return save({name: tensor.contiguous() for name, tensor in state.items()})

    return written


def attend(keys: str | Sequence[str], name: str, draw: Callable[[Progress], None]) -> None:
    """Call `draw` with how a task stands, now and twice a second while it is open, above a button that stops it.

    Several tasks are shown as one. The page is run once more when it is over, or was started elsewhere.
    """
    together = [keys] if isinstance(keys, str) else list(keys)

    def look() -> bool:
        progress = side.together([side.look(key) for key in together])
        draw(progress)
        if progress.is_open:
            label = t("units.stop")
            st.button(label, icon=":material/stop_circle:", key=f"{name}-stop", on_click=_stop, args=(together,))
        return progress.is_open

    watch(name, look, seconds=_TICK, at_first=False)


def _stop(keys: Sequence[str]) -> None:
    for key in keys:
        side.stop(key)


def begin(source: str, task: Mapping[str, Any]) -> None:
    """Start a side task, or join whoever has."""
    side.start(key_of(source, task), task, _weights(source))


def start_button(source: str, task: Mapping[str, Any], label: str, name: str) -> None:
    """A button that starts a task."""
    if st.button(label, key=f"{name}-start", type="primary", icon=":material/play_circle:"):
        begin(source, task)
        st.rerun()


def is_done(key: str) -> bool:
    """Whether a result is there."""
    return side.look(key).state == "done"


def bar(progress: Progress) -> None:
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
