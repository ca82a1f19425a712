"""Room that is kept beside an SQLite store, so that on a full disk runs can still be stopped and deleted.

Deleting writes as well: into SQLite's log, which has to grow. The freed pages are used again by whatever is stored.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

RESERVED_BYTES = 2_000_000  # deleting half a gigabyte of weights writes less than a megabyte


class Reserve:
    """A file of `RESERVED_BYTES` that gives its room up when there is no other; without a `store` file, nothing."""

    def __init__(self, store: str | None) -> None:
        self._file = Path(f"{store}-reserve") if store and store != ":memory:" else None

    def keep(self) -> None:
        """Take the room, if there is any."""
        if self._file is None or self._file.exists():
            return
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            part.write_bytes(bytes(RESERVED_BYTES))
            part.replace(self._file)
        except OSError:
            with suppress(OSError):
                part.unlink()

    def release(self) -> None:
        """Give the room up."""
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink()
