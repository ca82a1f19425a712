"""What a click opens in a real browser: an operation beside what was clicked, in sight, and named in the address."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from explorer import text
from tests.browser.conftest import App, Visitor
from tests.browser.test_frame import PHONE

HEADING, ROW = 38, 35  # pixels

PLACES = """(figure) => {
    const plot = figure._fullLayout, areas = figure.data.findIndex((trace) => trace.type === "bar");
    const { x, y, base } = figure.data[areas], list = (values) => Array.from(values._inputArray ?? values);
    const [xs, ys, feet] = [x, y, base].map(list);
    return xs.map((each, i) => [
        plot.xaxis.c2p(each) + plot._size.l, plot.yaxis.c2p(feet[i] + ys[i] / 2) + plot._size.t,
    ]);
}"""


def panel(page: Page) -> Locator:
    return page.locator(".st-key-operation")


def click_area(page: Page, figure: Locator, number: int) -> float:
    """Click the middle of an area of a figure, counted from 0; returns where that was, from the left."""
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    assert box
    x, y = figure.evaluate(PLACES)[number]
    page.mouse.move(box["x"] + x, box["y"] + y)
    expect(figure).to_have_attribute("data-over", "")
    assert figure.locator(".nsewdrag").first.evaluate("e => getComputedStyle(e).cursor") == "pointer"
    page.mouse.click(box["x"] + x, box["y"] + y)
    return float(box["x"] + x)


def is_beside(page: Page, x: float) -> None:
    """The panel is whole within the window, and not over what was clicked."""
    expect(panel(page)).to_be_in_viewport(ratio=1)
    box = panel(page).bounding_box()
    assert box
    assert not box["x"] <= x <= box["x"] + box["width"]


def test_volumes_at_both_ends_open_beside_themselves_and_escape_closes(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?lang=en&net=vgg16&level=stage")
    figure = page.locator(".js-plotly-plot").first
    x = click_area(page, figure, 1)
    visitor.wait_for(op="5")
    expect(panel(page)).to_contain_text("2×2 max pool")
    is_beside(page, x)
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    assert "op" not in visitor.parameters()
    x = click_area(page, figure, 5)
    expect(panel(page)).to_contain_text("2×2 max pool")
    is_beside(page, x)
    x = click_area(page, figure, 6)
    expect(panel(page)).to_contain_text("nn.Linear(4096, 1000)")
    is_beside(page, x)
    panel(page).locator(".st-key-other-side button").first.click()
    box, menu = panel(page).bounding_box(), page.get_by_test_id("stSidebar").bounding_box()
    assert box
    assert menu
    assert box["x"] > 800
    panel(page).locator(".st-key-other-side button").first.click()
    box = panel(page).bounding_box()
    assert box
    assert menu["width"] < box["x"] < 640, "not over the menu"
    panel(page).locator(".st-key-shut button").first.click()
    expect(panel(page)).to_have_count(0)


def test_the_bar_of_the_head_says_why_vgg_is_so_large(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?lang=en&net=vgg16")
    bars = page.locator(".js-plotly-plot").nth(2)
    bars.scroll_into_view_if_needed()
    bar = bars.locator(".bars .point path").nth(5).bounding_box()  # the sixth stage, parameters
    assert bar
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    expect(panel(page)).to_contain_text("102,764,544")
    expect(panel(page)).to_contain_text("74.3% of the parameters")
    is_beside(page, bar["x"] + bar["width"] / 2)
    visitor.wait_for(op="34")


def test_a_point_of_the_curves_opens(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?lang=en&net=lenet5&level=layer")
    curve = page.locator(".js-plotly-plot").nth(1)
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    assert box
    x = curve.evaluate("f => f._fullLayout.xaxis.c2p(1) + f._fullLayout._size.l")
    page.mouse.click(box["x"] + x, box["y"] + box["height"] / 2)
    expect(panel(page)).to_contain_text("nn.Conv2d(1, 6, 5, padding=2)")
    is_beside(page, box["x"] + x)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_box_of_the_block_graph_opens(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/pipeline?lang={lang}&net=googlenet&view=graph&block=inception3a")
    x = click_area(page, page.locator("[class*=st-key-wide-graph] .js-plotly-plot"), 0)
    expect(panel(page)).to_contain_text("nn.Conv2d(192, 64, 1)")
    expect(panel(page)).to_contain_text(text.say(lang, "does.pointwise")[:20])
    is_beside(page, x)


def test_a_click_on_a_row_works_its_operation_out(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?lang=en&net=lenet5&level=stage")
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 150, "y": HEADING + 3.5 * ROW})
    expect(panel(page)).to_contain_text("240,000")
    expect(panel(page)).to_be_in_viewport(ratio=1)
    visitor.wait_for(op="4")
    panel(page).get_by_test_id("stNumberInputStepUp").click()
    visitor.wait_for(op="5")
    expect(panel(page)).to_contain_text("ReLU")


def test_a_thumbnail_of_the_strip_opens_and_leads_to_the_pipeline(visitor: Visitor) -> None:
    page = visitor.go("/maps?lang=en&net=cifar-resnet20")
    thumbnail = page.locator(".atlas-strip .row").nth(1).locator("figure").nth(3)
    assert thumbnail.evaluate("e => getComputedStyle(e).cursor") == "pointer"
    box = thumbnail.bounding_box()
    assert box
    thumbnail.click()
    expect(panel(page)).to_contain_text("layer1.2.relu")
    expect(panel(page).locator("img")).to_be_visible()
    is_beside(page, box["x"])
    opened = visitor.parameters()["op"]
    panel(page).get_by_role("link", name=text.say("en", "opened.to_pipeline")).click()
    page.wait_for_url("**/pipeline?**")
    visitor.settle()
    assert visitor.parameters()["op"] == opened
    expect(panel(page)).to_contain_text("layer1.2.relu")
    expect(panel(page)).to_be_in_viewport(ratio=1)


def test_without_a_mouse(visitor: Visitor) -> None:
    """A row of the strip with Enter, the operations with their button, and out again with Escape."""
    page = visitor.go("/maps?lang=en&net=cifar-resnet20")
    page.locator(".atlas-strip [role=button]").first.focus()
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("ReLU")
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    page.get_by_role("button", name=text.say("en", "opened.step")).focus()
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("nn.Conv2d(3, 16, 3, padding=1, bias=False)")
    page.keyboard.press("Tab")
    assert panel(page).evaluate("e => e.contains(document.activeElement)"), "it comes next"


def test_the_same_volume_opens_again_after_it_was_closed(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?lang=en&net=lenet5")
    figure = page.locator(".js-plotly-plot").first
    for _ in range(2):
        click_area(page, figure, 1)
        expect(panel(page)).to_contain_text("nn.Conv2d(1, 6, 5, padding=2)")
        page.keyboard.press("Escape")
        expect(panel(page)).to_have_count(0)
    page.get_by_text("Stages", exact=True).click()  # the figure is drawn anew, and is listened to all the same
    visitor.wait_for(level="stage")
    visitor.settle()
    click_area(page, page.locator(".js-plotly-plot").first, 2)
    expect(panel(page)).to_contain_text("nn.MaxPool2d(2)")


def test_on_a_phone_a_tap_opens_it_at_the_foot_of_the_screen(chromium: Browser, app: App) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-US")
    visitor = Visitor(app.url, context.new_page())
    page = visitor.go("/pipeline?lang=en&net=lenet5")
    figure = page.locator(".js-plotly-plot").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    assert box
    x, y = figure.evaluate(PLACES)[1]
    page.touchscreen.tap(box["x"] + x, box["y"] + y)
    expect(panel(page)).to_contain_text("nn.Conv2d(1, 6, 5, padding=2)")
    expect(panel(page)).to_be_in_viewport(ratio=1)
    sheet = panel(page).bounding_box()
    assert sheet
    assert sheet["width"] == PHONE["width"]
    assert sheet["y"] + sheet["height"] == pytest.approx(PHONE["height"], abs=1)
    panel(page).locator(".st-key-shut button").first.tap()
    expect(panel(page)).to_have_count(0)
    visitor.check()
    context.close()
