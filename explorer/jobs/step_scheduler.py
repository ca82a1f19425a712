"""Whose step is next: the runs of a group advance together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LEAD = 2
"""So many of its own steps may a run be ahead of the least advanced one: enough that no core waits for a slow step."""


@dataclass(slots=True)
class _Place:
    """Where a run stands: the share of its steps that is done, and what one step adds to it."""

    share: float = 0.0
    step: float = 1.0
    waits: bool = False
    goes: bool = False


class Turns:
    """A turnstile for the runs of a group: `at_once` of them compute, and the least advanced is let in first.

    Without it the threads of a group would share the cores as the system likes: short steps would be through while long
    ones have hardly begun, and curves that are to be compared would not be there together. What a run computes does not
    depend on when it is let in.
    """

    def __init__(self, names: Iterable[str], at_once: int) -> None:
        self._at_once = at_once
        self._places = {name: _Place() for name in names}
        self._moved = threading.Condition()

    def wait(self, name: str, done: int, total: int, given_up: Callable[[], bool] = lambda: False) -> None:
        """Wait until a run that has done `done` of its `total` steps may do the next, or until it is `given_up`.

        The turn lasts until the run waits for its next one, or leaves.
        """
        with self._moved:
            place = self._places[name]
            place.share, place.step, place.waits, place.goes = done / total, 1 / total, True, False
            self._moved.notify_all()
            self._moved.wait_for(lambda: self._is_next(place) or given_up())
            place.waits, place.goes = False, True
            self._moved.notify_all()  # another core may be free

    def leave(self, name: str) -> None:
        """A run that is over holds nobody up."""
        with self._moved:
            self._places.pop(name, None)
            self._moved.notify_all()

    def look_again(self) -> None:
        """Somebody who waits was given up."""
        with self._moved:
            self._moved.notify_all()

    def _is_next(self, place: _Place) -> bool:
        places = self._places.values()
        if sum(other.goes for other in places) >= self._at_once:
            return False
        first = min((other for other in places if other.waits), key=lambda other: other.share)
        slowest = min(other.share for other in places)
        return place is first and place.share - slowest <= LEAD * place.step
