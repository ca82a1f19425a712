"""An unreadable run is one bad row: the other runs are listed, trained and deleted as usual."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from explorer.errors import RunStoreError
from explorer.jobs import RunStore
from explorer.jobs.rows import UNREADABLE
from explorer.jobs.schema import runs
from tests.jobs.conftest import FOUR, leased, running

GOOD = json.loads(FOUR[1].to_json())
BAD = {
    "a schedule that is gone": json.dumps({**GOOD, "schedule": "poly"}),
    "an optimizer of another version": json.dumps({**GOOD, "optimizer": "lion"}),
    "a number out of range": json.dumps({**GOOD, "batch": -1}),
    "a text for a number": json.dumps({**GOOD, "lr": "fast"}),
    "a number for a name": json.dumps({**GOOD, "network": 7}),
    "a fraction of a step": json.dumps({**GOOD, "steps": 1.5}),
    "options that are none": json.dumps({**GOOD, "options": 3}),
    "an option that is a list": json.dumps({**GOOD, "options": [["depth", [1]]]}),
    "nothing it must have": "{}",
    "another kind of value": "[1, 2]",
    "no JSON": "{'network'",
    "brackets without end": "[" * 100_000,
    "nothing": "",
}


def spoil(store: RunStore, run_id: str, text: str) -> None:
    with store.database.writing() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(config=text))


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_it_is_listed_closed_and_deleted(store: RunStore, text: str) -> None:
    first, bad, last = store.submit(FOUR[:3])
    spoil(store, bad.id, text)
    for _ in range(2):  # the first look finds it, and closes it
        listed = {run.id: run for run in store.runs()}
        assert list(listed) == [first.id, bad.id, last.id]
        found = listed[bad.id]
        assert (found.state, found.reason, found.can_resume) == ("failed", UNREADABLE, False)
        assert len(found.detail) > 10
        assert listed[first.id].config == FOUR[0]
    assert store.run(bad.id).finished
    with pytest.raises(RunStoreError, match="unreadable"):
        store.resume([bad.id])
    store.delete([bad.id])
    assert [run.id for run in store.runs()] == [first.id, last.id]


@pytest.mark.parametrize("text", [BAD["a schedule that is gone"], BAD["no JSON"]], ids=["value", "JSON"])
def test_the_queue_goes_on_without_it(store: RunStore, text: str) -> None:
    (alone,) = store.submit(FOUR[:1])
    _, bad, good = store.submit([FOUR[1], FOUR[2], FOUR[3]])
    (_, waiting, _) = store.runs(group=bad.group)
    for run in (alone, bad):
        spoil(store, run.id, text)
    lease = leased(store)
    assert [each.config for each in lease.claim()] == [FOUR[1], FOUR[3]], "the first group is empty without it"
    assert waiting.id == bad.id
    for run in (alone, bad):
        assert (store.run(run.id).state, store.run(run.id).reason) == ("failed", UNREADABLE)
    for run_id in (run.id for run in store.runs(states=["running"])):
        lease.finish(run_id, "finished")
    assert lease.claim() == ()
    assert store.workers.waiting_slots() == ()
    assert store.run(good.id).state == "finished"
    store.delete([run.id for run in store.runs()])


def test_what_it_has_reached_stays(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.save_checkpoint(run_id, 10, b"ten")
    lease.finish(run_id, "stopped")
    spoil(store, run_id, BAD["a schedule that is gone"])
    found = store.run(run_id)
    assert (found.state, found.reason, found.resumable, found.can_resume) == ("stopped", UNREADABLE, True, False)
    assert "'poly'" in found.detail
    with pytest.raises(RunStoreError, match="unreadable"):
        store.resume([run_id])
