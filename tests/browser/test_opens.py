"""What looks like a button on the other pages, in a real browser: each opens what it shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from explorer import text
from explorer.summaries import load
from tests.browser.conftest import PATIENCE, App, Visitor
from tests.browser.test_frame import PHONE
from tests.browser.test_operation import HEADING, ROW, is_beside, panel

CELL = """(canvas) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [left + 44 + 12, top + 34 + 20];
}"""
"""Inside the first cell of a confusion matrix."""


def cursor(element: Locator) -> str:
    return str(element.evaluate("e => getComputedStyle(e).cursor"))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_map_of_a_stage_opens_its_operation_and_saliency_nothing(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/why?lang={lang}&net=cifar-resnet20&curves=0")
    maps = page.locator("[data-opens]")
    expect(maps).to_have_count(5)
    assert cursor(maps.first) == "pointer"
    assert cursor(page.get_by_test_id("stImage").locator("img").first) != "pointer"
    page.get_by_test_id("stImage").nth(1).click()
    expect(panel(page)).to_have_count(0)
    maps.nth(1).scroll_into_view_if_needed()
    box = maps.nth(1).bounding_box()
    assert box
    maps.nth(1).click()
    visitor.wait_for(op="3")
    expect(panel(page)).to_contain_text("ReLU")
    is_beside(page, box["x"])
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    maps.nth(3).focus()
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("layer2.2.relu")


def arrived(visitor: Visitor, number: str) -> Page:
    """Feature maps, at a test image of the bundled digits."""
    page = visitor.page
    page.wait_for_url("**/maps?**")
    visitor.settle()
    assert (visitor.parameters()["net"], visitor.parameters().get("number", "0")) == ("lenet5", number)
    title = text.say("en", "data.digits28")
    said = text.say("en", "looking.truth", number=number, title=title, truth="#").split("#")[0].replace("**", "")
    expect(page.get_by_text(said)).to_be_visible()
    return page


def test_a_mistake_opens_in_feature_maps_and_the_way_back_leads_back(visitor: Visitor) -> None:
    page = visitor.go("/lenet?lang=en&lenet-data=digits28")
    mistake = page.locator("[data-opens]").nth(2)
    number = int(mistake.get_attribute("data-opens") or 0) - 1
    assert cursor(mistake) == "pointer"
    mistake.click()
    arrived(visitor, str(number))
    assert visitor.parameters()["weights"].startswith("recorded:lenet-lab-"), "the model that erred"
    page.go_back()
    expect(page.locator("h1")).to_have_text(text.say("en", "nav.lenet"))
    expect(page.locator("[data-opens]").first).to_be_visible()
    first = page.locator("[data-opens]").first
    number = int(first.get_attribute("data-opens") or 0) - 1
    first.focus()
    page.keyboard.press("Enter")
    arrived(visitor, str(number))


def test_a_cell_of_the_confusion_matrix_shows_what_is_behind_it(visitor: Visitor) -> None:
    page = visitor.go("/lenet?lang=en&lenet-data=digits28")
    for _ in range(2):  # a second click on it changes nothing
        matrix = page.locator("[class*=st-key-confusion-recorded-] canvas").first
        matrix.scroll_into_view_if_needed()
        page.mouse.click(*matrix.evaluate(CELL))
        visitor.wait_for(behind="0-0")
        expect(page.locator("[data-opens]").first).to_contain_text("0 → 0")


def test_a_mistake_opens_with_a_tap(chromium: Browser, app: App) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-US")
    visitor = Visitor(app.url, context.new_page())
    page = visitor.go("/lenet?lang=en")
    mistake = page.locator("[data-opens]").first
    number = int(mistake.get_attribute("data-opens") or 0) - 1
    mistake.scroll_into_view_if_needed()
    mistake.tap()
    arrived(visitor, str(number))
    visitor.check()
    context.close()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_filter_is_chosen_with_a_click_and_with_the_arrow_keys(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/units?lang={lang}&net=lenet5&unitsort=index")
    filters = page.locator(".st-key-filters .frame")
    box = filters.bounding_box()
    assert box
    page.mouse.click(box["x"] + 2.5 / 6 * box["width"], box["y"] + box["height"] / 2)
    visitor.wait_for(channel="2")
    chosen = text.say(lang, "units.filter", channel=2, norm="#").split("**")[1]
    expect(page.get_by_role("strong").filter(has_text=chosen)).to_be_visible()
    filters.focus()
    page.keyboard.press("ArrowRight")
    visitor.wait_for(channel="3")


def test_the_favourite_of_a_channel_chooses_it(visitor: Visitor) -> None:
    page = visitor.go("/units?lang=en&net=lenet5&unitview=patches&layer=a1&patchset=digits28&channel=1")
    start = page.get_by_role("button", name=text.say("en", "units.patches_find"))
    if start.count():
        start.click()
    expect(page.get_by_text(text.say("en", "units.favourites", channel=1))).to_be_visible(timeout=3 * PATIENCE)
    visitor.settle()
    for column in (4, 2, 4):
        click_favourite(visitor, column)
    number = page.get_by_label(text.say("en", "units.channel", last=5))
    number.fill("1")
    number.press("Enter")
    visitor.wait_for(channel="1")
    click_favourite(visitor, 4)  # what was clicked last, before the number was changed


def click_favourite(visitor: Visitor, column: int) -> None:
    """Click a patch of the first row: its channel is chosen, and its nine are shown."""
    page = visitor.page
    box = page.locator(".frame").last.bounding_box()
    assert box
    page.mouse.click(box["x"] + (column + 0.5) / 8 * box["width"], box["y"] + 20)
    number = page.locator(".says").last.inner_text().removeprefix("Channel ")
    visitor.wait_for(channel=number)
    expect(page.get_by_text(text.say("en", "units.favourites", channel=number))).to_be_visible()


def test_a_name_in_the_table_opens_its_pipeline_however_it_is_sorted(visitor: Visitor) -> None:
    page = visitor.go("/?lang=en")
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    table.locator("canvas").first.focus()
    assert not visitor.parameters().get("net"), "who comes with the keyboard stays"
    table.click(position={"x": 60, "y": HEADING + 2.5 * ROW})
    page.wait_for_url("**/pipeline?**")
    assert visitor.parameters()["net"] == "alexnet"
    page = visitor.go("/?lang=en")
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    for _ in range(2):  # the last name of the alphabet first
        table.click(position={"x": 60, "y": HEADING / 2})
    table.click(position={"x": 60, "y": HEADING + 0.5 * ROW})
    page.wait_for_url("**/pipeline?**")
    assert visitor.parameters()["net"] == max(load(), key=lambda summary: summary.title).slug
