"""Where a computed result is kept: for all visitors, or for the one session whose own files it was made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.records import InputImage

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

_HASHED_BY: dict[Any, Callable[[Any], Any]] = {InputImage: lambda image: image.key}
_FEWER = 4  # a session keeps a quarter of what the server keeps for everybody


class Kept(Protocol[P, R_co]):
    """A function whose results are kept; `clear` forgets them, of every visitor and of this one."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...

    def clear(self) -> None: ...


def kept(*, max_entries: int, ttl: float | None = None) -> Callable[[Callable[P, R_co]], Kept[P, R_co]]:
    """Keep what a function returns, one copy that nobody changes; the oldest of `max_entries` makes room.

    Arguments are plain values, frozen records, and images, which their key stands for. What is made of a visitor's own
    image (`InputImage.own`) or of weights of one's own (a parameter `model_id` that begins with "own:") is kept in
    that visitor's session alone and is gone with it; in a thread without a session it is not kept at all.
    """

    def declare(function: Callable[P, R_co]) -> Kept[P, R_co]:
        how: dict[str, Any] = {"ttl": ttl, "show_spinner": False, "hash_funcs": _HASHED_BY}
        shared = st.cache_resource(max_entries=max_entries, **how)(function)
        session = st.cache_resource(max_entries=max(2, max_entries // _FEWER), scope="session", **how)(function)
        names = tuple(signature(function).parameters)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R_co:
            if not any(_is_own(name, value) for name, value in (*zip(names, args, strict=False), *kwargs.items())):
                return shared(*args, **kwargs)
            return session(*args, **kwargs) if get_script_run_ctx(suppress_warning=True) else function(*args, **kwargs)

        def clear() -> None:
            shared.clear()
            if get_script_run_ctx(suppress_warning=True):
                session.clear()

        call.clear = clear  # type: ignore[attr-defined]
        return cast("Kept[P, R_co]", call)

    return declare


def _is_own(name: str, value: object) -> bool:
    """Whether an argument is a visitor's own. (Data sets that are called "own:" lie on the server for everybody.)"""
    if isinstance(value, InputImage):
        return value.own
    return name == "model_id" and str(value).startswith("own:")
