"""Two browsers: what one has started, the other may look at and leave, and nothing else.

Behind `test_training`, which counts the runs in the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from explorer.text import say
from tests.browser.conftest import Visitor


def test_a_second_browser_cannot_stop_what_the_first_has_started(
    visitor: Visitor, stranger: Callable[[str], Visitor]
) -> None:
    page = visitor.go("/degradation?lang=en&shallow=8&deep=14&steps=800&seed=77&step=0")
    page.get_by_role("button", name=say("en", "degradation.train"), exact=True).click()
    bars = page.get_by_test_id("stProgress")
    expect(bars.filter(has_text=re.compile(r"step [1-9]\d* of 800")).first).to_be_visible()
    other = stranger("en-US").go(page.url.removeprefix(visitor.url))
    main = other.get_by_test_id("stMain")
    expect(main.get_by_text(say("en", "lab.not_yours"))).to_be_visible()
    expect(main.get_by_role("button", name=say("en", "lab.stop"), exact=True)).to_have_count(0)
    page.reload()  # a new session of the same browser
    page.get_by_test_id("stMain").get_by_role("button", name=say("en", "lab.stop"), exact=True).click()
    expect(bars.filter(has_text="stopped at step")).to_have_count(4)
