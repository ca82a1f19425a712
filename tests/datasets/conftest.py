"""A separate data directory for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.paths import datasets_directory


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The datasets directory, empty."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return datasets_directory()
