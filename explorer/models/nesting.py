"""Find every tensor in what was parsed from a file, under the name that leads to it: "ema.module.conv1.weight"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from explorer.models.pickles import Budget, GlobalName, UnexecutedCall

_REBUILDS_TENSORS = "_rebuild_"  # prefix of the functions that construct tensors
_INSIDE_MODULES = frozenset({"_modules", "_parameters", "_buffers"})  # of a module saved whole: no key has them
_COST = 5  # a step of the walk takes as long as so many of a pickle
_DEEPEST, _LONGEST = 64, 400  # what is nested deeper, or has a longer name, is no tensor of a network

Entries = Iterable[tuple[str, Any]]


class Walk:
    """A walk through mappings, lists and unexecuted objects; it takes from the steps that a file has left."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.met_objects = False
        self._above = set[int]()  # what the walk is inside of: a value that holds itself is entered once

    def tensors(self, value: Any, name: str = "") -> Iterator[tuple[str, UnexecutedCall]]:
        """The name and the call of each tensor, in the order of the file. Raises `TooManySteps`."""
        self.budget.charge(_COST)
        if is_tensor(value):
            yield name, value
            return
        self.met_objects |= isinstance(value, UnexecutedCall | GlobalName)
        if id(value) in self._above or len(self._above) >= _DEEPEST:
            return
        self._above.add(id(value))
        for key, item in _entries(value):
            if len(name) + len(key) < _LONGEST:
                part = "" if key in _INSIDE_MODULES else key
                yield from self.tensors(item, ".".join(filter(None, (name, part))))
        self._above.discard(id(value))


def is_tensor(value: Any) -> bool:
    """Whether a parsed value stands for a tensor."""
    if not isinstance(value, UnexecutedCall) or not isinstance(value.function, GlobalName):
        return False
    return value.function.name.startswith(_REBUILDS_TENSORS)


def _entries(value: Any) -> Entries:
    """What a value holds, by name: a list by position, what an object is made from by no name of its own."""
    if isinstance(value, dict):
        return value.items()
    if isinstance(value, list | tuple):
        return ((str(position), item) for position, item in enumerate(value))
    if isinstance(value, UnexecutedCall):
        made_from = value.arguments if isinstance(value.arguments, tuple) else ()
        given = value.attributes if isinstance(value.attributes, tuple) else (value.attributes,)  # (dict, slots)
        unnamed = (("", item) for item in (*made_from, *given) if isinstance(item, dict | list | tuple))
        return chain(value.entries.items(), unnamed)
    return ()
