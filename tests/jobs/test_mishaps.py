"""What happens to a machine: its disk is full, it falls asleep, its database is restarted, its disk turns bits over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from explorer.errors import RunDamaged, RunStoreAway
from explorer.jobs import LocalExecutor, RunService, RunStore, running as running_module, schema
from explorer.jobs.database import FULL
from explorer.jobs.lease import DAMAGED
from tests.jobs.conftest import FOUR, ON_SQLITE, PATIENCE, leased, running, until
from tests.jobs.fake import config, undisturbed
from tests.jobs.postgres import Server

FAKE = "tests.jobs.fake:train"
Worker = Callable[[], "subprocess.Popen[bytes]"]


# --- a full disk ------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


def submit_many(store: RunStore) -> None:
    for seed in range(100, 10_000):
        store.submit([config(seed)])


@pytest.mark.skipif(sys.platform != "linux", reason="no tmpfs")
@ON_SQLITE
def test_on_a_full_disk_one_can_look_stop_and_delete_and_training_waits_for_room(
    url: str, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(disk))
    with RunStore(f"sqlite:///{disk}/runs.sqlite") as store:
        executor = LocalExecutor(store, FAKE, idle_timeout=0)
        service = RunService(store, executor)
        old = service.start([config(seed, steps=300) for seed in range(4)])
        until(lambda: not any(run.is_open for run in service.runs()))
        first, second = service.start([config(seed, steps=1500, pause=0.004) for seed in (7, 8)])
        until(lambda: service.run(first.id).step > 20)
        ballast = fill(disk)
        with pytest.raises(RunStoreAway) as caught:
            submit_many(store)
        assert caught.value.reason == FULL
        waiting = [run.id for run in store.runs(states=("queued",))]
        assert len(service.runs()) == 6 + len(waiting)
        service.stop(waiting)
        service.delete(waiting)
        service.delete([run.id for run in old])
        service.stop([second.id])
        assert {run.id for run in service.runs()} == {first.id, second.id}
        ballast.unlink()
        until(lambda: not any(run.is_open for run in service.runs()))
        assert (store.run(first.id).state, store.run(second.id).state) == ("finished", "stopped")
        assert store.points(first.id) == undisturbed(first.config)
        curve = store.points(second.id)
        assert curve == undisturbed(second.config)[: len(curve)]
        executor.shutdown()


@ON_SQLITE
def test_a_disk_that_stays_full_interrupts_a_run_and_says_why(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    lease, run_id = running(store)
    lease.save_checkpoint(run_id, 10, b"[10, 0.3]", {run_id: undisturbed(FOUR[0])[:11]})
    (claimed,) = lease.claim()
    run = running_module.RunningRun(
        lease,
        claimed,
        running_module.Trainer.load(FAKE),
        running_module.StepScheduler([run_id], 1),
        running_module.PendingPoints([run_id]),
    )
    monkeypatch.setattr("explorer.jobs.retrying.AWAY_SECONDS", 0.0)
    monkeypatch.setattr(running_module, "retry_while_away", lambda work: work())

    def full(*arguments: object) -> None:
        raise RunStoreAway("The run store does not answer (disk is full).", FULL)

    monkeypatch.setattr(lease, "save_checkpoint", full)
    run.work()
    stopped = store.run(run_id)
    assert (stopped.state, stopped.reason, stopped.can_resume) == ("interrupted", FULL, True)
    assert "disk is full" in stopped.detail


# --- a damaged disk ---------------------------------------------------------------------------------------------------


def turned(table: schema.Table, store: RunStore, run_id: str) -> None:
    """Turn one bit of a blob over."""
    with store.database.writing() as connection:
        blob = bytearray(connection.execute(select(table.c.blob).where(table.c.run_id == run_id)).scalar_one())
        blob[len(blob) // 2] ^= 1
        connection.execute(table.update().where(table.c.run_id == run_id).values(blob=bytes(blob)))


def test_damaged_weights_are_said_and_never_handed_out(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.finish(run_id, "finished", weights_blob=bytes(range(256)))
    assert store.weights(run_id) == bytes(range(256))
    turned(schema.weights, store, run_id)
    with pytest.raises(RunDamaged, match="256 bytes are not those") as caught:
        store.weights(run_id)
    assert caught.value.reason == "damaged"


def test_weights_from_before_there_were_checksums_are_read(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.finish(run_id, "finished", weights_blob=b"old")
    with store.database.writing() as connection:
        connection.execute(schema.weights.update().values(checksum=""))
    assert store.weights(run_id) == b"old"


def test_a_damaged_checkpoint_fails_its_run_and_no_other(store: RunStore, worker: Worker) -> None:
    bad, good = store.submit([config(0), config(1)])
    lease = leased(store)
    lease.claim()
    for run in (bad, good):
        lease.save_checkpoint(run.id, 0, f"[0, {0.3 + run.config.seed / 1000}]".encode(), {})
        lease.finish(run.id, "stopped")
    lease.close()
    turned(schema.checkpoints, store, bad.id)
    store.resume([bad.id, good.id])
    assert worker().wait(PATIENCE) == 0
    failed = store.run(bad.id)
    assert (failed.state, failed.reason, failed.can_resume) == ("failed", DAMAGED, False)
    assert store.run(good.id).state == "finished"


# --- a machine that sleeps --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no signals here")
@ON_SQLITE
def test_a_worker_that_was_held_up_for_longer_than_its_lease_goes_on(store: RunStore, worker: Worker) -> None:
    (run,) = store.submit([config(0, steps=600, pause=0.005)])
    process = worker()
    until(lambda: store.run(run.id).step > 20)
    os.kill(process.pid, signal.SIGSTOP)
    asleep = time.monotonic()
    while time.monotonic() - asleep < 8:
        assert store.run(run.id).state == "running"
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGCONT)
    assert process.wait(PATIENCE) == 0
    assert store.run(run.id).state == "finished"
    assert store.points(run.id) == undisturbed(run.config)


# --- a database that is restarted -------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_restart_of_the_database_amid_training_loses_no_point(
    store: RunStore, worker: Worker, postgres: Server
) -> None:
    runs = store.submit([config(seed, steps=1200, pause=0.005) for seed in range(2)])
    process = worker()
    for away in (0.0, 7.0):  # longer than a lease
        step = store.run(runs[0].id).step
        until(lambda so_far=step: store.run(runs[0].id).step > so_far + 20)
        postgres.stop()
        with pytest.raises(RunStoreAway) as caught:
            store.runs()
        assert caught.value.reason == "away"
        time.sleep(away)
        postgres.start()
        assert {run.state for run in store.runs()} == {"running"}
    assert process.wait(PATIENCE) == 0
    for run in runs:
        assert store.run(run.id).state == "finished", store.run(run.id)
        assert store.points(run.id) == undisturbed(run.config)
