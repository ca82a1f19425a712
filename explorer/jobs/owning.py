"""Whose a job is: who started it, and besides only the lecturer, may stop, resume or delete it.

A visitor is known by a secret that the browser keeps; the store has only its digest, so that who reads the store cannot
act for anybody. A job without an owner is everybody's: one of the command line, or of before there were owners. Where a
class is served, that is the lecturer's.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

from sqlalchemy import Connection, Table, select

from explorer import paths, rights
from explorer.errors import NotYours
from explorer.rights import Visitor

ANYBODY = ""


def digest(visitor: Visitor) -> str:
    """What the store keeps of a visitor's secret; "" for none."""
    return sha256(visitor.secret.encode()).hexdigest() if visitor.secret else ANYBODY


def may_change(owner: str, visitor: Visitor) -> bool:
    """Whether a visitor may stop, resume or delete what an owner started; `paths.runs_are_shared` allows it to all."""
    if visitor.leads or not rights.may(visitor, "change"):
        return visitor.leads
    if paths.runs_are_shared():
        return True
    return rights.mode() == "full" if owner == ANYBODY else owner == digest(visitor)


def check(connection: Connection, table: Table, ids: Collection[str], visitor: Visitor) -> None:
    """Raise `NotYours` if one of these runs, or tasks, is not the visitor's to change."""
    (key,) = table.primary_key.columns
    owners = connection.execute(select(table.c.owner).where(key.in_(ids)).distinct()).scalars()
    if not all(may_change(owner, visitor) for owner in owners):
        raise NotYours("Only who started it, or the lecturer, may stop, resume or delete it.")
