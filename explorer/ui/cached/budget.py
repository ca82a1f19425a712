"""How many bytes cached results may take together: whatever was used longest ago makes room.

A number of entries alone bounds nothing: the feature maps of one network take a thousand times those of another.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from typing import Any

EVERYBODYS_BYTES = 800_000_000
"""For the results that all visitors share: with Python, PyTorch and the pages themselves, below 3 GB.

It takes the largest network and all its maps: with less, VGG-19 and its maps drove each other out, four times a page.
"""

ONES_OWN_BYTES = 200_000_000
"""For what is made of one visitor's own image or weights."""

_WORTH_A_SEARCH = 50_000_000  # bytes: looking through all objects takes a tenth of a second or more

_MOST_OBJECTS = 200_000  # looked at in one result: a trace of thousands of layers has fewer


class Ledger:
    """The results that are kept, by size, those used last at the end; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[tuple[str, Hashable], tuple[int, Callable[[], None]]] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """Bytes of all results together."""
        with self._lock:
            return self._total

    def used(self, function: str, of: Hashable, most: int, computed: object, drop: Callable[[], None]) -> None:
        """Note that the result of a function `of` some arguments was used; the last one used always stays.

        It is weighed where it was `computed` just now, else that is None. Of one function its cache keeps the `most`
        last ones, and so does this. Results used longest ago are dropped, by calling their `drop`, until all fit.
        """
        with self._lock:
            known = self._entries.get((function, of))
            if known is not None and computed is None:
                self._entries.move_to_end((function, of))
                return
            self._remove((function, of))
            size = weigh(computed)
            self._entries[function, of] = size, drop
            self._total += size
            before = self._total
            if known is None:
                same = [key for key in self._entries if key[0] == function]
                for key in same[: max(0, len(same) - most)]:
                    self._remove(key)
            drops = list(self._over())
            freed = before - self._total
        for forget in drops:
            forget()
        if drops or freed >= _WORTH_A_SEARCH:
            _give_back(cycles=freed >= _WORTH_A_SEARCH)

    def forget(self, function: str) -> None:
        """Nothing of a function is kept any more."""
        with self._lock:
            for key in [key for key in self._entries if key[0] == function]:
                self._remove(key)

    def _remove(self, key: tuple[str, Hashable]) -> None:
        size, _ = self._entries.pop(key, (0, None))
        self._total -= size

    def _over(self) -> Iterator[Callable[[], None]]:
        while self._total > self._most and len(self._entries) > 1:
            _, (size, drop) = self._entries.popitem(last=False)
            self._total -= size
            yield drop


def _give_back(*, cycles: bool) -> None:
    """Hand freed memory back to the system: the C library would keep it, in an arena for each thread.

    A network refers to itself, and is gone only when Python looks for `cycles`: that counts objects, not bytes, and six
    networks of half a gigabyte were waiting for it.
    """
    if cycles:
        gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library has no such call
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def weigh(result: object) -> int:
    """Bytes of the arrays, tensors, texts and images in a result, each counted once; small objects count nothing."""
    total, seen, left = 0, set[int](), [result]
    while left and len(seen) < _MOST_OBJECTS:
        value = left.pop()
        if value is None or isinstance(value, int | float | complex | bool):
            continue
        identity, size, parts = _look(value)
        if identity not in seen:
            seen.add(identity)
            total += size
            left.extend(parts)
    return total


def _look(value: Any) -> tuple[int, int, list[Any]]:
    """What an object is known by, its own bytes, and what else to look at. Torch is not imported for it."""
    if isinstance(value, str | bytes | bytearray):
        return id(value), len(value), []
    if hasattr(value, "untyped_storage"):  # a tensor: views share what is stored; one on "meta" stores nothing
        if value.device.type == "meta":
            return id(value), 0, []
        storage = value.untyped_storage()
        return storage.data_ptr(), storage.nbytes(), []
    if hasattr(value, "nbytes") and hasattr(value, "base"):  # an array, perhaps a view of another one
        return (id(value), 0, [value.base]) if hasattr(value.base, "nbytes") else (id(value), int(value.nbytes), [])
    if isinstance(value, Mapping):
        return id(value), 0, [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return id(value), 0, list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return id(value), 0, [getattr(value, field.name) for field in fields(value)]
    return id(value), 0, [] if isinstance(value, type) else list(getattr(value, "__dict__", {}).values())
