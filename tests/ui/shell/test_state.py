"""A declared field whose default moves: what was chosen stays, what nobody chose follows."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page(how: str, shared: bool) -> None:
    import streamlit as st

    from explorer.fields import slug
    from explorer.ui.shell import state

    field = slug("x", "old", shared=shared)

    def press(value: str = "") -> None:
        st.session_state["default"] = "new"
        if value and how == "assign":
            state.assign(field, value)
        elif value:
            bound.set(value)

    bound = state.bind(field, default=st.session_state.get("default", "old"))
    st.text(bound.commit())
    st.button("move", on_click=press)
    st.button("press", on_click=press, args=("old",))


def pressed(label: str, how: str, shared: bool) -> AppTest:
    app = AppTest.from_function(page, args=(how, shared)).run()
    assert app.text[0].value == "old"
    app = next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("how", ["assign", "set"])
def test_a_button_chooses_what_was_the_default_until_now(how: str, shared: bool) -> None:
    app = pressed("press", how, shared)
    assert app.text[0].value == "old"
    assert app.query_params["x"] == "old"
    assert app.run().text[0].value == "old"


@pytest.mark.parametrize("shared", [False, True])
def test_what_nobody_chose_follows_the_default(shared: bool) -> None:
    app = pressed("move", "assign", shared)
    assert app.text[0].value == "new"
    assert "x" not in app.query_params
