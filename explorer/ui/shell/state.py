"""Session state and the address, in one place.

Each value of a page lives in three spots: the widget's key in `session_state` (Streamlit drops it when its page is
left), a kept copy (survives the page switch) and, unless it is the default, a query parameter (survives everything).
`bind` before the widget, `commit` after it. Codes go into the address, never labels, so that a link works in every
language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from explorer.fields import Field

T = TypeVar("T")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

Allowed = Container[T] | Callable[[T], bool] | None


@dataclass(frozen=True, slots=True)
class Bound(Generic[T]):
    """A field for one run of a page: the key of its widget, the value it has, and its default at this moment.

    `linked` is whether the value was just read from an address, `chosen` whether it is somebody's choice, be it the
    default: pages that share a field may have different defaults, and a choice outlives them.
    """

    field: Field[T]
    key: str
    value: T
    usual: T
    linked: bool = False
    chosen: bool = False

    def commit(self) -> T:
        """After the widget: keep its value and put it into the address, unless it is the default. Returns it."""
        value: T = st.session_state.get(self.key, self.value)
        st.session_state[f"_kept.{self.key}"] = value
        carried = self.chosen and value == self.value
        st.session_state[f"_usual.{self.key}"] = None if carried else self.usual
        _write(self.field.name, None if value == self.usual else self.field.write(value))
        return value

    def set(self, value: T) -> None:
        """Another value, from a callback or before the widget is drawn."""
        _choose(self.key, value)


def bind(field: Field[T], *, allowed: Allowed[T] = None, default: T | None = None, owner: object = "") -> Bound[T]:
    """The value of a field: from the address if that is new, else what was chosen before, else its default.

    `allowed` (a collection, or a test) is what it may be now; anything else becomes the default, and what stood in an
    address is said once. `default` replaces the field's own. `owner` is what the value belongs to, a network for
    example: another one has a value of its own.
    """
    key, usual = _key(field, owner), field.default if default is None else default
    raw, known = st.query_params.get(field.name), st.session_state.get(f"_url.{field.name}")
    linked = raw is not None and raw != known
    chosen = linked and field.shared
    if linked:
        value = _parsed(field, str(raw), allowed, usual)
    elif raw is None and known is not None:
        value = usual  # the parameter was taken away: the Back button
    else:
        value = st.session_state.get(key, st.session_state.get(f"_kept.{key}", usual))
        by_default = value == st.session_state.get(f"_usual.{key}")  # nobody chose it, and the default may have moved
        chosen = field.shared and not by_default and f"_kept.{key}" in st.session_state
        value = usual if by_default or not _is_allowed(value, allowed) else value
    # Set anew on every run: a widget inside a popover is built when that opens, and takes what was set last.
    st.session_state[key] = value
    return Bound(field, key, value, usual, linked, chosen)


def assign(field: Field[T], value: T, *, owner: object = "") -> None:
    """Set a field's value from a callback, before the next `bind`."""
    _choose(_key(field, owner), value)


def _choose(key: str, value: object) -> None:
    """Somebody's choice, even if it is the default of the run before, which the next run may have no more."""
    st.session_state[key], st.session_state[f"_usual.{key}"] = value, None


def peek(field: Field[T], *, owner: object = "") -> T:
    """A field's last value without binding it; its default if it was never bound."""
    key = _key(field, owner)
    value: T = st.session_state.get(key, st.session_state.get(f"_kept.{key}", field.default))
    return value


def _key(field: Field[Any], owner: object) -> str:
    home = "shared" if field.shared else page()
    return f"{home}.{field.name}" + (f"@{owner}" if owner else "")


def _parsed(field: Field[T], raw: str, allowed: Allowed[T], usual: T) -> T:
    try:
        if _UNSTORABLE.search(raw):  # no name of ours, and PostgreSQL would refuse to be asked for it
            raise ValueError(raw)
        value = field.parse(raw)
    except (ValueError, OverflowError):
        value, fits = usual, False
    else:
        fits = _is_allowed(value, allowed)
    if not fits:
        notice(field.name, raw)
    return value if fits else usual


def _is_allowed(value: T, allowed: Allowed[T]) -> bool:
    return allowed is None or (allowed(value) if callable(allowed) else value in allowed)


def _write(name: str, text: str | None) -> None:
    if text is None and name in st.query_params:
        del st.query_params[name]
    elif text is not None and st.query_params.get(name) != text:
        st.query_params[name] = text
    st.session_state[f"_url.{name}"] = text


def forget_address() -> None:
    """Forget the parameters already read: after a page switch those in the address are new."""
    for key in [key for key in st.session_state if str(key).startswith("_url.")]:
        del st.session_state[key]


def forget_parameters(prefix: str, keep: Container[str]) -> None:
    """Remove the parameters starting with `prefix` that are not in `keep`."""
    for name in [n for n in st.query_params if n.startswith(prefix) and n not in keep]:
        del st.query_params[name]
        st.session_state[f"_url.{name}"] = None


def put(key: str, value: Any) -> None:
    """Store a value in the session."""
    st.session_state[key] = value


def pop(key: str) -> Any:
    """Remove a session value and return it; None if there is none."""
    return st.session_state.pop(key, None)


def get(key: str, default: Any) -> Any:
    """A session value, or `default`."""
    return st.session_state.get(key, default)


def page() -> str:
    """The slug of the page that is open."""
    return str(get("_page", ""))


def notice(name: str, raw: str) -> None:
    """Queue a notice, shown at the end of the run, that an address value could not be used."""
    notices().append((name, raw))


def notices() -> list[tuple[str, str]]:
    """Pending notices about the address: (parameter, text)."""
    found: list[tuple[str, str]] = st.session_state.setdefault("_notices", [])
    return found


# --- the address itself -----------------------------------------------------------------------------------------------


def parameter(name: str) -> str | None:
    """The text of a parameter, None where the address has none."""
    return st.query_params.get(name)


def is_linked(besides: Container[str]) -> bool:
    """Whether the address has come with a value other than `besides`: asked before any field of the page is bound."""
    query = st.query_params
    return any(query[name] != st.session_state.get(f"_url.{name}") for name in query if name not in besides)


def parameters() -> tuple[str, ...]:
    """The names of all parameters in the address."""
    return tuple(st.query_params)


def set_parameter(name: str, text: str) -> None:
    """Put a parameter into the address."""
    if st.query_params.get(name) != text:
        st.query_params[name] = text
