"""The queue: who gets which run, and which run can be stopped, resumed and deleted."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from explorer.errors import RunStoreError
from explorer.jobs import RunStore
from explorer.jobs.lease import Lease
from tests.jobs.conftest import FOUR, PATIENCE, Start, leased, running
from tests.jobs.fake import undisturbed

# --- queue ------------------------------------------------------------------------------------------------------------


def test_groups_are_claimed_in_order_and_whole(store: RunStore) -> None:
    first, second = store.submit(FOUR[:3]), store.submit(FOUR[3:])
    assert [store.place_in_queue(run.id) for run in (*first, *second)] == [0, 0, 0, 1]
    lease = leased(store)
    assert [each.id for each in lease.claim()] == [run.id for run in first]
    assert store.place_in_queue(second[0].id) == 0
    assert [each.id for each in lease.claim()] == [run.id for run in first], "it has them until they are closed"
    for run in first:
        lease.finish(run.id, "stopped")
    assert [each.config for each in lease.claim()] == FOUR[3:]
    lease.finish(second[0].id, "stopped")
    assert lease.claim() == ()


def test_an_open_configuration_is_joined_a_closed_one_is_not(store: RunStore) -> None:
    first = store.submit(FOUR[:2])
    again = store.submit([FOUR[1], FOUR[2], FOUR[2]])
    assert again[0] == first[1]
    assert again[1] == again[2]
    assert again[1].group != first[1].group
    store.request_stop([first[1].id])
    assert store.submit([FOUR[1]])[0].id != first[1].id
    assert store.submit([FOUR[0]], device="cpu")[0].id != first[0].id, "on another device it is another run"


def test_nobody_joins_a_run_that_is_about_to_stop(store: RunStore) -> None:
    _, run_id = running(store)
    store.request_stop([run_id])
    assert store.submit([FOUR[0]])[0].id != run_id


def test_visitors_pressing_at_once_get_one_group(url: str) -> None:
    barrier = threading.Barrier(8)
    got: list[list[tuple[str, str]]] = []

    def press() -> None:
        with RunStore(url) as own:  # also made at once
            barrier.wait()
            got.append([(run.id, run.group) for run in own.submit(FOUR)])

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert all(each == got[0] for each in got)
    assert len({group for _, group in got[0]}) == 1


def test_of_workers_that_come_at_once_one_gets_the_group(store: RunStore, python: Start, tmp_path: Path) -> None:
    store.submit(FOUR)
    code = """
import sys, time
from explorer.jobs import RunStore
from explorer.jobs.lease import Lease
while time.time() < float(sys.argv[2]): pass
with RunStore(sys.argv[1]) as store:
    lease = Lease(store)
    print(len(lease.claim()) if lease.acquire() else 0, file=open(sys.argv[3], "w"))
"""
    begin = str(time.time() + 2)
    files = [tmp_path / f"{index}.txt" for index in range(4)]
    processes = [python("-c", code, store.url, begin, str(file)) for file in files]
    assert [process.wait(PATIENCE) for process in processes] == [0] * 4
    assert sorted(int(file.read_text()) for file in files) == [0, 0, 0, 4]


def test_each_device_has_its_own_slot(store: RunStore) -> None:
    cpu, cuda = store.submit([FOUR[0]], "cpu"), store.submit([FOUR[1]], "cuda")
    assert Lease(store, "cpu").acquire()
    assert not Lease(store, "cpu").acquire()
    lease = Lease(store, "cuda")
    assert lease.acquire()
    assert [each.id for each in lease.claim()] == [cuda[0].id]
    assert store.run(cpu[0].id).state == "queued"
    assert store.workers.waiting_slots() == ("cpu",)


# --- stop, resume, delete ---------------------------------------------------------------------------------------------


def test_stop_closes_what_waits_and_tells_what_runs(store: RunStore) -> None:
    lease, run_id = running(store)
    (waiting,) = store.submit([FOUR[1]])
    store.request_stop([run_id, waiting.id])
    assert store.run(waiting.id).state == "stopped"
    assert store.run(run_id).state == "running"
    assert store.run(run_id).stop_requested
    assert lease.heartbeat() == {run_id}


def test_resume_queues_the_same_run_again(store: RunStore) -> None:
    lease, run_id = running(store)
    with pytest.raises(RunStoreError, match="running"):
        store.resume([run_id])
    lease.save_checkpoint(run_id, 10, b"ten", {run_id: undisturbed(FOUR[0])[:11]})
    lease.finish(run_id, "failed", "error", "why")
    store.resume([run_id])
    run = store.run(run_id)
    assert (run.state, run.reason, run.detail, run.finished) == ("queued", "", "", None)
    assert len(store.points(run_id)) == 11
    assert [each.id for each in lease.claim()] == [run_id]
    lease.finish(run_id, "finished", weights_blob=b"w")
    with pytest.raises(RunStoreError, match="finished"):
        store.resume([run_id])


def test_a_run_stopped_before_its_first_checkpoint_starts_over(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.append({run_id: undisturbed(FOUR[0])[:5]})
    lease.finish(run_id, "stopped")
    store.resume([run_id])
    assert store.run(run_id).state == "queued"
    assert len(store.points(run_id)) == 5


def test_what_failed_at_once_is_not_resumed_and_no_twin_is(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.finish(run_id, "failed", "error")
    with pytest.raises(RunStoreError, match="it is failed"):
        store.resume([run_id])
    (twin,) = store.submit([FOUR[0]])
    assert twin.config == FOUR[0]
    lease.claim()
    lease.save_checkpoint(twin.id, 1, b"one")
    lease.finish(twin.id, "stopped")
    store.submit([FOUR[0]])
    with pytest.raises(RunStoreError, match="same configuration"):
        store.resume([twin.id])


def test_delete_takes_closed_runs_with_everything(store: RunStore) -> None:
    lease, run_id = running(store)
    lease.append({run_id: undisturbed(FOUR[0])})
    with pytest.raises(RunStoreError, match="Stop them first"):
        store.delete([run_id])
    lease.finish(run_id, "finished", weights_blob=b"w")
    store.delete([run_id, "gone"])
    assert store.runs() == ()
    assert store.points(run_id) == ()
    assert store.weights(run_id) is None
    with pytest.raises(RunStoreError, match="no run"):
        store.run(run_id)
