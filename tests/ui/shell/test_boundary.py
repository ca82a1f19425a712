"""What falls inside a part of a page stays inside it, and is said in one sentence."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text


def page() -> None:
    import streamlit as st

    from explorer.errors import ExplorerError
    from explorer.ui.shell.boundary import fragment

    def draw() -> None:
        st.text("begun")
        if st.query_params["falls"] == "on purpose":
            raise ExplorerError("There is no channel 99.")
        raise KeyError("secret")

    fragment(draw)
    st.text("and on")


@pytest.mark.parametrize(
    ("falls", "sentence"),
    [
        ("on purpose", text.say("en", "frame.refused", problem="There is no channel 99.")),
        ("by mistake", text.say("en", "frame.failed", kind="KeyError")),
    ],
)
def test_a_part_that_falls_says_so_and_the_rest_of_the_page_stays(falls: str, sentence: str) -> None:
    one = AppTest.from_function(page, default_timeout=240)
    one.query_params["falls"] = falls
    one.run()
    assert not one.exception
    assert [error.value for error in one.error] == [sentence]
    assert [element.value for element in one.text] == ["begun", "and on"]
