"""The button that stops tasks, for who started them; others are told that they can only look on."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.records import TaskStatus
from explorer.ui.cached import runs as cached_runs
from explorer.ui.shell import permission
from explorer.ui.shell.words import t


def stop(tasks: Mapping[str, TaskStatus], label: str, key: str) -> None:
    """A button that stops those tasks, by their keys, that are open and this visitor's."""
    is_open = [task for task, status in tasks.items() if status.is_open]
    own = [task for task in is_open if cached_runs.is_mine(tasks[task])]
    if own:
        act = (cached_runs.stop_tasks, own)
        st.button(label, icon=":material/stop_circle:", key=key, on_click=permission.trying, args=act)
    elif is_open:
        st.caption(t("rights.task_not_yours"))
