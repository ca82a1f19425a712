"""The run store: what it keeps of runs, of dead workers, and as a database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from sqlalchemy import event, inspect, select, text

from explorer.errors import RunStoreError
from explorer.jobs import RunStore, database, reaping, schema
from explorer.jobs.lease import Lease
from explorer.jobs.processes import host_name, is_process
from explorer.jobs.rows import point_row
from explorer.jobs.timing import GRACE_SECONDS, LEASE_SECONDS, PATIENCE
from explorer.records import TrainPoint
from tests.jobs.conftest import FOUR, leased, running, until
from tests.jobs.fake import undisturbed

# --- what is kept -----------------------------------------------------------------------------------------------------


def test_points_come_back_bit_for_bit_and_in_order(store: RunStore) -> None:
    lease, run_id = running(store)
    curve = undisturbed(FOUR[0])
    lease.append({run_id: curve[50:]})
    lease.append({run_id: curve[:50]})
    assert store.points(run_id) == curve
    assert store.points(run_id, after=97) == curve[98:]
    assert store.latest([run_id, "none"]) == {run_id: curve[-1]}
    assert store.run(run_id).step == 100


def test_a_replayed_step_overwrites(store: RunStore) -> None:
    lease, run_id = running(store)
    curve = undisturbed(FOUR[0])
    lease.append({run_id: [replace(point, seconds=9.0) for point in curve[:30]]})
    lease.append({run_id: curve[10:20]})
    assert store.points(run_id)[10:20] == curve[10:20]
    assert [point.seconds for point in store.points(run_id)[20:]] == [9.0] * 10
    assert store.run(run_id).step == 29, "a replay does not take progress back"


def test_what_is_not_a_number_is_not_lost(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.append({run_id: [replace(undisturbed(FOUR[0])[1], train_loss=float("nan"), gradient_norms=())]})
    (point,) = store.points(run_id)
    assert point.train_loss != point.train_loss
    assert point.gradient_norms == ()
    assert point.activations is None


def test_a_finished_run_keeps_its_weights_and_no_checkpoint(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.started(run_id, 7, ("conv", "fc"), "cpu")
    lease.save_checkpoint(run_id, 10, b"ten", {run_id: undisturbed(FOUR[0])[:11]})
    lease.save_checkpoint(run_id, 20, b"twenty")
    assert lease.checkpoint(run_id) == b"twenty"
    assert store.run(run_id).resumable
    lease.finish(run_id, "finished", weights_blob=b"w")
    run = store.run(run_id)
    assert (run.state, run.resumable, run.has_weights, run.step) == ("finished", False, True, 10)
    assert (run.parameters, run.layers, run.device) == (7, ("conv", "fc"), "cpu")
    assert store.weights(run_id) == b"w"
    assert lease.checkpoint(run_id) is None


def test_old_checkpoints_go_and_points_stay(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaping, "KEPT_CHECKPOINTS", 2)
    lease = leased(store)
    ids = [run.id for run in store.submit(FOUR)]
    lease.claim()
    for run_id in ids:
        lease.save_checkpoint(run_id, 1, b"one", {run_id: undisturbed(FOUR[0])[:2]})
        lease.finish(run_id, "stopped")
    assert [store.run(run_id).resumable for run_id in ids] == [False, False, True, True]
    assert all(len(store.points(run_id)) == 2 for run_id in ids)


def test_listing_runs_reads_no_blob(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.save_checkpoint(run_id, 1, b"x" * 100_000)
    said: list[str] = []
    event.listen(store.database.engine, "before_cursor_execute", lambda c, cursor, sql, *rest: said.append(sql))
    assert store.runs()[0].resumable
    assert said
    assert not [sql for sql in said if "blob" in sql]


# --- workers that die -------------------------------------------------------------------------------------------------


def test_a_silent_worker_loses_its_runs_and_may_not_write(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.save_checkpoint(run_id, 10, b"ten", {run_id: undisturbed(FOUR[0])[:11]})
    store.workers.reap(time.time() + LEASE_SECONDS - 1, grace=0)
    assert store.run(run_id).state == "running"
    store.workers.reap(time.time() + LEASE_SECONDS + 1, grace=0)
    run = store.run(run_id)
    assert (run.state, run.reason, run.resumable) == ("interrupted", "worker-lost", True)
    store.resume([run_id])
    assert leased(store).claim()
    with pytest.raises(RunStoreError, match="taken for dead"):
        lease.heartbeat()
    with pytest.raises(RunStoreError, match="any more"):
        lease.append({run_id: undisturbed(FOUR[0])})
    with pytest.raises(RunStoreError, match="any more"):
        lease.save_checkpoint(run_id, 20, b"twenty")
    assert len(store.points(run_id)) == 11


def test_reading_finds_a_dead_worker(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.jobs.slot.LEASE_SECONDS", 0.2)
    _, run_id = running(store)
    assert store.run(run_id).state == "running"
    set_slot(store, pid=ended())
    until(lambda: store.run(run_id).state == "interrupted")


def set_slot(store: RunStore, **values: float) -> None:
    with store.database.writing() as connection:
        connection.execute(schema.slots.update().values(**values))


def ended() -> int:
    """The number of a process that is over."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("held_up", [False, True], ids=["its process is over", "its process lives"])
def test_who_beats_again_was_not_dead(store: RunStore, monkeypatch: pytest.MonkeyPatch, held_up: bool) -> None:
    """A laptop that slept, a store that was locked: all leases have expired, and all workers are alive."""
    clock = [0.0]
    monkeypatch.setattr(reaping.time, "monotonic", lambda: clock[0])
    lease, run_id = running(store)
    for _ in range(2):
        set_slot(store, expires=time.time() - 100)
        store.workers.reap()
        assert store.run(run_id).state == "running", "seen silent for the first time"
        lease.heartbeat()
        clock[0] += 100
        store.workers.reap()
        assert store.run(run_id).state == "running"
    if not held_up:
        set_slot(store, pid=ended())
    set_slot(store, expires=time.time() - 100)
    patience = PATIENCE * GRACE_SECONDS if held_up else GRACE_SECONDS
    for seconds, state in ((0.0, "running"), (patience - 0.1, "running"), (0.2, "interrupted")):
        clock[0] += seconds
        store.workers.reap()
        assert store.run(run_id).state == state
        assert store.workers.has_worker(host_name(), "auto") == (held_up and state == "running")


def test_a_process_that_waits_to_be_collected_is_over() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    until(lambda: not is_process(process.pid))
    process.wait()
    assert not is_process(process.pid)
    assert is_process(os.getpid())
    assert not is_process(2**40)
    assert not is_process(0)


def test_a_lease_from_before_the_clock_was_set_back_counts_for_nothing(store: RunStore) -> None:
    lease, run_id = running(store)
    assert store.workers.has_worker(host_name(), "auto")
    set_slot(store, expires=time.time() + 3600, pid=ended())
    assert not store.workers.has_worker(host_name(), "auto")
    store.workers.reap(grace=0)
    assert store.run(run_id).state == "interrupted"
    assert Lease(store).acquire()
    with pytest.raises(RunStoreError, match="taken for dead"):
        lease.heartbeat()


# --- the database -----------------------------------------------------------------------------------------------------


def test_a_reader_does_not_hold_up_the_writer(store: RunStore) -> None:
    lease, run_id = running(store)
    curve = undisturbed(FOUR[0])
    lease.append({run_id: curve[:10]})
    with store.database.reading() as slow:
        assert len(slow.execute(select(schema.points)).all()) == 10
        lease.append({run_id: curve[10:]})  # raises if it has to wait
        seen = len(slow.execute(select(schema.points)).all())
        assert seen == (10 if store.url.startswith("sqlite") else 101), "PostgreSQL reads what is committed by now"
    assert len(store.points(run_id)) == 101


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    with RunStore(url) as first, first.database.writing() as connection:
        connection.execute(text("UPDATE schema_version SET number = 99"))
    with pytest.raises(RunStoreError, match="version 99, written by a newer"):
        RunStore(url)


def test_a_store_of_an_older_version_is_brought_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunStore(url) as old:
        (run,) = old.submit(FOUR[:1])
    step = text("ALTER TABLE runs ADD COLUMN note TEXT")
    monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, lambda connection: connection.execute(step)))
    for _ in range(2):  # the second time there is nothing left to do
        with RunStore(url) as new, new.database.reading() as connection:
            assert connection.execute(text("SELECT id, note FROM runs")).all() == [(run.id, None)]
            number = connection.execute(text("SELECT number FROM schema_version")).scalar()
            assert number == len(database.MIGRATIONS)


def test_a_store_of_the_first_version_still_opens(url: str) -> None:
    """Its column `recorded` may not be empty, and nobody fills it any more."""
    with RunStore(url) as old:
        (run,) = old.submit(FOUR[:1])
        with old.database.writing() as connection:
            connection.execute(text("ALTER TABLE runs ADD COLUMN recorded BOOLEAN DEFAULT FALSE NOT NULL"))
            connection.execute(text("UPDATE schema_version SET number = 1"))
    with RunStore(url) as new:
        assert [each.id for each in new.runs()] == [run.id]
        new.submit(FOUR[1:])
        columns = {column["name"] for column in inspect(new.database.engine).get_columns("runs")}
        assert columns == {column.name for column in schema.runs.columns}


def test_points_of_a_store_without_norms_of_weights_stay_and_new_ones_have_them(url: str) -> None:
    with RunStore(url) as old:
        (run,) = old.submit(FOUR[:1])
        with old.database.writing() as connection:
            connection.execute(text("ALTER TABLE points DROP COLUMN weight_norms"))
            connection.execute(
                text("INSERT INTO points (run_id, step, train_loss) VALUES (:id, 0, 2.5)"), {"id": run.id}
            )
            connection.execute(text("UPDATE schema_version SET number = 3"))
    with RunStore(url) as new:
        with new.database.writing() as connection:
            later = TrainPoint(5, 0.1, 1.0, 0.1, 2.0, 0.3, 100.0, weight_norms=(1.5, 0.1))
            connection.execute(schema.points.insert().values(point_row(run.id, later)))
        first, second = new.points(run.id)
    assert (first.train_loss, first.weight_norms) == (2.5, None)
    assert second == later


@pytest.mark.parametrize("broken", ["nonsense", "sqlite:////no/such/folder/runs.sqlite", "nodialect://u:secret@h/d"])
def test_a_store_that_cannot_be_opened_says_so(broken: str) -> None:
    with pytest.raises(RunStoreError, match="cannot be opened") as caught:
        RunStore(broken)
    assert "secret" not in str(caught.value)
