"""1x1 and Inception in a real browser: a grid under mouse and keys, a weight typed over, views by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor, still


def plane(page: Page, key: str) -> Locator:
    return page.locator(f"canvas[data-plane={key}]")


def cell(page: Page, key: str, row: int, column: int, rows: int = 6) -> tuple[float, float]:
    """The middle of a cell, in pixels of its canvas."""
    box = still(plane(page, key)).bounding_box()
    assert box
    side = box["width"] / rows
    return (column + 0.5) * side, (row + 0.5) * side


def test_pointing_and_choosing_a_cell_of_the_volume(visitor: Visitor) -> None:
    page = visitor.go("/inception")
    says = page.locator(".says")
    x, y = cell(page, "y0", 2, 3)
    plane(page, "y0").hover(position={"x": x, "y": y})
    expect(says).to_contain_text("[2, 3]")
    expect(says.locator("p")).to_have_count(6)  # what it is, four products, their sum
    x, y = cell(page, "x1", 4, 1)
    plane(page, "x1").click(position={"x": x, "y": y})
    visitor.wait_for(at="x1,4,1")
    page.reload()
    visitor.settle()
    expect(says).to_contain_text("[4, 1]")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_arrow_keys_walk_and_a_weight_is_typed_over(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/inception?lang={lang}&at=y1,0,0")
    plane(page, "y1").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    visitor.wait_for(at="y1,1,1")
    plane(page, "w0").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    visitor.wait_for(weights="5,-1,2,0,0,1,1,-2")
    main = page.get_by_test_id("stMain")
    main.get_by_text(say(lang, "inception.volume.one"), exact=True).click()
    visitor.wait_for(volume="one")
    expect(main.get_by_text(re.compile(re.escape(say(lang, "inception.one_say", weight="2")[-12:])))).to_be_visible()
    expect(plane(page, "x1")).to_have_count(0)


def test_the_desk_answers_to_keys_and_its_button_brings_the_slide_back(visitor: Visitor) -> None:
    page = visitor.go("/inception?lang=en&view=bottleneck")
    facts = page.locator(".atlas-facts").first
    expect(facts).to_contain_text("12,443,648")
    field = page.get_by_label(say("en", "inception.reduced"), exact=True)
    field.focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("32")
    page.keyboard.press("Enter")
    visitor.wait_for(r="32")
    expect(facts).to_contain_text("24,887,296")
    page.get_by_role("button", name=say("en", "inception.slide")).focus()
    page.keyboard.press("Enter")
    expect(facts).to_contain_text("12,443,648")


def test_views_are_changed_by_keyboard_and_a_module_is_built(visitor: Visitor) -> None:
    page = visitor.go("/inception?lang=en")
    main = page.get_by_test_id("stMain")
    first = main.get_by_text(say("en", "inceptionview.pointwise"), exact=True).first
    first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    visitor.wait_for(view="module")
    expect(main.get_by_text("64 + 128 + 32 + 32 = 256")).to_be_visible()
    box = page.get_by_label(say("en", "inception.n5"), exact=True)
    box.fill("64")
    box.press("Enter")
    visitor.wait_for(n5="64")
    expect(main.get_by_text("64 + 128 + 64 + 32 = 288")).to_be_visible()


def test_the_weight_of_the_heads_moves_the_curve(visitor: Visitor) -> None:
    page = visitor.go("/inception?lang=en&view=auxiliary")
    main = page.get_by_test_id("stMain")
    said = main.get_by_text(re.compile("^At the first step")).first
    expect(said).to_contain_text("0.3 times")
    main.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    visitor.wait_for(weight="0.35")
    expect(said).to_contain_text("0.35 times")
