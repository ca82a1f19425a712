"""Where a computed result is kept: for all visitors, or for the one session whose own files it was made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.records import InputImage
from explorer.ui.cached.budget import EVERYBODYS_BYTES, ONES_OWN_BYTES, Ledger
from explorer.ui.shell import state

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

_HASHED_BY: dict[Any, Callable[[Any], Any]] = {InputImage: lambda image: image.key}
_SHARED = Ledger(EVERYBODYS_BYTES)
_LEDGER = "_kept.ledger"
_fresh = threading.local()  # whether the call in this thread has computed, or found what was kept
_FEWER = 4  # a session keeps a quarter of what the server keeps for everybody


class Kept(Protocol[P, R_co]):
    """A function whose results are kept; `clear` forgets them, of every visitor and of this one."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...

    def clear(self) -> None: ...


def kept(*, max_entries: int, ttl: float | None = None) -> Callable[[Callable[P, R_co]], Kept[P, R_co]]:
    """Keep what a function returns, one copy that nobody changes; the oldest of `max_entries` makes room.

    All results together are kept within the bytes of `budget`, whatever function they are of.

    Arguments are plain values, frozen records, and images, which their key stands for. What is made of a visitor's own
    image (`InputImage.own`) or of weights of one's own (a parameter `model_id` that begins with "own:") is kept in
    that visitor's session alone and is gone with it; in a thread without a session it is not kept at all.
    """

    def declare(function: Callable[P, R_co]) -> Kept[P, R_co]:
        name = f"{function.__module__}.{function.__qualname__}"

        @wraps(function)
        def compute(*args: P.args, **kwargs: P.kwargs) -> R_co:
            result = function(*args, **kwargs)
            _fresh.computed = True  # after what it asked of others
            return result

        how: dict[str, Any] = {"ttl": ttl, "show_spinner": False, "hash_funcs": _HASHED_BY}
        fewer = max(2, max_entries // _FEWER)
        shared = st.cache_resource(max_entries=max_entries, **how)(compute)
        session = st.cache_resource(max_entries=fewer, scope="session", **how)(compute)

        names = tuple(signature(function).parameters)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R_co:
            if not any(_is_own(name, value) for name, value in (*zip(names, args, strict=False), *kwargs.items())):
                return cast("R_co", _booked(name, _SHARED, shared, max_entries, args, kwargs))
            if get_script_run_ctx(suppress_warning=True):
                return cast("R_co", _booked(name, _ones_own(), session, fewer, args, kwargs))
            return function(*args, **kwargs)

        def clear() -> None:
            shared.clear()
            _SHARED.forget(name)
            if get_script_run_ctx(suppress_warning=True):
                session.clear()
                _ones_own().forget(name)

        call.clear = clear  # type: ignore[attr-defined]
        return cast("Kept[P, R_co]", call)

    return declare


def _booked(name: str, ledger: Ledger, cached: Any, most: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a cached function returns, entered into a ledger."""
    _fresh.computed = False
    result = cached(*args, **kwargs)
    of = *map(_key, args), *((word, _key(value)) for word, value in sorted(kwargs.items()))
    weighed = (args, kwargs, result) if _fresh.computed else None
    ledger.used(name, of, most, weighed, lambda: cached.clear(*args, **kwargs))
    _fresh.computed = False
    return result


def _ones_own() -> Ledger:
    """The ledger of this session."""
    ledger: Ledger = state.get(_LEDGER, None) or Ledger(ONES_OWN_BYTES)
    state.put(_LEDGER, ledger)
    return ledger


def _key(value: Any) -> Hashable:
    """A value of an argument in a ledger."""
    if isinstance(value, InputImage):
        return value.key
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return cast("Hashable", value)


def _is_own(name: str, value: object) -> bool:
    """Whether an argument is a visitor's own. (Data sets that are called "own:" lie on the server for everybody.)"""
    if isinstance(value, InputImage):
        return value.own
    return name == "model_id" and str(value).startswith("own:")
