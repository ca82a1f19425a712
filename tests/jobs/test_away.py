"""A run store that is unavailable, locked or full: nothing is lost, no live worker is reaped, reading goes on."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import event, text

from explorer.errors import RunStoreAway, RunStoreError
from explorer.jobs import RunService, RunStore, database, timing
from explorer.jobs.lease import Lease
from explorer.jobs.retrying import retry_while_away
from explorer.jobs.running import Trainer
from explorer.jobs.worker import train_group, work
from tests.jobs.conftest import FOUR, PATIENCE, running, until
from tests.jobs.fake import config, undisturbed


@pytest.fixture(params=["sqlite"])  # other databases lock and fill up in their own ways
def url(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An SQLite store whose connections do not wait long, and where every read checks for dead workers."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr("explorer.jobs.workers.CHECK_SECONDS", 0.0)
    monkeypatch.setattr("explorer.jobs.service.CHECK_SECONDS", 0.0)
    return url


@contextmanager
def locked(store: RunStore) -> Iterator[None]:
    """Another connection locks the database, as a backup does."""
    other = sqlite3.connect(store.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def full(store: RunStore) -> Iterator[None]:
    """The database cannot grow, as on a full disk."""

    with store.database.reading() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()

    def at_checkout(connection: sqlite3.Connection, *others: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store.database.engine, "checkout", at_checkout)
    yield
    event.remove(store.database.engine, "checkout", at_checkout)


def test_a_heartbeat_that_waits_its_turn_is_not_late() -> None:
    assert timing.BUSY_SECONDS < timing.LEASE_SECONDS
    assert 4 * timing.HEARTBEAT_SECONDS <= timing.GRACE_SECONDS, (
        "who lives has beaten again before it is taken for dead"
    )
    assert timing.HEARTBEAT_SECONDS < timing.STOP_SECONDS < timing.LEASE_SECONDS < timing.STARTUP_SECONDS
    assert timing.BUSY_SECONDS < timing.AWAY_SECONDS


def test_connections_wait_as_long_as_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    with RunStore(f"sqlite:///{tmp_path_factory.mktemp('store')}/runs.sqlite") as store:
        with store.database.reading() as connection:
            waits = connection.execute(text("PRAGMA busy_timeout")).scalar_one()
        assert waits == 1000 * timing.BUSY_SECONDS


def test_a_locked_store_says_so_and_can_be_read(store: RunStore) -> None:
    (run,) = store.submit(FOUR[:1])
    with locked(store):
        for write in (
            lambda: store.submit(FOUR[1:]),
            lambda: store.request_stop([run.id]),
            lambda: store.delete([run.id]),
            lambda: store.resume([run.id]),
            lambda: store.workers.reap(),
        ):
            with pytest.raises(RunStoreAway, match=r"does not answer.*locked"):
                write()
        assert [each.id for each in store.runs()] == [run.id]
    assert len(store.submit(FOUR)) == 4


def test_other_errors_of_the_database_stop_at_the_wall_too(store: RunStore) -> None:
    with store.database.writing() as connection:
        connection.execute(text("ALTER TABLE points RENAME TO elsewhere"))
    with pytest.raises(RunStoreError):
        store.points("any")


def test_reading_goes_on_when_a_dead_worker_cannot_be_closed(store: RunStore) -> None:
    _, run_id = running(store)
    with store.database.writing() as connection:
        connection.execute(text("UPDATE slots SET expires = 0"))
    store.workers.reap()
    with locked(store):
        assert store.run(run_id).state == "running"
    store.workers.reap(grace=0)
    assert store.run(run_id).state == "interrupted"


def test_on_a_full_disk_runs_are_listed_and_can_be_deleted(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.append({run_id: undisturbed(FOUR[0])})
    lease.finish(run_id, "stopped")
    (other,) = store.submit([FOUR[1]])
    assert lease.claim()
    (waiting,) = store.submit([FOUR[2]])

    class Broken:
        """An executor that finds no room for its log."""

        def ensure_worker(self, device: str) -> None:
            raise RunStoreError("No worker can be started: no space left on device.")

        def shutdown(self) -> None:
            """Nothing to end."""

    service = RunService(store, Broken())
    with full(store):
        with pytest.raises(RunStoreAway, match="full"):
            lease.save_checkpoint(other.id, 1, bytes(100_000))
        assert {run.id for run in service.runs()} == {run_id, other.id, waiting.id}
        service.delete([run_id])
        assert {run.id for run in service.runs()} == {other.id, waiting.id}


def test_patience_has_an_end_and_is_for_nothing_else() -> None:
    tries: list[int] = []

    def away() -> None:
        tries.append(1)
        raise RunStoreAway("away")

    with pytest.raises(RunStoreAway):
        retry_while_away(away, seconds=0.6)
    assert len(tries) > 2

    def refused() -> None:
        tries.clear()
        raise RunStoreError("no")

    with pytest.raises(RunStoreError, match="no"):
        retry_while_away(refused)
    assert tries == []
    assert retry_while_away(lambda: 7) == 7


class Interrupted(Lease):
    """A lease that counts the heartbeats that were refused."""

    refused = 0

    def heartbeat(self, *arguments: object) -> frozenset[str]:
        try:
            return super().heartbeat(*arguments)  # type: ignore[arg-type]
        except RunStoreAway:
            self.refused += 1
            raise


@pytest.mark.parametrize("moment", ["at the start", "in the middle"])
def test_training_survives_a_store_that_is_away_for_longer_than_a_lease(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr("explorer.jobs.slot.LEASE_SECONDS", 0.3)
    runs = store.submit([config(seed, steps=300, pause=0.01) for seed in range(2)])
    lease = Interrupted(store)
    assert lease.acquire()
    lease.heartbeat()  # from now on the lease is as short as those of a worker that works
    trainer, worker_ends = Trainer.load("tests.jobs.fake:train"), threading.Event()

    def working() -> None:
        work(lease, partial(train_group, lease, trainer), threading.Event())
        worker_ends.set()

    worker = threading.Thread(target=working)
    if moment == "in the middle":
        worker.start()
        until(lambda: all(store.run(run.id).step > 20 for run in runs))
    with locked(store):
        if moment == "at the start":
            worker.start()
        until(lambda: lease.refused >= 5)
        assert not {"failed", "interrupted"} & {run.state for run in store.runs()}
    until(lambda: {run.state for run in store.runs()} & {"finished", "failed", "interrupted", "stopped"})
    worker.join(PATIENCE)
    assert worker_ends.is_set()
    for run in runs:
        assert store.run(run.id).state == "finished", store.run(run.id)
        assert store.points(run.id) == undisturbed(run.config)
