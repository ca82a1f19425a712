"""What all visitors of a server share of what was read from the run store."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, those that were used last; safe between threads.

    Nothing is locked while a value is read from elsewhere: who waits for a slow database holds up nobody else.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value of a key, None where there is none."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V, better: Callable[[V, V], bool] = lambda new, old: True) -> None:
        """Remember a value, unless somebody has put one meanwhile that it is not `better` than."""
        with self._lock:
            if key not in self._values or better(value, self._values[key]):
                self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def forget(self, keys: Iterable[K]) -> None:
        """Drop some."""
        with self._lock:
            for key in keys:
                self._values.pop(key, None)
