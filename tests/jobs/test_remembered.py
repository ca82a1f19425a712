"""What visitors share of the run store: a slow read holds up nobody, and nothing is lost or told twice."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence

import pytest

from explorer.jobs.remembered import Remembered
from explorer.records import TrainingRun, TrainPoint
from explorer.ui.cached import runs as cached_runs
from tests.jobs.conftest import PATIENCE, until
from tests.jobs.fake import config, undisturbed

CURVE = undisturbed(config())


def run_of(run_id: str) -> TrainingRun:
    return TrainingRun(run_id, config(), "running", "group", 0.0)


class Store:
    """A service with a curve that grows with every look; it answers when it may."""

    def __init__(self) -> None:
        self.may = {"slow": threading.Event(), "quick": threading.Event()}
        self.asked: list[str] = []
        self.there = 0

    def points(self, run_id: str, after: int = -1) -> tuple[TrainPoint, ...]:
        self.asked.append(run_id)
        self.may[run_id].wait(3 * PATIENCE)
        self.there += 1
        return tuple(point for point in CURVE[: self.there] if point.step > after)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    one = Store()
    monkeypatch.setattr(cached_runs, "service", lambda: one)
    monkeypatch.setattr(cached_runs, "_points", Remembered(64))
    return one


def test_who_waits_for_a_slow_database_holds_up_nobody(store: Store) -> None:
    got: list[Sequence[TrainPoint]] = []
    store.may["quick"].set()
    slow = threading.Thread(target=lambda: got.append(cached_runs.points(run_of("slow"))))
    slow.start()
    until(lambda: store.asked == ["slow"])
    quick = threading.Thread(target=lambda: got.append(cached_runs.points(run_of("quick"))), daemon=True)
    quick.start()
    until(lambda: len(got) == 1)
    assert store.asked == ["slow", "quick"]
    store.may["slow"].set()
    slow.join(PATIENCE)
    assert len(got) == 2


def test_every_visitor_sees_a_curve_without_holes(store: Store) -> None:
    for event in store.may.values():
        event.set()
    seen: list[Sequence[TrainPoint]] = []

    def look() -> None:
        for _ in range(15):
            seen.append(cached_runs.points(run_of("quick")))
            time.sleep(random.Random(len(seen)).uniform(0, 0.002))

    visitors = [threading.Thread(target=look) for _ in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(seen) == 90
    assert all(tuple(points) == CURVE[: len(points)] for points in seen)
    assert max(map(len, seen)) > 60
    cached_runs.forget(["quick"])
    assert tuple(cached_runs.points(run_of("quick"))) == CURVE[: store.there]


def test_the_last_used_are_remembered_and_the_better_stays() -> None:
    kept: Remembered[str, int] = Remembered(2)
    for key in ("a", "b"):
        kept.put(key, 1)
    assert kept.get("a") == 1
    kept.put("c", 1)
    assert [kept.get(key) for key in "abc"] == [1, None, 1]
    kept.put("a", 0, better=lambda new, old: new > old)
    assert kept.get("a") == 1
    kept.put("a", 5, better=lambda new, old: new > old)
    assert kept.get("a") == 5
    kept.forget(["a", "nothing"])
    assert kept.get("a") is None
