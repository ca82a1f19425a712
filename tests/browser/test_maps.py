"""Feature maps in a browser: a grid, a map and an image to point into, with the mouse and with the keyboard."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from explorer import text
from tests.browser.conftest import Visitor, still


def frame(page: Page, label: str) -> Locator:
    """An image to point into."""
    return page.get_by_role("application", name=label)


def test_point_into_the_grid_then_into_the_map(visitor: Visitor) -> None:
    """The grid chooses a channel, the map a cell, and what the cell hears follows."""
    page = visitor.go("/maps?lang=en&net=cifar-resnet20")
    grid = frame(page, "arrow keys choose one")
    box = still(grid).bounding_box()
    assert box
    channel = page.get_by_role("spinbutton", name="Channel")
    strongest = channel.input_value()
    grid.click(position={"x": box["width"] * 0.95, "y": box["height"] * 0.8})
    expect(channel).not_to_have_value(strongest)
    visitor.settle()
    chosen = channel.input_value()
    expect(frame(page, f"Map {chosen} of")).to_be_visible()
    assert visitor.parameters()["ch"] == chosen
    one = frame(page, f"Map {chosen} of")
    box = still(one).bounding_box()
    assert box
    one.click(position={"x": box["width"] * 1.5 / 32, "y": box["height"] * 2.5 / 32})
    expect(page.get_by_text(re.compile(r"Unit \(2, 1\), counted from 0"))).to_be_visible()
    visitor.wait_for(cell="2,1")
    expect(page.get_by_text("at row 2, column 1")).to_be_visible()
    frame(page, "arrow keys choose a pixel").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Pixel (16, 15)")).to_be_visible()
    visitor.wait_for(pixel="16,15")
    page.get_by_text("one for all", exact=True).click()
    visitor.settle()
    expect(page.get_by_text("at row 2, column 1")).to_be_visible()  # a pixel is not a cell


def test_arrow_keys_walk_over_cells_and_pixels(visitor: Visitor) -> None:
    """Without a mouse."""
    page = visitor.go("/maps?lang=en&net=cifar-resnet20")
    pixel = frame(page, "arrow keys choose a pixel")
    pixel.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_text("Pixel (15, 19)")).to_be_visible()
    visitor.settle()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_photograph_its_answer_and_the_first_stages_are_seen_at_once(visitor: Visitor, lang: str) -> None:
    """On a small screen; the longer strip of the first network goes on below."""
    page = visitor.go(f"/maps?lang={lang}")
    rows = page.locator(".atlas-strip .row")
    expect(rows).to_have_count(9)
    expect(rows.nth(4)).to_be_in_viewport(ratio=1)
    crop = text.say(lang, "looking.crop", size="451×300", input="224×224")
    photograph = page.get_by_role("img", name=crop)
    expect(photograph).to_be_in_viewport(ratio=1)
    expect(page.get_by_text(crop)).to_be_in_viewport(ratio=1)
    says_which = page.locator(".atlas-answer dt").first
    expect(says_which).to_be_in_viewport(ratio=1)
    is_complete(page)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_short_strip_is_seen_at_once(visitor: Visitor, lang: str) -> None:
    """On a small screen the whole strip but its last row, and nothing wider than the page."""
    page = visitor.go(f"/maps?lang={lang}&net=cifar-resnet20")
    rows = page.locator(".atlas-strip .row")
    expect(rows).to_have_count(5)
    box = rows.nth(3).bounding_box()
    assert box
    assert box["y"] + box["height"] < 720
    is_complete(page)


def is_complete(page: Page) -> None:
    """The strip is not wider than the page; all of its images are there and have words."""
    strip = page.locator(".atlas-strip")
    assert strip.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    for image in page.locator(".atlas-strip img").all():
        assert image.evaluate("e => e.complete && e.naturalWidth > 0")
        assert image.get_attribute("alt")


def test_the_control_beside_it_is_opened_and_trained_by_clicks(visitor: Visitor) -> None:
    """The same network untrained, said so; its button gives it the trained weights."""
    page = visitor.go("/maps?lang=en&net=cifar-resnet20")
    page.get_by_test_id("stCheckbox").get_by_text(text.say("en", "control.beside"), exact=True).click()
    visitor.wait_for(beside="1")
    expect(page.locator(".atlas-strip")).to_have_count(2)
    untrained = page.get_by_text("Untrained.", exact=True)
    expect(untrained).to_be_visible()
    page.get_by_role("button", name=text.say("en", "weights.trained")).click()
    visitor.wait_for(b__weights="shipped")
    expect(untrained).to_have_count(0)
    page.locator(".st-key-shared-net input").click()
    page.locator(".st-key-shared-net input").fill("ResNet-32")
    page.keyboard.press("Enter")
    visitor.wait_for(net="cifar-resnet32")
    page.get_by_test_id("stMain").get_by_role(
        "button", name=text.say("en", "weights.another", network="EfficientNet-Lite0")
    ).first.click()
    page.wait_for_url(lambda url: "net=" not in url.replace("b.net=", ""))
    visitor.settle()
    expect(page.locator(".atlas-answer dt").first).to_be_visible()


def test_a_link_restores_layer_channel_cell_and_pixel(visitor: Visitor) -> None:
    """In another browser; the address stays as it is."""
    asked = {"lang": "en", "net": "cifar-resnet20", "layer": "layer2.0.conv1", "ch": "7", "pixel": "4,9", "cell": "2,1"}
    page = visitor.go(f"/maps?{urlencode(asked)}")
    expect(page.get_by_text(re.compile(r"Unit \(2, 1\)"))).to_be_visible()
    expect(page.get_by_text("Pixel (4, 9)")).to_be_visible()
    assert visitor.parameters() == asked
    expect(page.get_by_role("spinbutton", name="Channel")).to_have_value("7")
    expect(frame(page, "Map 7 of layer2.0.conv1")).to_be_visible()
