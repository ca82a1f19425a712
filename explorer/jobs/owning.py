"""Whose a run is: who started it, and nobody else, may stop, resume or delete it.

A visitor is known by a secret that the browser keeps; the store has only its digest, so that who reads the store cannot
act for anybody. A run without an owner is everybody's: one of the command line, or of before there were owners.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

from sqlalchemy import Connection, select

from explorer import paths
from explorer.errors import NotYours
from explorer.jobs.schema import runs
from explorer.records import TrainingRun

ANYBODY = ""


def digest(visitor: str) -> str:
    """What the store keeps of a visitor's secret; "" for none."""
    return sha256(visitor.encode()).hexdigest() if visitor else ANYBODY


def may_change(run: TrainingRun, visitor: str) -> bool:
    """Whether a visitor may stop, resume or delete a run; `paths.runs_are_shared` allows it to all."""
    return run.owner in (ANYBODY, digest(visitor)) or paths.runs_are_shared()


def check(connection: Connection, ids: Collection[str], visitor: str) -> None:
    """Raise `NotYours` if one of these runs is somebody else's."""
    if paths.runs_are_shared():
        return
    theirs = select(runs.c.id).where(runs.c.id.in_(ids), runs.c.owner.not_in((ANYBODY, digest(visitor))))
    if connection.execute(theirs).first() is not None:
        raise NotYours("Only who started a run may stop, resume or delete it.")
