"""The queue: whose turn it is, and how much of it one visitor may fill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from explorer.errors import NotAllowed
from explorer.jobs.owning import digest
from explorer.rights import Visitor


def in_turn(waiting: Sequence[tuple[str, str]], served: Mapping[str, float]) -> list[str]:
    """The order in which jobs are taken: one of each owner, then the second of each, and so on.

    `waiting` are (owner, name), the one that waits longest first; `served` is when an owner was served last. Who was
    never served comes first.
    """
    before, first = Counter[str](), dict[str, int]()
    ranked = []
    for place, (owner, name) in enumerate(waiting):
        ranked.append(((before[owner], served.get(owner, 0.0), first.setdefault(owner, place)), name))
        before[owner] += 1
    return [name for _, name in sorted(ranked)]


def queue(connection: Connection, table: Table, named: Column[str], waiting: ColumnElement[bool]) -> list[str]:
    """The names of what waits in a table, each once, in the order in which it is taken."""
    oldest = select(table.c.owner, named).where(waiting).group_by(table.c.owner, named)
    rows = connection.execute(oldest.order_by(func.min(table.c.queued), named)).all()
    owners = {owner for owner, _ in rows}
    served: dict[str, float] = {}
    if len(owners) > 1:
        last = select(table.c.owner, func.max(table.c.claimed)).where(table.c.owner.in_(owners))
        found = connection.execute(last.group_by(table.c.owner)).all()
        served = {owner: when for owner, when in found if when is not None}
    return list(dict.fromkeys(in_turn([(owner, name) for owner, name in rows], served)))


def check_room(
    connection: Connection, table: Table, states: Collection[str], visitor: Visitor, new: int, most: int, in_all: int
) -> None:
    """Raise `NotAllowed` if `new` more open jobs were too many for a visitor, or for all together."""
    if visitor.leads or not new:
        return
    is_open = table.c.state.in_(states)
    everybodys = connection.execute(select(func.count()).select_from(table).where(is_open)).scalar_one()
    own = select(func.count()).select_from(table).where(is_open, table.c.owner == digest(visitor))
    if connection.execute(own).scalar_one() + new > most:
        raise NotAllowed(f"A visitor may have {most} open {table.name}.", f"your_{table.name}", most=most, new=new)
    if everybodys + new > in_all:
        raise NotAllowed(f"There may be {in_all} open {table.name}.", f"all_{table.name}", most=in_all, new=new)
