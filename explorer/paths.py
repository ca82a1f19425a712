"""Directories of persistent data, and the environment variables that set them.

CONVNET_ATLAS_DATA    the data directory; default: `data/` beside app.py. It has the run store; `datasets/`, with
                      downloaded data sets and the user's own; and `features/`, which can be deleted at any time.
CONVNET_ATLAS_STORE   any SQLAlchemy URL for the run store; default: `runs.sqlite` in the data directory (SQLite).
CONVNET_ATLAS_SHARED  1 lets every visitor stop, resume and delete every run; else only who started it.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from explorer.errors import DataDirectoryError


def data_directory() -> Path:
    """The data directory, created if necessary. Raises `DataDirectoryError`."""
    return _made(_data_directory())


def _data_directory() -> Path:
    chosen = os.environ.get("CONVNET_ATLAS_DATA") or Path(__file__).parents[1] / "data"
    try:
        return Path(chosen).expanduser().resolve()
    except (OSError, ValueError, RuntimeError) as problem:  # a home that nobody has
        raise _unusable(chosen, problem) from problem


def datasets_directory() -> Path:
    """The directory of data sets, created if necessary. Raises `DataDirectoryError`."""
    return _made(data_directory() / "datasets")


def _made(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unusable(path, problem) from problem
    return path


def _unusable(path: object, problem: Exception) -> DataDirectoryError:
    cause = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return DataDirectoryError(
        f"The data directory {path} cannot be used ({cause}). Make it writable, or name another in CONVNET_ATLAS_DATA.",
        "folder",
        path=str(path),
        cause=cause,
    )


def features_directory() -> Path:
    """The directory of features that frozen stages gave, kept to be used again. May not exist yet."""
    return _data_directory() / "features"


def weights_directories() -> tuple[Path, Path]:
    """Where torchvision's weights are looked for: the data directory, where they are fetched to, and torch's own cache.

    They may not exist yet. The latter as `torch.hub.get_dir` has it, without torch.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    hub = Path(os.environ.get("TORCH_HOME") or Path(cache) / "torch").expanduser() / "hub"
    return _data_directory() / "pretrained", hub / "checkpoints"


def weights_in_package(package: str) -> Path | None:
    """The weights that a Python package brings along; None where it is not installed. Nothing is imported."""
    found = find_spec(package)
    folders = found.submodule_search_locations if found else None
    return next(Path(folders[0]).glob("models/*.pth"), None) if folders else None


def store_url() -> str:
    """SQLAlchemy URL of the run store."""
    return os.environ.get("CONVNET_ATLAS_STORE") or f"sqlite:///{data_directory() / 'runs.sqlite'}"


def runs_are_shared() -> bool:
    """Whether every visitor may stop, resume and delete every run: for a class that trains together."""
    return os.environ.get("CONVNET_ATLAS_SHARED") == "1"
