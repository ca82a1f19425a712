"""Where the app keeps what must outlive it, and the two settings that move it.

CONVNET_ATLAS_DATA    the data directory; default: `data/` beside app.py. It holds the run store and `datasets/`, where
                      data sets that were fetched, and the user's own, are found.
CONVNET_ATLAS_STORE   any SQLAlchemy URL for the run store; default: `runs.sqlite` in the data directory (SQLite).
"""

from __future__ import annotations

import os
from pathlib import Path


def data_directory() -> Path:
    """The data directory, made if need be."""
    path = Path(os.environ.get("CONVNET_ATLAS_DATA") or Path(__file__).parents[1] / "data").expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def datasets_directory() -> Path:
    """Where data sets are found, made if need be."""
    path = data_directory() / "datasets"
    path.mkdir(exist_ok=True)
    return path


def store_url() -> str:
    """SQLAlchemy URL of the run store."""
    return os.environ.get("CONVNET_ATLAS_STORE") or f"sqlite:///{data_directory() / 'runs.sqlite'}"
