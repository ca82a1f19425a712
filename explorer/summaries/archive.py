"""An archive: named files under one key, read one at a time; the same files give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

_KEY, _READ_ME = "key", "how"
_COMMAND = "python -m explorer.summaries"


def write(path: Path, key: str, files: Mapping[str, bytes]) -> None:
    """Record files under a key."""
    with ZipFile(path, "w") as archive:
        for name, content in {_KEY: key.encode(), _READ_ME: _COMMAND.encode(), **files}.items():
            dateless = ZipInfo(name)
            dateless.compress_type = ZIP_DEFLATED
            archive.writestr(dateless, content)


def is_current(path: Path, key: str) -> bool:
    """Whether there is an archive, and its key is this one."""
    try:
        return read(path, _KEY).decode() == key
    except (OSError, BadZipFile, KeyError):
        return False


def read(path: Path, name: str) -> bytes:
    """One of the files. Raises `KeyError`, `OSError`, `BadZipFile`."""
    with ZipFile(path) as archive:
        return archive.read(name)
