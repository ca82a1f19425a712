"""The runs of a group advance together, and each has the same curve as alone."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from explorer.jobs import RunStore, worker as worker_module
from explorer.jobs.lease import Lease
from explorer.jobs.running import Trainer
from explorer.jobs.step_scheduler import LEAD, StepScheduler
from explorer.jobs.worker import train_group, work
from explorer.records import TrainConfig, TrainPoint
from explorer.training import train
from explorer.training.presets import DIGITS, degradation
from tests.jobs.conftest import ON_SQLITE, PATIENCE, until
from tests.jobs.fake import config

SHALLOW, DEEP = 0.0005, 0.004  # seconds a step
FAKE = Trainer.load("tests.jobs.fake:train")


class Watched(Lease):
    """A lease that records the progress of all runs after each write: every state that a reader could see."""

    def __init__(self, store: RunStore) -> None:
        super().__init__(store)
        self.moments: list[tuple[Fraction, ...]] = []

    def _note(self) -> None:
        self.moments.append(tuple(Fraction(run.step, run.config.steps) for run in self.store.runs()))

    def heartbeat(self, *arguments: Any) -> frozenset[str]:
        asked = super().heartbeat(*arguments)
        self._note()
        return asked

    def append(self, *arguments: Any) -> None:
        super().append(*arguments)
        self._note()

    def save_checkpoint(self, *arguments: Any) -> None:
        super().save_checkpoint(*arguments)
        self._note()


def trained(store: RunStore, trainer: Trainer) -> list[tuple[Fraction, ...]]:
    """Train what is queued in this process; returns the successive states of the runs' progress."""
    lease = Watched(store)
    assert lease.acquire()
    work(lease, partial(train_group, lease, trainer), threading.Event())
    return list(dict.fromkeys(lease.moments))


@pytest.mark.parametrize("cores", [1, 2, 4, 16])
@ON_SQLITE
def test_at_every_moment_in_the_store_the_group_is_together(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr(worker_module, "_cores", lambda: cores)
    steps = 150
    configs = [config(seed, steps=steps, pause=pause) for seed, pause in enumerate((SHALLOW, DEEP, SHALLOW, DEEP))]
    store.submit(configs)
    moments = trained(store, FAKE)
    assert len(moments) > 10
    assert moments[-1] == (1,) * 4
    # A point is reported before its run asks for its next turn: one step more than the lead.
    assert max(steps * (max(moment) - min(moment)) for moment in moments) <= LEAD + 1


@ON_SQLITE
def test_runs_of_unequal_length_are_together_in_their_share(store: RunStore) -> None:
    short, long = 40, 400
    store.submit([config(0, steps=short, pause=SHALLOW), config(1, steps=long, pause=SHALLOW)])
    moments = trained(store, FAKE)
    assert len(moments) > 5
    for here, there in moments:
        assert short * (here - there) <= LEAD + 1
        assert long * (there - here) <= LEAD + 1


@ON_SQLITE
def test_runs_resumed_at_different_steps_end_together(store: RunStore) -> None:
    first, second = store.submit([config(0, steps=200), config(1, steps=200)])
    lease = Lease(store)
    assert lease.acquire()
    assert len(lease.claim()) == 2
    lease.save_checkpoint(first.id, 150, b"[150, 0.3]")
    lease.close()
    store.resume([first.id, second.id])
    moments = [moment for moment in trained(store, FAKE) if moment[0] > Fraction(3, 4)]
    assert len(moments) > 5
    for far, near in moments:
        assert abs((4 * far - 3) - near) <= Fraction(LEAD + 1, 50)


@ON_SQLITE
def test_each_curve_is_the_one_it_is_alone(store: RunStore) -> None:
    small = replace(DIGITS, steps=12, eval_every=6, log_every=1, checkpoint_every=5)
    configs = degradation(replace(small, options=(("base", 4),)), (8, 14))
    runs = store.submit(configs)
    moments = trained(store, Trainer.load("explorer.training:train"))
    assert max(12 * (max(moment) - min(moment)) for moment in moments) <= LEAD + 1
    for run, each in zip(runs, configs, strict=True):
        assert timeless(store.points(run.id)) == alone(each)


def alone(one: TrainConfig) -> list[TrainPoint]:
    return timeless(list(train(one, device="cpu")))


def timeless(points: Sequence[TrainPoint]) -> list[TrainPoint]:
    return [replace(point, seconds=0.0, images_per_second=0.0) for point in points]


# --- the turnstile itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 2, 3, 8])
def test_no_more_compute_at_once_and_none_is_far_ahead(at_once: int) -> None:
    totals, costs = {"a": 60, "b": 60, "c": 20, "d": 30}, {"a": 0.0, "b": 0.002, "c": 0.001, "d": 0.0}
    scheduler, noting = StepScheduler(totals, at_once), threading.Lock()
    log: list[tuple[str, int]] = []

    def run(name: str) -> None:
        for step in range(totals[name]):
            scheduler.wait(name, step, totals[name])
            with noting:
                log.append((name, 1))
            time.sleep(costs[name])
            with noting:
                log.append((name, -1))
        scheduler.leave(name)

    threads = [threading.Thread(target=run, args=(name,)) for name in totals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    busy, ended = 0, Counter(dict.fromkeys(totals, 0))
    for name, change in log:
        busy += change
        assert busy <= at_once
        if change == 1:
            slowest = min(Fraction(ended[other], totals[other]) for other in totals)
            assert ended[name] - slowest * totals[name] <= LEAD
        else:
            ended[name] += 1
    assert ended == totals


def test_a_run_may_be_as_far_ahead_as_the_lead_and_no_further() -> None:
    """The other run does not advance: a step that would have to wait is cancelled, and recorded."""
    scheduler, waited = StepScheduler(("a", "b"), 2), list[int]()
    for done in range(LEAD + 2):
        scheduler.wait("a", done, 8, lambda done=done: not waited.append(done))  # type: ignore[misc]
    assert waited == [LEAD + 1]


def test_who_is_given_up_does_not_wait_and_who_leaves_holds_nobody_up() -> None:
    scheduler, given_up, through = StepScheduler(("a", "b", "c"), 1), threading.Event(), list[str]()

    def come(name: str, done: int) -> None:
        scheduler.wait(name, done, 10, given_up.is_set if name == "b" else lambda: False)
        through.append(name)

    scheduler.wait("a", 0, 10)
    threads = [threading.Thread(target=come, args=each) for each in (("b", 0), ("c", 9))]
    for thread in threads:
        thread.start()
    given_up.set()
    scheduler.recheck()
    until(lambda: through == ["b"])
    scheduler.leave("b")
    assert through == ["b"], "the only turn is still a's, and c is far ahead of it"
    scheduler.leave("a")
    until(lambda: through == ["b", "c"])
    for thread in threads:
        thread.join(PATIENCE)
