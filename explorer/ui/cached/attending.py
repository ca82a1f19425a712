"""Attend to the queue when the server starts: what waits since before is trained though nobody opens a page."""

from __future__ import annotations

import logging
import threading
import time

from explorer.errors import ExplorerError

_HEAD_START = 5.0  # seconds for the first page, which comes first

_log = logging.getLogger(__name__)


def at_launch(head_start: float = _HEAD_START) -> threading.Thread:
    """Start workers for what is queued, in a thread, a moment after the server has started."""
    thread = threading.Thread(target=_attend, args=(head_start,), name="attending", daemon=True)
    thread.start()
    return thread


def _attend(head_start: float) -> None:
    time.sleep(head_start)
    from explorer.ui.cached.runs import service  # brings the database along: not before the first page

    try:
        service().attend()
    except ExplorerError as problem:  # every page that needs the store says so
        _log.warning("%s", problem)
