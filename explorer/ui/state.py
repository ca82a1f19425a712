"""Session state and the URL, in one place.

Each shared value lives in three spots: the widget's key in `session_state` (Streamlit drops it when its page is left),
a kept copy (survives the page switch) and, unless it is the default, a query parameter (survives everything). `seed`
before the widget, `publish` after it. Codes go into the URL, never labels, so that a link works in every language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from explorer.text import LANGUAGES, plain, say

_MOST_NOTICES = 5


def language() -> str:
    """The language of this session."""
    return str(st.session_state.get("lang", "en"))


def _browser_language() -> str:
    return "zh" if (st.context.locale or "en").lower().startswith("zh") else "en"


def language_from_url() -> None:
    """Take the language from the URL, else keep the session's, else the browser's."""
    raw = st.query_params.get("lang")
    if raw is not None and raw != st.session_state.get("_url.lang"):
        if raw in LANGUAGES:
            st.session_state["lang"] = raw
        else:
            _notices().append(("lang", raw))
    st.session_state["lang"] = st.session_state.get("lang", _browser_language())
    st.session_state["_url.lang"] = raw


def publish_language() -> None:
    """Put the language into the URL beside any other state, so that a link restores both.

    An address that says nothing else is left alone in the browser's own language: adding to it would add a step to the
    history, and the Back button would come back here for ever.
    """
    bare = not any(name != "lang" for name in st.query_params)
    wanted = None if bare and language() == _browser_language() else language()
    if wanted is not None and st.query_params.get("lang") != wanted:
        st.query_params["lang"] = wanted
    st.session_state["_url.lang"] = st.query_params.get("lang")


def page_is(slug: str) -> None:
    """Note which page is about to run: a switch of page empties the address, the Back button does not switch pages."""
    st.session_state["_switched"] = st.session_state.get("_page") != slug
    st.session_state["_page"] = slug


def seed(key: str, default: Any, parse: Callable[[str], Any], parameter: str | None = None) -> None:
    """Before the widget `key`: its value from the URL if that is new, else the kept one, else the default.

    `parse` turns the text of the parameter into a value and raises `ValueError` for one that cannot be: the default is
    taken, and the page says so.
    """
    name = parameter or key
    raw, known = st.query_params.get(name), st.session_state.get(f"_url.{name}")
    if raw is not None and raw != known:
        try:
            st.session_state[key] = parse(raw)
        except ValueError:
            st.session_state[key] = default
            _notices().append((name, raw))
    elif raw is None and known is not None and not st.session_state.get("_switched", False):
        st.session_state[key] = default  # the parameter was taken away: the Back button
    else:
        # Set anew on every run: a widget inside a popover is built when that opens, and takes what was set last.
        st.session_state[key] = st.session_state.get(key, st.session_state.get(f"_kept.{key}", default))


def publish(key: str, default: Any, parameter: str | None = None) -> Any:
    """After the widget `key`: keep its value and put it into the URL, unless it is the default. Returns the value."""
    name, value = parameter or key, st.session_state[key]
    st.session_state[f"_kept.{key}"] = value
    text = None if value == default else _written(value)
    if text is None and name in st.query_params:
        del st.query_params[name]
    elif text is not None and st.query_params.get(name) != text:
        st.query_params[name] = text
    st.session_state[f"_url.{name}"] = text
    return value


def put(key: str, value: Any) -> None:
    """Set a widget's value from a callback."""
    st.session_state[key] = value


def take(key: str) -> Any:
    """A value that is to be seen once; None if there is none."""
    return st.session_state.pop(key, None)


def get(key: str, default: Any) -> Any:
    """A widget's value before it is drawn."""
    return st.session_state.get(key, default)


def _written(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def forget_parameters(prefix: str, keep: Iterable[str]) -> None:
    """Remove the query parameters starting with `prefix` that nobody owns any more."""
    for name in [n for n in st.query_params if n.startswith(prefix) and n not in set(keep)]:
        del st.query_params[name]
        st.session_state[f"_url.{name}"] = None


def one_of(allowed: Iterable[Any]) -> Callable[[str], Any]:
    """A parser for `seed`: the allowed value that is written like this."""
    by_text = {_written(value): value for value in allowed}

    def parse(raw: str) -> Any:
        if raw not in by_text:
            raise ValueError(raw)
        return by_text[raw]

    return parse


def number(low: float, high: float, kind: type = int) -> Callable[[str], Any]:
    """A parser for `seed`: a number between `low` and `high`."""

    def parse(raw: str) -> Any:
        value = kind(raw)
        if not low <= value <= high:
            raise ValueError(raw)
        return value

    return parse


def dark() -> bool:
    """Whether the page is shown in the dark theme."""
    return bool(st.context.theme.type == "dark")


def _notices() -> list[tuple[str, str]]:
    notices: list[tuple[str, str]] = st.session_state.setdefault("_notices", [])
    return notices


def notice(name: str, raw: str) -> None:
    """Say, when this run is over, that a part of a value in the URL could not be used."""
    _notices().append((name, raw))


def show_notices() -> None:
    """Say, once, which values of the URL could not be used: the first few, and how many more there are."""
    notices = _notices()
    for name, raw in notices[:_MOST_NOTICES]:
        st.toast(say(language(), "url.notice", name=name, value=plain(raw, 40)), icon=":material/link_off:")
    more = len(notices) - _MOST_NOTICES
    if more > 0:
        st.toast(say(language(), "url.more", count=f"{more:,}"), icon=":material/link_off:")
    notices.clear()
