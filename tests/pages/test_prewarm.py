"""When the heavy imports begin: behind the first page, or after a while in which nobody came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from explorer.ui.shell import prewarm

PATIENCE = 30  # seconds


@pytest.fixture
def heavy(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A process that has just been launched; set when the heavy imports begin. Its threads end before it does."""
    begun = threading.Event()
    threads: dict[Callable[[], None], threading.Thread] = {}
    monkeypatch.setattr(prewarm, "_threads", threads)
    monkeypatch.setattr(prewarm, "_visited", threading.Event())
    monkeypatch.setattr(prewarm, "_heavy", begun.set)
    yield begun
    for thread in list(threads.values()):
        thread.join(PATIENCE)


def test_they_begin_by_themselves_while_nobody_comes(heavy: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prewarm, "_UNVISITED", 0.0)
    prewarm.at_launch().join(PATIENCE)
    assert heavy.wait(PATIENCE)


def test_a_visitor_holds_them_back_until_the_page_is_out(
    heavy: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prewarm, "_UNVISITED", PATIENCE)
    launched = prewarm.at_launch()
    prewarm.before_a_page()
    launched.join(PATIENCE)
    assert not heavy.is_set()


def test_launching_twice_starts_one_thread(heavy: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prewarm, "_UNVISITED", 0.0)
    assert prewarm.at_launch() is prewarm.at_launch()
    assert heavy.wait(PATIENCE)
