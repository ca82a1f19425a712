"""Photographs, receptive fields and matrices in a real browser: mouse, finger, keys, and what is typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from explorer.arithmetic.stacks import PRESETS, grown, reached
from explorer.records.stacks import WindowLayer
from explorer.text import LANGUAGES, say
from tests.browser.conftest import App, Visitor
from tests.browser.test_frame import PHONE

WAYS = """frame => {
    const rows = {};
    for (const cell of frame.querySelectorAll("rect.read"))
        (rows[Math.round(+cell.getAttribute("y"))] ??= []).push([+cell.getAttribute("x"), +cell.dataset.ways]);
    const lowest = Math.max(...Object.keys(rows).map(Number));
    return rows[lowest].sort((a, b) => a[0] - b[0]).map(([, ways]) => ways);
}"""


def at_share(page: Page, frame: Locator, share: float) -> tuple[float, float]:
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def expected(stack: tuple[WindowLayer, ...], n: int, cell: int) -> list[int]:
    return [count for count in reached(stack, n, cell)[0].ways if count]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_place_of_the_photograph_is_clicked_and_moved_by_keys(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/convolution?view=photograph&lang={lang}")
    after = page.locator(".st-key-filter-after-0 .frame")
    after.scroll_into_view_if_needed()
    box = after.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    page.wait_for_url(re.compile(r"filter-at=(7[3-6]%2C22[2-6])"))
    row, column = map(int, visitor.parameters()["filter-at"].split(","))
    place = say(lang, "convolution.photo.place", row=row, column=column)
    expect(page.locator(".atlas-facts").first).to_contain_text(place)
    after.focus()
    page.keyboard.press("ArrowDown")
    place = say(lang, "convolution.photo.place", row=row + 1, column=column)
    expect(page.locator(".atlas-facts").first).to_contain_text(place)


def test_a_kernel_of_ones_own_is_pasted(visitor: Visitor) -> None:
    page = visitor.go("/convolution?view=photograph&filter=own")
    box = page.get_by_label(say("en", "convolution.photo.paste"))
    box.fill("1 1 1\n1 1 1")
    box.press("Control+Enter")
    expect(page.locator(".atlas-facts").first).to_contain_text("299 × 449")
    box.fill("1 x")
    box.press("Control+Enter")
    expect(page.get_by_text(say("en", "convolution.paste.number"))).to_be_visible()
    assert visitor.parameters()["filter-own"] == "m1x3*1x3"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("preset", ["three-3", "dilated-222", "alexnet"])
def test_the_pyramid_follows_the_pointer_without_the_server(visitor: Visitor, lang: str, preset: str) -> None:
    page = visitor.go(f"/convolution?view=field&lang={lang}")
    if preset != "three-3":
        page.get_by_role("button", name=say(lang, f"convolution.preset.{preset}"), exact=True).click()
        page.wait_for_url(re.compile("stack="))
        visitor.settle()
    stack, n = PRESETS[preset], int(visitor.parameters().get("stack-n", 20))
    frame, outputs = page.locator(".st-key-pyramid .frame"), grown(stack, n)[-1].side.value
    expect(frame).to_have_attribute("aria-valuenow", str(outputs // 2))
    sent: list[object] = []
    page.on("websocket", lambda socket: sent.append(socket))
    for share in (0.02, 0.5, 0.8, 0.98):
        page.mouse.move(*at_share(page, frame, share))
        cell = int(frame.get_attribute("aria-valuenow") or -1)
        assert frame.evaluate(WAYS) == expected(stack, n, cell)
    assert "stack-cell" not in visitor.parameters()
    assert not sent
    page.mouse.click(*at_share(page, frame, 0.2))
    page.wait_for_url(re.compile("stack-cell="))
    visitor.settle()
    chosen = int(visitor.parameters()["stack-cell"])
    frame.focus()
    page.keyboard.press("ArrowRight")
    visitor.wait_for(**{"stack-cell": str(chosen + 1)})
    assert frame.evaluate(WAYS) == expected(stack, n, chosen + 1)
    page.keyboard.press("Home")
    visitor.wait_for(**{"stack-cell": "0"})


def test_a_layer_is_typed_over_in_the_table(visitor: Visitor) -> None:
    page = visitor.go("/convolution?view=field")
    table = page.get_by_test_id("stDataFrame").first
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.15 * box["width"], box["y"] + 35 + 17)
    page.wait_for_timeout(500)  # the table draws itself on a canvas: nothing tells that it is ready for a key
    page.keyboard.type("5")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    visitor.wait_for(stack="5.1.1.1_3.1.1.1_3.1.1.1")
    expect(page.locator(".atlas-facts").first).to_contain_text("r = 9")


def test_a_finger_on_a_phone_moves_the_pyramid(chromium: Browser, app: App) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-US")
    visitor = Visitor(app.url, context.new_page())
    page = visitor.go("/convolution?view=field")
    frame = page.locator(".st-key-pyramid .frame")
    page.touchscreen.tap(*at_share(page, frame, 0.3))
    page.wait_for_url(re.compile("stack-cell="))
    visitor.settle()
    cell = int(visitor.parameters()["stack-cell"])
    assert 3 <= cell <= 8
    assert frame.evaluate(WAYS) == expected(PRESETS["three-3"], 20, cell)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.check()
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_slider_moves_the_scene(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/convolution?view=shift&lang={lang}")
    slider = page.get_by_role("slider", name=say(lang, "convolution.shift.by"))
    slider.focus()
    page.keyboard.press("ArrowRight")
    visitor.wait_for(shift="2")
    expect(page.get_by_text(say(lang, "convolution.shift.after", shift=2)).first).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_slider_sets_the_side_of_the_kernel(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/convolution?view=odd&lang={lang}")
    even = page.get_by_role("slider", name=say(lang, "convolution.even.f"))
    even.focus()
    page.keyboard.press("ArrowRight")
    visitor.wait_for(**{"same-f": "5"})
    said = say(lang, "convolution.even.even", f=6, zeros=5, before=2, after=3)
    expect(page.get_by_text(said).first).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_layer_is_chosen_whose_matrix_is_linked(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/convolution?view=dense&lang={lang}")
    local = say(lang, "convolution.wiring.name.local")
    page.get_by_role("radio", name=local, exact=True).or_(page.get_by_role("button", name=local, exact=True)).click()
    visitor.wait_for(matrix="local")
    expect(page.get_by_text(say(lang, "convolution.wiring.linked_says.local")).first).to_be_visible()
