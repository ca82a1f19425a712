"""Who started a run may stop, resume and delete it; others are refused by the store itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from explorer.errors import NotYours
from explorer.jobs import RunStore
from explorer.jobs.owning import digest, may_change
from explorer.rights import Visitor
from tests.jobs.conftest import running
from tests.jobs.fake import config

MINE, THEIRS, NOBODY = Visitor("a secret"), Visitor("another secret"), Visitor()
Act = Callable[[RunStore, list[str], Visitor], None]


def stop(store: RunStore, ids: list[str], visitor: Visitor) -> None:
    store.request_stop(ids, visitor)


def resume(store: RunStore, ids: list[str], visitor: Visitor) -> None:
    store.resume(ids, visitor)


def remove(store: RunStore, ids: list[str], visitor: Visitor) -> None:
    store.delete(ids, visitor)


def prepared(store: RunStore, act: Act) -> str:
    """A run that this could be done to."""
    (run,) = store.submit([config(1)], visitor=MINE)
    if act is not stop:
        store.request_stop([run.id])
    return run.id


@pytest.mark.parametrize("act", [stop, resume, remove])
@pytest.mark.parametrize("visitor", [THEIRS, NOBODY, Visitor(digest(MINE))])
def test_others_are_refused_and_nothing_changes(store: RunStore, act: Act, visitor: Visitor) -> None:
    run_id = prepared(store, act)
    (own,) = store.submit([config(2)], visitor=visitor)
    before = store.runs()
    with pytest.raises(NotYours):
        act(store, [own.id, run_id], visitor)
    assert store.runs() == before


@pytest.mark.parametrize("act", [stop, resume, remove])
def test_who_started_it_may(store: RunStore, act: Act) -> None:
    run_id = prepared(store, act)
    before = store.runs()
    act(store, [run_id], MINE)
    assert store.runs() != before


@pytest.mark.parametrize("act", [stop, resume, remove])
def test_a_server_may_allow_all(store: RunStore, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = prepared(store, act)
    monkeypatch.setenv("CONVNET_ATLAS_SHARED", "1")
    assert may_change(store.run(run_id).owner, THEIRS)
    act(store, [run_id], THEIRS)


def test_who_joins_a_run_does_not_own_it(store: RunStore) -> None:
    (run,) = store.submit([config(1)], visitor=MINE)
    (joined, new) = store.submit([config(1), config(2)], visitor=THEIRS)
    assert joined.id == run.id
    assert [may_change(each.owner, THEIRS) for each in (joined, new)] == [False, True]
    assert [may_change(each.owner, MINE) for each in (joined, new)] == [True, False]


def test_a_run_of_the_command_line_is_everybodys(store: RunStore) -> None:
    (run,) = store.submit([config(1)])
    assert may_change(run.owner, THEIRS)
    store.request_stop([run.id], THEIRS)
    assert store.run(run.id).state == "stopped"


def test_a_resumed_run_stays_its_owners(store: RunStore) -> None:
    run_id = prepared(store, resume)
    store.resume([run_id], MINE)
    assert store.run(run_id).owner == digest(MINE)


def test_the_secret_itself_is_not_in_the_store(store: RunStore) -> None:
    (run,) = store.submit([config(1)], visitor=MINE)
    assert MINE.secret not in run.owner
    assert len(run.owner) == 64


def test_a_store_of_before_there_were_owners_is_brought_up(url: str) -> None:
    with RunStore(url) as store:
        _, run_id = running(store)
        with store.database.writing() as connection:
            connection.execute(text("ALTER TABLE runs DROP COLUMN owner"))
            connection.execute(text("UPDATE schema_version SET number = 4"))
    with RunStore(url) as store:
        assert store.run(run_id).owner == ""
        (new,) = store.submit([config(7)], visitor=MINE)
        assert store.run(new.id).owner == digest(MINE)
