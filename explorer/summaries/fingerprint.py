"""Fingerprint of the sources that a record is computed from: a record of other sources is stale, and never used."""

from __future__ import annotations

import hashlib
from pathlib import Path

_RECORDS = tuple(f"records/{name}.py" for name in ("declared", "instance", "traced"))
TRACED = ("arithmetic", "networks", "tracing", *_RECORDS)
"""The rooms that a trace is made in, and the records that it is made of."""

ROOT = Path(__file__).parents[1]


def fingerprint(*sources: str) -> str:
    """Of rooms ("tracing": every file in it) and of single files ("figures/maps.py")."""
    paths = [path for source in sources for path in _files(ROOT / source)]
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def _files(source: Path) -> list[Path]:
    return list(source.glob("*.py")) if source.is_dir() else [source]
