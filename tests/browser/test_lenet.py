"""The drawing pad in a real browser: a stroke is prepared, sent, answered; clearing takes it all away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor

STILL = """pad => new Promise(done => {
    let before, same = 0;
    const look = () => {
        const {x, y} = pad.getBoundingClientRect();
        same = `${x} ${y}` === before ? same + 1 : 0;
        before = `${x} ${y}`;
        same < 20 ? requestAnimationFrame(look) : done();
    };
    look();
})"""
"""The pad has not moved for 20 frames: images above it that arrive late push it away from under the pen."""
SEVEN = ((0.30, 0.20), (0.72, 0.20), (0.45, 0.85))


def stroke(page: Page, points: tuple[tuple[float, float], ...]) -> None:
    """Draw through points, given as shares of the pad's sides."""
    pad = page.get_by_test_id("stMain").locator("canvas[role=img][aria-label]")  # it has a name once it listens
    pad.scroll_into_view_if_needed()
    pad.evaluate(STILL)
    box = pad.bounding_box()
    assert box is not None
    first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*first)
    page.mouse.down()
    for point in others:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_drawn_seven_is_answered_and_cleared(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/lenet?lang={lang}")
    main = page.get_by_test_id("stMain")
    empty = main.get_by_text(say(lang, "pad.empty"))
    expect(empty).to_be_visible()
    stroke(page, SEVEN)
    answer = say(lang, "lenet.says_digit", best=7, share="#").split("**")[1]
    expect(main.get_by_text(re.compile(re.escape(answer)))).to_be_visible()
    expect(main.get_by_role("img", name=re.compile("^(C1|S2|C3|S4)"))).to_have_count(4)
    main.get_by_role("button", name=say(lang, "pad.clear"), exact=True).click()
    expect(empty).to_be_visible()


def test_a_test_image_needs_no_pen(visitor: Visitor) -> None:
    page = visitor.go("/lenet?lang=en&pen=test")
    number = page.get_by_label(say("en", "control.number"))
    number.fill("5")
    number.press("Enter")
    visitor.wait_for(number="5", pen="test")
    title = say("en", "data.digits28")
    expect(page.get_by_text(say("en", "pad.truth", number=5, title=title, truth="#").split("#")[0])).to_be_visible()
