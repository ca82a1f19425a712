"""How much one visitor may ask of a server, and all together."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace

from explorer.errors import BadSetting
from explorer.rights.modes import mode


@dataclass(frozen=True, slots=True)
class Limits:
    """Of runs and tasks those that wait or are worked at; of uploads what is in memory; of downloads what is on disk.

    The lecturer and the command line are not held to numbers of runs and tasks.
    """

    runs: int
    all_runs: int
    tasks: int
    all_tasks: int
    upload_mb: int
    all_upload_mb: int
    fetch_gb: int


_ALONE = Limits(runs=200, all_runs=400, tasks=50, all_tasks=100, upload_mb=1_000, all_upload_mb=4_000, fetch_gb=20)
_CLASS = Limits(runs=8, all_runs=240, tasks=4, all_tasks=60, upload_mb=300, all_upload_mb=3_000, fetch_gb=20)


def limits() -> Limits:
    """The limits of this server: those of its mode, but for what CONVNET_ATLAS_LIMITS names. Raises `BadSetting`."""
    usual = _ALONE if mode() == "full" else _CLASS
    known, given = {field.name for field in fields(Limits)}, {}
    for part in os.environ.get("CONVNET_ATLAS_LIMITS", "").replace(",", " ").split():
        name, _, number = part.partition("=")
        if name not in known or not (number.isascii() and number.isdigit()):
            names = ", ".join(sorted(known))
            raise BadSetting(f"CONVNET_ATLAS_LIMITS has {part!r}; it is made of NAME=NUMBER, of {names}.")
        given[name] = int(number)
    return replace(usual, **given)
