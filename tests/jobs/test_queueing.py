"""Whose turn it is, and how much of the queue one visitor may fill; and what a class's server refuses in the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies
from sqlalchemy import text

from explorer.errors import NotAllowed, NotYours
from explorer.jobs import RunStore
from explorer.jobs.lease import Lease
from explorer.jobs.queueing import in_turn
from explorer.jobs.task_lease import TaskLease
from explorer.jobs.tasks import TaskStore
from explorer.jobs.workers import TASK_SLOTS
from explorer.rights import MACHINE, Visitor
from tests.jobs.conftest import leased
from tests.jobs.fake import config
from tests.jobs.fake_tasks import Request, order

A, B, C = (Visitor(f"visitor {name}") for name in "ABC")
LECTURER = Visitor("lecturer", leads=True)


def one_after_the_other(waiting: list[tuple[str, str]], served: dict[str, float]) -> list[str]:
    """The same, done as a queue does it: take one of who waits since his last turn the longest, and note the time."""
    left, last, now, taken = list(waiting), dict(served), 1000.0, []
    while left:
        owner = min({who for who, _ in left}, key=lambda who: (last.get(who, 0.0), [w for w, _ in left].index(who)))
        job = next(job for job in left if job[0] == owner)
        left.remove(job)
        taken.append(job[1])
        last[owner] = now = now + 1
    return taken


@given(
    strategies.lists(strategies.sampled_from("abcd"), max_size=12),
    strategies.dictionaries(strategies.sampled_from("abcd"), strategies.floats(1, 999), max_size=4),
)
def test_turns_are_those_of_a_queue_that_remembers_whom_it_served(owners: list[str], served: dict[str, float]) -> None:
    waiting = [(owner, f"{place:02}") for place, owner in enumerate(owners)]
    assert in_turn(waiting, served) == one_after_the_other(waiting, served)


def task_leased(store: RunStore) -> TaskLease:
    lease = TaskLease(store, TASK_SLOTS[0])
    assert lease.acquire()
    return lease


def finished(lease: Lease) -> list[int]:
    """Claim the next group and end it; the seeds of its runs."""
    claimed = lease.claim()
    for run in claimed:
        lease.finish(run.id, "finished")
    return [run.config.seed for run in claimed]


def test_the_first_run_of_a_second_visitor_comes_before_a_hundred_of_the_first(store: RunStore) -> None:
    for seed in range(100):
        store.submit([config(seed)], visitor=A)
    lease = leased(store)
    assert [finished(lease), finished(lease)] == [[0], [1]]
    (first, second) = (store.submit([config(seed)], visitor=B)[0] for seed in (200, 201))
    (third,) = store.submit([config(300)], visitor=C)
    places = [store.place_in_queue(run.id) for run in (first, third, second)]
    assert places == [0, 1, 3], "one of A between the two of B"
    order_of_turns = [seed for _ in range(5) for seed in finished(lease)]
    assert order_of_turns == [200, 300, 2, 201, 3]


def test_the_runs_of_a_group_are_taken_together(store: RunStore) -> None:
    store.submit([config(1)], visitor=A)
    store.submit([config(2), config(3)], visitor=B)
    lease = leased(store)
    assert [finished(lease), finished(lease), finished(lease)] == [[1], [2, 3], []]


def test_tasks_are_taken_in_turn_as_well(store: RunStore) -> None:
    tasks = TaskStore(store.database, store.workers)
    for number in range(9):
        tasks.submit(order(Request(number=number)), lambda: b"", A)
    tasks.submit(order(Request(number=50)), lambda: b"", B)
    lease = task_leased(store)
    taken = []
    for _ in range(3):
        (one,) = lease.claim()
        lease.finish(one.key, "done", "", {})
        taken.append(one.key)
    assert taken == [order(Request(number=number)).key for number in (0, 50, 1)]


# --- how many ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "train")
    monkeypatch.setenv("CONVNET_ATLAS_LIMITS", "runs=3 all_runs=5 tasks=2 all_tasks=3")


def refused(call: Callable[..., Any], *args: Any) -> str:
    with pytest.raises(NotAllowed) as problem:
        call(*args)
    return problem.value.reason


@pytest.mark.usefixtures("limited")
def test_a_visitor_may_queue_so_many_runs_and_all_together_so_many(store: RunStore) -> None:
    def ask(visitor: Visitor, *seeds: int) -> Any:
        return store.submit([config(seed) for seed in seeds], visitor=visitor)

    first = ask(A, 1, 2, 3)
    assert refused(ask, A, 4) == "your_runs"
    assert len(ask(A, 1, 2)) == 2, "who joins runs asks for none"
    assert refused(ask, B, 5, 6, 7) == "all_runs"
    assert refused(ask, B, 5, 6, 7, 8) == "your_runs"
    assert len(store.runs()) == 3, "nothing of what was refused is in the queue"
    ask(B, 5, 6)
    assert refused(ask, C, 7) == "all_runs"
    ask(LECTURER, 7, 8, 9, 10)
    ask(MACHINE, 11)
    store.request_stop([run.id for run in first], A)
    assert refused(store.resume, [run.id for run in first], A) == "all_runs", "resuming queues as well"


@pytest.mark.usefixtures("limited")
def test_a_visitor_may_order_so_many_tasks_and_all_together_so_many(store: RunStore) -> None:
    tasks = TaskStore(store.database, store.workers)

    def ask(visitor: Visitor, number: int) -> None:
        tasks.submit(order(Request(number=number)), lambda: b"", visitor)

    ask(A, 1)
    ask(A, 2)
    assert refused(ask, A, 3) == "your_tasks"
    ask(A, 1)
    ask(B, 3)
    assert refused(ask, B, 4) == "all_tasks"
    ask(LECTURER, 4)
    assert tasks.status(order(Request(number=3)).key).state == "waiting"


# --- whose, and in which mode -----------------------------------------------------------------------------------------


def test_only_who_ordered_a_task_and_the_lecturer_stop_it(store: RunStore) -> None:
    tasks = TaskStore(store.database, store.workers)
    keys = []
    for number in (1, 2):
        tasks.submit(order(Request(number=number)), lambda: b"", A)
        keys.append(order(Request(number=number)).key)
    tasks.submit(order(Request(number=1)), lambda: b"", B)
    with pytest.raises(NotYours):
        tasks.request_stop(keys, B)
    assert [tasks.status(key).state for key in keys] == ["waiting", "waiting"]
    tasks.request_stop(keys[:1], A)
    tasks.request_stop(keys[1:], LECTURER)
    assert [tasks.status(key).state for key in keys] == ["stopped", "stopped"]


@pytest.mark.parametrize(("mode", "may"), [("full", True), ("train", False), ("watch", False)])
def test_runs_of_nobody_are_the_lecturers_where_a_class_is_served(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, mode: str, may: bool
) -> None:
    (run,) = store.submit([config(1)])
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", mode)
    if may:
        store.request_stop([run.id], A)
    else:
        with pytest.raises(NotYours):
            store.request_stop([run.id], A)
        store.request_stop([run.id], LECTURER)
    assert store.run(run.id).state == "stopped"


def test_who_may_only_watch_changes_nothing_at_all(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    (run,) = store.submit([config(1)], visitor=A)
    tasks = TaskStore(store.database, store.workers)
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "watch")
    monkeypatch.setenv("CONVNET_ATLAS_SHARED", "1")
    before = store.runs()
    assert refused(lambda: store.submit([config(1)], visitor=A)) == "train"
    assert refused(store.resume, [run.id], A) == "train"
    assert refused(tasks.submit, order(Request()), lambda: b"", A) == "search"
    for act in (store.request_stop, store.delete):
        with pytest.raises(NotYours):
            act([run.id], A)
    assert store.runs() == before
    store.request_stop([run.id], LECTURER)
    store.delete([run.id], LECTURER)
    assert not store.runs()


def test_a_store_of_before_there_were_turns_is_brought_up(url: str) -> None:
    with RunStore(url) as store:
        store.submit([config(1)], visitor=A)
        TaskStore(store.database, store.workers).submit(order(Request()), lambda: b"", A)
        with store.database.writing() as connection:
            for column in ("runs DROP COLUMN claimed", "tasks DROP COLUMN claimed", "tasks DROP COLUMN owner"):
                connection.execute(text(f"ALTER TABLE {column}"))
            connection.execute(text("UPDATE schema_version SET number = 5"))
    with RunStore(url) as store:
        store.submit([config(2)], visitor=B)
        lease = leased(store)
        assert [finished(lease), finished(lease)] == [[1], [2]]
        assert [one.key for one in task_leased(store).claim()] == [order(Request()).key]
        assert TaskStore(store.database, store.workers).status(order(Request()).key).owner == ""
