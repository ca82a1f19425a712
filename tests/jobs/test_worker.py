"""Real worker processes: finished, stopped, killed, outliving the server."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.jobs import LocalExecutor, RunService, RunStore, heartbeat as heartbeat_module
from explorer.jobs.processes import host_name
from explorer.jobs.running import PendingPoints, RunningRun, Trainer
from explorer.jobs.step_scheduler import StepScheduler
from tests.jobs.conftest import ON_SQLITE, PATIENCE, ROOT, Start, leased, until
from tests.jobs.fake import config, undisturbed

FAKE = "tests.jobs.fake:train"
Worker = Callable[[], "subprocess.Popen[bytes]"]


def test_a_worker_empties_the_queue_and_leaves(store: RunStore, worker: Worker) -> None:
    ids = [run.id for run in (*store.submit([config(0), config(1)]), *store.submit([config(2)]))]
    assert worker().wait(PATIENCE) == 0
    for seed, run_id in enumerate(ids):
        run = store.run(run_id)
        assert (run.state, run.step, run.device) == ("finished", 100, "cpu")
        assert (run.parameters, run.layers) == (7, ("conv", "fc"))
        assert store.points(run_id) == undisturbed(config(seed))
        assert (store.weights(run_id) or b"").startswith(b"weights [100, ")
        assert run.started
        assert run.finished
        assert run.created <= run.started <= run.finished
    assert not store.workers.has_worker(host_name(), "auto")


def test_a_run_that_fails_takes_no_other_with_it(store: RunStore, worker: Worker) -> None:
    runs = store.submit([config(0, fails=15), config(1, diverges=25), config(2)])
    assert worker().wait(PATIENCE) == 0
    failed, diverged, fine = (store.run(run.id) for run in runs)
    assert (failed.state, failed.reason, failed.detail) == ("failed", "error", "ValueError: no such thing")
    assert (diverged.state, diverged.reason) == ("failed", "diverged")
    assert diverged.detail.startswith("At step 25 the loss")
    assert fine.state == "finished"
    assert len(store.points(failed.id)) == 15, "every point before the error is kept"
    assert failed.resumable


@pytest.mark.parametrize("option", [{"pause": 0.02}, {"hangs": 600.0}], ids=["quick steps", "a step of ten minutes"])
def test_stop_does_not_wait_for_a_step(store: RunStore, worker: Worker, option: dict[str, float]) -> None:
    runs = store.submit([config(seed, steps=5000, **option) for seed in range(2)])
    ids = {run.id for run in runs}
    process = worker()
    until(lambda: all(store.run(run_id).step >= 20 for run_id in ids))
    store.request_stop(ids)
    until(lambda: {run.state for run in store.runs(ids)} == {"stopped"})  # in less than the step takes
    assert process.wait(PATIENCE) == 0
    for run in store.runs(ids):
        assert run.resumable
        curve = store.points(run.id)
        assert len(curve) > 20
        assert curve == undisturbed(run.config)[: len(curve)]


@ON_SQLITE
def test_one_run_is_stopped_the_others_go_on(store: RunStore, worker: Worker) -> None:
    short, long = store.submit([config(0, steps=5000, pause=0.01), config(1, steps=300, pause=0.01)])
    process = worker()
    until(lambda: store.run(short.id).step > 5)
    store.request_stop([short.id])
    assert process.wait(PATIENCE) == 0
    assert (store.run(short.id).state, store.run(long.id).state) == ("stopped", "finished")


@pytest.mark.parametrize("training", [False, True], ids=["nothing left to train", "in the middle of a run"])
def test_a_worker_without_its_slot_leaves_at_once_only_if_it_trains(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, training: bool
) -> None:
    left: list[int] = []
    monkeypatch.setattr(heartbeat_module, "_exit_at_once", lambda status, why: left.append(status))
    lease = leased(store)
    heartbeat = heartbeat_module.Heartbeat(lease, threading.Event())
    if training:
        store.submit([config(0)])
        (claimed,) = lease.claim()
        heartbeat.watch(
            [RunningRun(lease, claimed, Trainer.load(FAKE), StepScheduler([], 1), PendingPoints([]))], PendingPoints([])
        )
        store.workers.reap(time.time() + 3600, grace=0)
    else:
        assert lease.claim() == ()  # gives the slot back
    heartbeat.start()
    heartbeat.join(PATIENCE)
    assert not heartbeat.is_alive()
    assert left == ([1] if training else [])


def test_sigterm_stops_everything_resumably(store: RunStore, worker: Worker) -> None:
    (run,) = store.submit([config(0, steps=400, pause=0.01)])
    (waiting,) = store.submit([config(1)])
    process = worker()
    until(lambda: store.run(run.id).step > 15)
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert (store.run(run.id).state, store.run(waiting.id).state) == ("stopped", "queued")
    store.resume([run.id])
    assert worker().wait(PATIENCE) == 0
    assert store.points(run.id) == undisturbed(run.config)


def test_no_kill_loses_a_point(store: RunStore, worker: Worker) -> None:
    """kill -9 at random moments, start-up included: what was recorded stays, the curve ends as if undisturbed."""
    chance = random.Random(7)
    kills, steps = (22, 2000) if store.url.startswith("sqlite") else (6, 800)  # a store of a server starts more slowly
    ids = [run.id for run in store.submit([config(seed, steps=steps, pause=0.002) for seed in range(2)])]
    resumed = 0
    for kill in range(kills):
        process = worker()
        if kill % 11:  # else at any moment of its life, perhaps before it has claimed anything
            until(lambda: not store.workers.waiting_slots())
        if kills == 6:  # so few, that each is to hit a run that can go on
            until(lambda: any(run.state == "running" and run.resumable for run in store.runs(ids)))
        time.sleep(chance.uniform(0, 0.2))
        before = {run_id: store.points(run_id) for run_id in ids}
        process.kill()
        process.wait()
        store.workers.reap(time.time() + 3600, grace=0)  # rather than wait for the lease to run out
        for run_id, curve in before.items():
            assert store.points(run_id)[: len(curve)] == curve
        resumed += _go_on(store, ids)
    assert resumed >= kills // 3
    assert worker().wait(3 * PATIENCE) == 0
    for run_id in ids:
        run = store.run(run_id)
        assert run.state == "finished"
        assert store.points(run_id) == undisturbed(run.config)


def _go_on(store: RunStore, ids: list[str]) -> bool:
    """Queue killed runs again, in their group; returns whether one had a checkpoint to resume from."""
    lost = [run for run in store.runs(ids) if run.state != "queued"]  # killed before the claim: it still waits
    assert all((run.state, run.reason) == ("interrupted", "worker-lost") for run in lost)
    assert all(run.step < 50 for run in lost if not run.resumable), "a checkpoint every 10 steps"
    store.resume([run.id for run in lost])
    return any(run.resumable for run in lost)


SERVER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from explorer.jobs import LocalExecutor, RunService, RunStore
from tests.jobs.fake import config
store = RunStore(sys.argv[2])
lab = RunService(store, LocalExecutor(store, train="tests.jobs.fake:train", idle_timeout=0))
lab.start([config(0, steps=200, pause=0.01)])
time.sleep(60)
"""


def test_a_run_outlives_the_server(store: RunStore, python: Start) -> None:
    server = python("-c", SERVER, str(ROOT), store.url)
    until(lambda: any(run.step > 5 for run in store.runs()))
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    (run,) = store.runs()
    assert run.state == "running"
    until(lambda: store.run(run.id).state == "finished")
    assert store.points(run.id) == undisturbed(run.config)


@ON_SQLITE
def test_the_lab_starts_one_worker_and_another_one_when_it_is_gone(store: RunStore, tmp_path: Path) -> None:
    executor = LocalExecutor(store, train=FAKE, idle_timeout=0)
    service = RunService(store, executor)
    (first,) = service.start([config(0, steps=60, pause=0.01)])
    (second,) = service.start([config(1, steps=60, pause=0.01)])
    assert len(executor._workers) == 1
    assert (service.place(first.id), service.place(second.id)) in [(0, 1), (0, 0)]
    until(lambda: service.run(second.id).state == "finished")
    assert [run.id for run in service.runs()] == [second.id, first.id]
    assert service.group(first.group) == (service.run(first.id),)
    (third,) = service.start([first.config])
    until(lambda: service.run(third.id).state == "finished")
    assert service.points(third.id, after=58) == service.points(first.id)[59:]
    executor.shutdown()
    assert (tmp_path / "worker.log").read_text() == ""


def test_runs_are_found_by_their_name_even_where_others_had_started_them(store: RunStore) -> None:
    class Nobody(LocalExecutor):
        def ensure_worker(self, device: str) -> None:
            """No worker comes."""

    service = RunService(store, Nobody(store, train=FAKE))
    first, second, third = store.submit([config(seed) for seed in range(3)])
    alone = store.submit([config(3)])
    for runs in ((first, second, third), alone, (second,), (third, first), (third, *alone)):
        assert service.group(service.name_of(runs)) == tuple(runs)
    assert service.group("nothing") == ()


def test_a_queue_nobody_attends_is_attended_by_who_looks(store: RunStore) -> None:
    (run,) = store.submit([config(0)])  # as after a worker's death: queued, and nobody was called
    executor = LocalExecutor(store, train=FAKE, idle_timeout=0)
    service = RunService(store, executor)
    until(lambda: service.run(run.id).state == "finished")
    executor.shutdown()


@ON_SQLITE
def test_a_worker_that_was_killed_is_replaced_at_once(store: RunStore) -> None:
    executor = LocalExecutor(store, train=FAKE, idle_timeout=0)
    service = RunService(store, executor)
    (run,) = service.start([config(0, steps=5000, pause=0.01)])
    until(lambda: service.run(run.id).step > 15)
    process = executor._workers[0].process
    process.kill()
    process.wait()
    (next_one,) = service.start([config(1)])
    until(lambda: service.run(run.id).state == "interrupted")
    until(lambda: service.run(next_one.id).state == "finished")
    executor.shutdown()


def test_pages_read_the_store_without_torch() -> None:
    code = "import sys, explorer.jobs; sys.exit('torch' in sys.modules or 'streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


READING_SERVER = """
import sys
sys.path.insert(0, sys.argv[1])
from explorer.jobs import LocalExecutor, RunService, RunStore
from tests.jobs.fake import config
store = RunStore(sys.argv[2])
lab = RunService(store, LocalExecutor(store, train="tests.jobs.fake:train", idle_timeout=0))
(run,) = lab.start([config(0, steps=5000, pause=0.004)])
while True:
    lab.group(run.group)
    lab.points(run.id)
"""


def test_no_killed_server_loses_a_point(store: RunStore, python: Start) -> None:
    """kill -9 at random moments of a server that submits, starts workers and reads: all join one run."""
    chance, curve = random.Random(11), ()
    kills = 20 if store.url.startswith("sqlite") else 5
    for kill in range(kills):
        server = python("-c", READING_SERVER, str(ROOT), store.url)
        if kill == kills - 1:  # on a busy machine all others may have been killed while they started
            until(lambda: any(len(store.points(run.id)) > 1 for run in store.runs()))
        time.sleep(chance.uniform(0.2, 1.0))
        server.kill()
        server.wait()
        for run in store.runs():
            before, curve = curve, store.points(run.id)
            assert curve[: len(before)] == before
    (run,) = store.runs()
    assert len(curve) > 1
    until(lambda: store.run(run.id).state == "finished", 3 * PATIENCE)
    assert store.points(run.id) == undisturbed(run.config)


@ON_SQLITE
def test_a_worker_with_patience_takes_the_next_run_too(store: RunStore, python: Start) -> None:
    (first,) = store.submit([config(0, steps=20)])
    patient = python("-m", "explorer.jobs.worker", "--idle-timeout", "30", "--train", "tests.jobs.fake:train")
    until(lambda: store.run(first.id).state == "finished")
    (second,) = store.submit([config(1, steps=20)])
    until(lambda: store.run(second.id).state == "finished")
    assert patient.poll() is None
    patient.terminate()
    assert patient.wait(PATIENCE) == 0
    assert not store.workers.has_worker(host_name(), "auto")


# --- workers that cannot start ----------------------------------------------------------------------------------------


@ON_SQLITE
def test_where_the_loop_cannot_be_imported_the_run_says_so(store: RunStore) -> None:
    executor = LocalExecutor(store, train="tests.jobs.nowhere:train", idle_timeout=0)
    service = RunService(store, executor)
    (run,) = service.start([config(0)])
    until(lambda: service.run(run.id).state == "failed")
    sentence = "Work cannot start on this machine: ModuleNotFoundError: No module named 'tests.jobs.nowhere'"
    assert service.run(run.id).detail == sentence
    assert not service.run(run.id).can_resume
    executor.shutdown()


@ON_SQLITE
def test_workers_that_die_before_they_begin_are_not_started_for_ever(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stillborn.py").write_text("import os, signal\nprint('begun', flush=True)\nos.kill(os.getpid(), 9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    executor = LocalExecutor(store, train="stillborn:train", idle_timeout=0)
    service = RunService(store, executor)
    (run,) = service.start([config(0)])
    until(lambda: service.run(run.id).state == "failed")
    assert service.run(run.id).detail.startswith("3 workers ended one after the other before they could begin")
    assert (tmp_path / "worker.log").read_text().count("begun") == 3
    (again,) = service.start([config(1)])
    assert service.run(again.id).state == "queued", "whoever mends it can try again"
    executor.shutdown()
