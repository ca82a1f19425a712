"""The page Residual block in a real browser: with a mouse, with the keyboard alone, on a phone."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor


def drawing(page: Page) -> str:
    """The first drawing of the page, as SVG."""
    image = page.get_by_test_id("stMain").locator("img[src^='data:image/svg']").first
    expect(image).to_be_visible()
    return base64.b64decode((image.get_attribute("src") or "").partition(",")[2]).decode()


def is_chosen(page: Page, lang: str, key: str) -> None:
    expect(preset(page, lang, key)).to_be_checked()


def preset(page: Page, lang: str, key: str) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("radio", name=say(lang, key), exact=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_slide_is_one_click_away(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/residual?lang={lang}")
    main = page.get_by_test_id("stMain")
    image = main.locator("img[src^='data:image/svg']").first
    expect(image).to_be_in_viewport(ratio=1)
    assert image.evaluate("image => image.complete && image.naturalWidth > 800")
    before = drawing(page)
    preset(page, lang, "residual.preset.slide").click()
    visitor.wait_for(w="0", b="0")
    page = visitor.settle()
    assert drawing(page) != before
    expect(main.get_by_text(say(lang, "residual.preset_note.slide").split("$")[0].strip()).first).to_be_visible()
    preset(page, lang, "residual.preset.negative").click()
    visitor.wait_for(entry="linear")
    page.reload()
    page = visitor.settle()
    is_chosen(page, lang, "residual.preset.negative")


def test_weight_decay_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.go("/residual?w=0.05&b=0")
    main = page.get_by_test_id("stMain")
    before = drawing(page)
    weights = main.get_by_role("slider", name=say("en", "residual.weights"))
    weights.focus()
    page.keyboard.press("ArrowLeft")
    visitor.wait_for(w="0")
    expect(main.get_by_text("The block is the identity")).to_be_visible()
    assert drawing(visitor.settle()) != before
    page.keyboard.press("End")
    expect(main.get_by_text("The block moves its input")).to_be_visible()
    picture = main.get_by_role("group", name=re.compile("The block"))
    picture.focus()
    expect(picture).to_be_focused()  # so that arrow keys scroll it on a small screen


@pytest.mark.parametrize("lang", LANGUAGES)
def test_zeros_become_a_projection(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/residual?lang={lang}&view=shapes")
    main = page.get_by_test_id("stMain")
    assert drawing(page).count("stroke-dasharray") == 8
    name = say(lang, "residual.shortcut.projection")
    main.get_by_role("radio", name=name).or_(main.get_by_role("button", name=name)).first.click()
    visitor.wait_for(shortcut="projection")
    page = visitor.settle()
    expect(main.get_by_text(re.compile("32,768")).first).to_be_visible()
    assert "stroke-dasharray" not in drawing(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_story_of_signals_is_told_by_buttons(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/residual?lang={lang}&view=signals")
    main = page.get_by_test_id("stMain")
    is_chosen(page, lang, "residual.preset.plain-bn")
    expect(main.get_by_text(re.compile(r"1\.21\d")).first).to_be_visible()
    preset(page, lang, "residual.preset.residual-bn").click()
    visitor.wait_for(skip="1")
    page = visitor.settle()
    is_chosen(page, lang, "residual.preset.residual-bn")
    expect(main.get_by_text("12.8").first).to_be_visible()
    expect(main.locator("canvas").first).to_be_visible()


def test_on_a_phone_the_block_scrolls_and_the_page_does_not(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    page = visitor.go("/residual")
    box = page.get_by_test_id("stMain").locator("div[role=group]").first
    assert box.evaluate("box => box.scrollWidth > box.clientWidth + 200")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth + 1")
