"""Tasks in the store: shared, bounded, stopped, lost when killed; weights are stored only while they are needed."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, select, text

from explorer.errors import RunStoreError
from explorer.jobs import LocalExecutor, RunService, RunStore, schema, task_rows
from explorer.jobs.task_lease import TaskLease, TaskUpdate
from explorer.jobs.tasks import TaskStore
from explorer.jobs.workers import TASK_SLOTS
from explorer.records import TaskOrder, TaskStatus, combined
from tests.jobs.conftest import until
from tests.jobs.fake import config
from tests.jobs.fake_tasks import WEIGHTS, Request, order

LONG = Request(steps=100_000, pause=0.01)


@pytest.fixture
def service(store: RunStore) -> Iterator[RunService]:
    """A service whose workers end with the test."""
    executor = LocalExecutor(store, train="tests.jobs.fake:train", tasks="tests.jobs.fake_tasks", idle_timeout=0)
    yield RunService(store, executor)
    executor.shutdown()


@pytest.fixture
def tasks(store: RunStore) -> TaskStore:
    """A task store without workers: only the test does its tasks."""
    return TaskStore(store.database, store.workers)


def weights() -> bytes:
    return WEIGHTS


def no_weights() -> bytes:
    pytest.fail("the weights are there already, or not needed any more")


def kept_weights(store: RunStore) -> list[str]:
    with store.database.reading() as connection:
        return list(connection.execute(select(schema.task_weights.c.digest)).scalars())


def claimed(store: RunStore, slot: str = TASK_SLOTS[0]) -> tuple[TaskLease, TaskOrder]:
    lease = TaskLease(store, slot)
    assert lease.acquire()
    (order,) = lease.claim()
    return lease, order


# --- from order to result ---------------------------------------------------------------------------------------------


def test_a_task_is_done_and_its_result_outlives_the_server(store: RunStore, service: RunService) -> None:
    asked = order(Request(steps=5, number=3))
    assert service.task(asked.key) == TaskStatus()
    service.order(asked, weights)
    assert service.task(asked.key).is_open
    until(lambda: not service.task(asked.key).is_open)
    done = TaskStatus("done", 5, 5, (0.5, 1.0, 1.5, 2.0, 2.5))
    assert service.task(asked.key) == done
    files = service.artifacts(asked.key)
    assert files | {"pid": b""} == {
        "frame": b"5",
        "model": f'["a header", {len(WEIGHTS)}]'.encode(),
        "pid": b"",
        "result": b"3 of 5",
    }
    assert service.artifact(asked.key, "frame") == b"5"
    assert service.artifact(asked.key, "nothing") is None
    assert kept_weights(store) == []
    with RunStore(store.url) as again:
        later = RunService(again, LocalExecutor(again, tasks="tests.jobs.nowhere"))
        later.order(asked, no_weights)
        assert later.task(asked.key) == done
        assert later.artifacts(asked.key) == files


def test_many_who_ask_at_once_share_one_task(store: RunStore, service: RunService) -> None:
    barrier, asked = threading.Barrier(8), order(LONG)

    def ask() -> None:
        with RunStore(store.url) as own:
            barrier.wait()
            TaskStore(own.database, own.workers).submit(asked, weights)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept_weights(store) == ["w"]
    until(lambda: service.task(asked.key).done > 1)
    pid = service.artifact(asked.key, "pid")
    service.order(asked, no_weights)
    before = service.task(asked.key).done
    until(lambda: service.task(asked.key).done > before)
    assert service.artifact(asked.key, "pid") == pid
    with store.database.reading() as connection:
        assert len(connection.execute(select(schema.tasks.c.key)).all()) == 1


def test_what_fails_is_said_in_a_sentence_and_can_be_asked_again(store: RunStore, service: RunService) -> None:
    asked = {
        "There is no channel 99: choose 0 to 15.": order(Request(fails="sentence", number=1)),
        "ValueError: no such thing": order(Request(fails="no such\nthing", number=2)),
        "Unknown task 'gone'. Available: fake.": order(Request(number=3), slug="gone"),
        "This was ordered of another version of the program. Start it again.": order(Request(number=4), version=2),
    }
    for each in asked.values():
        service.order(each, weights)
    until(lambda: not any(service.task(each.key).is_open for each in asked.values()))
    for sentence, each in asked.items():
        assert (service.task(each.key).state, service.task(each.key).detail) == ("failed", sentence)
        assert service.artifact(each.key, "result") is None
    assert kept_weights(store) == []
    first = next(iter(asked.values()))
    service.order(first, weights)
    assert service.task(first.key).is_open


def test_where_the_tasks_cannot_be_loaded_they_say_so(store: RunStore) -> None:
    executor = LocalExecutor(store, tasks="tests.jobs.nowhere", idle_timeout=0)
    service, asked = RunService(store, executor), order(Request())
    service.order(asked, weights)
    until(lambda: service.task(asked.key).state == "failed")
    assert "No module named 'tests.jobs.nowhere'" in service.task(asked.key).detail
    executor.shutdown()


# --- stop, kill -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [0.01, 60.0], ids=["quick steps", "a step of a minute"])
def test_stop_does_not_wait_for_a_step(service: RunService, pause: float) -> None:
    asked = order(Request(steps=100_000, pause=pause))
    service.order(asked, weights)
    until(lambda: service.artifact(asked.key, "pid"))
    service.stop_tasks([asked.key])
    until(lambda: not service.task(asked.key).is_open)
    assert service.task(asked.key).state == "stopped"
    assert service.artifact(asked.key, "pid"), "what it has put stays"
    assert kept_weights(service.store) == []


def test_what_waits_is_stopped_at_once(store: RunStore, tasks: TaskStore) -> None:
    first, second = order(Request(number=1)), order(Request(number=2))
    tasks.submit(first, weights)
    tasks.submit(second, no_weights)
    tasks.request_stop([first.key])
    assert [tasks.status(each.key).state for each in (first, second)] == ["stopped", "waiting"]
    assert kept_weights(store) == ["w"], "the other still needs them"
    tasks.request_stop([second.key])
    assert kept_weights(store) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no signals here")
def test_who_has_waited_longest_is_next(store: RunStore, tasks: TaskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the order of the keys."""
    asked = [order(Request(number=number)) for number in (5, 9, 2)]
    for when, each in enumerate(asked):
        monkeypatch.setattr("explorer.jobs.tasks.time", SimpleNamespace(time=lambda when=when: 1_000.0 + when))
        tasks.submit(each, weights)
    lease, first = claimed(store)
    found = [first]
    for _ in asked[1:]:
        lease.finish(found[-1].key, "done", "", {})
        found += lease.claim()
    assert [each.key for each in found] == [each.key for each in asked]
    lease.close()


def test_a_killed_worker_is_noticed_and_the_task_can_be_started_again(service: RunService) -> None:
    asked = order(LONG)
    service.order(asked, weights)
    until(lambda: service.task(asked.key).done > 1)
    before = service.task(asked.key).done
    os.kill(int(service.artifact(asked.key, "pid") or b""), signal.SIGKILL)
    until(lambda: not service.task(asked.key).is_open)
    lost = service.task(asked.key)
    assert lost.state == "lost"
    assert lost.done >= before
    assert kept_weights(service.store) == []
    service.order(asked, weights)
    until(lambda: service.task(asked.key).done > 1)
    assert service.task(asked.key).state == "running"


def test_a_silent_worker_loses_its_task_and_may_not_write(store: RunStore, tasks: TaskStore) -> None:
    asked = order(Request())
    tasks.submit(asked, weights)
    lease, got = claimed(store)
    assert got == asked
    lease.heartbeat({asked.key: TaskUpdate(3, 5, (1.0,), {"frame": b"3"})})
    with store.database.writing() as connection:
        connection.execute(schema.slots.update().values(expires=0))
    store.workers.reap(grace=0)
    assert tasks.status(asked.key) == TaskStatus("lost", 3, 5, (1.0,))
    assert tasks.artifacts(asked.key) == {"frame": b"3"}
    with pytest.raises(RunStoreError, match="taken for dead"):
        lease.heartbeat({})
    with pytest.raises(RunStoreError, match="any more"):
        lease.finish(asked.key, "done", "", {asked.key: TaskUpdate(5, 5)})
    tasks.submit(asked, weights)
    assert tasks.artifacts(asked.key) == {}


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_two_run_at_once_beside_the_runs_and_others_wait(store: RunStore, service: RunService) -> None:
    (run,) = service.start([config(0, steps=100_000, pause=0.01)])
    asked = [order(Request(steps=100_000, pause=0.01, number=number)) for number in range(4)]
    for each in asked:
        service.order(each, weights)

    def states() -> Counter[str]:
        # The youngest first: one that runs by now runs in the place of an older one, which is read as ended after it.
        counted = Counter(service.task(each.key).state for each in reversed(asked))
        assert counted["running"] <= 2
        return counted

    until(lambda: states()["running"] == 2 and service.run(run.id).step > 2)
    running = [each for each in asked if service.task(each.key).state == "running"]
    assert running == asked[:2], "who came first"
    ahead = [service.task(each.key).done + 20 for each in running]
    until(lambda: all(service.task(each.key).done > step for each, step in zip(running, ahead, strict=True)))
    assert states() == {"running": 2, "waiting": 2}
    service.stop_tasks([each.key for each in running])
    until(lambda: states() == {"running": 2, "stopped": 2})
    assert service.run(run.id).state == "running"


def test_the_oldest_results_make_room(store: RunStore, tasks: TaskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_rows, "KEPT_BYTES", 2_500)
    asked = [order(Request(number=number)) for number in range(4)]
    for each in asked:
        tasks.submit(each, weights)
    lease = TaskLease(store, TASK_SLOTS[0])
    assert lease.acquire()
    for _ in asked:
        (one,) = lease.claim()
        lease.finish(one.key, "done", "", {one.key: TaskUpdate(1, 1, (), {"a": bytes(600), "b": bytes(400)})})
    assert [tasks.status(each.key).state for each in asked] == ["none", "none", "done", "done"]
    assert [sum(map(len, tasks.artifacts(each.key).values())) for each in asked] == [0, 0, 1000, 1000]
    tasks.submit(asked[0], weights)
    assert tasks.status(asked[0].key).state == "waiting", "it is worked out again"


# --- the database -----------------------------------------------------------------------------------------------------

VERSION_2 = (
    "CREATE TABLE schema_version (number INTEGER NOT NULL, PRIMARY KEY (number))",
    "INSERT INTO schema_version VALUES (2)",
    """CREATE TABLE runs (id VARCHAR(32) NOT NULL, config TEXT NOT NULL, open_key VARCHAR(64),
    state VARCHAR(16) NOT NULL, "group" VARCHAR(32) NOT NULL, position INTEGER NOT NULL, wanted VARCHAR(16) NOT NULL,
    created DOUBLE PRECISION NOT NULL, queued DOUBLE PRECISION NOT NULL, worker VARCHAR(32),
    device VARCHAR(32) NOT NULL, started DOUBLE PRECISION,
    finished DOUBLE PRECISION, step INTEGER NOT NULL, parameters INTEGER NOT NULL,
    layers TEXT NOT NULL, reason VARCHAR(32) NOT NULL, detail TEXT NOT NULL, stop_requested BOOLEAN NOT NULL,
    PRIMARY KEY (id), UNIQUE (open_key))""",
    """CREATE TABLE slots (host VARCHAR(255) NOT NULL, device VARCHAR(16) NOT NULL, worker VARCHAR(32) NOT NULL,
    pid INTEGER NOT NULL, expires DOUBLE PRECISION NOT NULL, PRIMARY KEY (host, device), UNIQUE (worker))""",
    """CREATE TABLE points (run_id VARCHAR(32) NOT NULL, step INTEGER NOT NULL, epoch DOUBLE PRECISION,
    seconds DOUBLE PRECISION, lr DOUBLE PRECISION, train_loss DOUBLE PRECISION, train_accuracy DOUBLE PRECISION,
    images_per_second DOUBLE PRECISION, test_loss DOUBLE PRECISION, test_accuracy DOUBLE PRECISION,
    gradient_norms BLOB, activations BLOB, PRIMARY KEY (run_id, step),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE)""",
    """CREATE TABLE checkpoints (run_id VARCHAR(32) NOT NULL, step INTEGER NOT NULL, blob BLOB NOT NULL,
    PRIMARY KEY (run_id), FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE)""",
    """CREATE TABLE weights (run_id VARCHAR(32) NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (run_id),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE)""",
)


def test_a_store_that_knew_no_tasks_learns_them_and_keeps_its_runs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.sqlite"
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in VERSION_2:
            connection.execute(text(statement))
        row = {"id": "a" * 32, "config": config(3).to_json(), "state": "finished", "group": "g", "position": 0}
        row |= {"wanted": "auto", "created": 1.0, "queued": 1.0, "device": "cpu", "step": 7, "parameters": 7}
        row |= {"layers": "[]", "reason": "", "detail": "", "stop_requested": False}
        names = ", ".join(f'"{name}"' for name in row)  # the table of that time: it has none of the later columns
        connection.execute(text(f"INSERT INTO runs ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)
    engine.dispose()
    for _ in range(2):
        with RunStore(url) as store:
            assert [(run.config, run.step) for run in store.runs()] == [(config(3), 7)]
            tasks, asked = TaskStore(store.database, store.workers), order(Request())
            tasks.submit(asked, weights)
            assert tasks.status(asked.key).state == "waiting"


def test_several_tasks_are_one() -> None:
    done, running = TaskStatus("done", 3, 3, (1.0,)), TaskStatus("running", 1, 4)
    assert combined([done]) == done
    assert combined([done, running]) == TaskStatus("running", 4, 7)
    assert combined([done, TaskStatus("waiting")]).state == "waiting"
    assert combined([done, TaskStatus("lost")]).state == "lost"
    assert combined([done, TaskStatus("failed", detail="why")]) == TaskStatus("failed", 3, 3, detail="why")
    assert combined([done, done]).state == "done"
    assert combined([TaskStatus(), TaskStatus()]).state == "none"
