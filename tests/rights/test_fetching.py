"""Fetching on a shared server: one thing at a time, and never more than there is room for."""

from __future__ import annotations

import shutil
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from explorer import fetching
from explorer.errors import NotAllowed

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _none_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_downloads", {})


def refused(name: str, size: int, folder: Path) -> str:
    with pytest.raises(NotAllowed) as problem:
        fetching.start(name, lambda progress: None, size, folder)
    assert fetching.known(name) is None
    return problem.value.reason


def test_one_thing_at_a_time(tmp_path: Path) -> None:
    told = threading.Event()
    fetching.start("first", lambda progress: assert_told(told), 1, tmp_path)
    first = fetching.known("first")
    fetching.start("first", lambda progress: None, 1, tmp_path)
    assert fetching.known("first") is first, "who asks for the same waits with the first"
    assert refused("second", 1, tmp_path) == "busy"
    told.set()
    for thread in threading.enumerate():
        if thread.name == "fetch-first":
            thread.join(60)
    fetching.start("second", lambda progress: None, 1, tmp_path)
    assert fetching.known("second") is not None


def assert_told(told: threading.Event) -> None:
    assert told.wait(60)


def test_what_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_LIMITS", "fetch_gb=1")
    (tmp_path / "kept").write_bytes(bytes(1000))
    assert refused("large", 10**9 - 999, tmp_path) == "fetched"
    fetching.start("small", lambda progress: None, 10**9 - 1000, tmp_path)


def test_the_disk_is_not_filled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 10**9 + 500))
    assert refused("one", 501, tmp_path) == "disk"
    fetching.start("other", lambda progress: None, 500, tmp_path)
