"""Checksums: what a disk has damaged is said, and never trained or looked at."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from explorer.errors import RunDamaged


def sealed(blob: bytes) -> dict[str, Any]:
    """The columns `blob` and `checksum` for bytes to be stored."""
    return {"blob": blob, "checksum": sha256(blob).hexdigest()}


def opened(row: Row[Any, Any] | None) -> bytes | None:
    """The bytes of a row with `blob` and `checksum`, None without a row.

    Raises `RunDamaged` where they are not those that were stored. Bytes from before there were checksums have none.
    """
    if row is None:
        return None
    blob: bytes = row.blob
    if row.checksum and sha256(blob).hexdigest() != row.checksum:
        raise RunDamaged(
            f"What the run store holds here is damaged: {len(blob):,} bytes are not those that were stored. "
            "It is not used; train the run again.",
            "damaged",
            size=f"{len(blob):,}",
        )
    return blob
