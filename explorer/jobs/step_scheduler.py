"""Schedule the steps of the runs in a group, so that they advance together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LEAD = 2
"""How many of its steps a run may be ahead of the least advanced one: enough that no core waits for a slow step."""


@dataclass(slots=True)
class _Progress:
    """Fraction of a run's steps that is done, the fraction of one step, and whether the run waits or computes."""

    done: float = 0.0
    step: float = 1.0
    waits: bool = False
    computes: bool = False


class StepScheduler:
    """Lets at most `at_once` runs of a group compute a step, the least advanced first.

    Without it the operating system would share the cores among the threads of a group: short steps would be done while
    long ones have hardly begun, and curves to be compared would not grow together. The order does not change what a run
    computes.
    """

    def __init__(self, names: Iterable[str], at_once: int) -> None:
        self._at_once = at_once
        self._progress = {name: _Progress() for name in names}
        self._changed = threading.Condition()

    def wait(self, name: str, done: int, total: int, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Wait until a run that has done `done` of its `total` steps may do the next, or until it is `cancelled`.

        The run counts as computing until it waits for its next step, or leaves.
        """
        with self._changed:
            run = self._progress[name]
            run.done, run.step, run.waits, run.computes = done / total, 1 / total, True, False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_next(run) or cancelled())
            run.waits, run.computes = False, True
            self._changed.notify_all()  # another core may be free

    def leave(self, name: str) -> None:
        """Remove a run that has ended."""
        with self._changed:
            self._progress.pop(name, None)
            self._changed.notify_all()

    def recheck(self) -> None:
        """Make the waiting runs check whether they were cancelled."""
        with self._changed:
            self._changed.notify_all()

    def _is_next(self, run: _Progress) -> bool:
        runs = self._progress.values()
        if sum(other.computes for other in runs) >= self._at_once:
            return False
        first = min((other for other in runs if other.waits), key=lambda other: other.done)
        slowest = min(other.done for other in runs)
        return run is first and run.done - slowest <= LEAD * run.step
