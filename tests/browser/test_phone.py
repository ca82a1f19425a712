"""A phone: a finger scrolls over every figure, and nothing lies out of its reach."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from explorer.networks import milestones
from tests.browser.conftest import App, Visitor
from tests.browser.test_atlas import WHERE, arrived_at
from tests.browser.test_frame import PHONE, figures_painted

PLACE = """([figure, frame]) => [document.querySelector("[data-testid=stMain]").scrollTop,
    document.querySelector(figure).closest(frame)?.scrollLeft ?? 0]"""


def swipe(page: Page, figure: str, right: int, down: int) -> list[float]:
    """Draw a finger over the middle of what is seen of a figure; how far (down, right) that moved what lies below."""
    where, frame = page.locator(figure).first, "[class*=st-key-wide]"
    where.evaluate("e => e.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(200)
    before, box, wire = page.evaluate(PLACE, [figure, frame]), where.bounding_box(), page.context.new_cdp_session(page)
    assert box
    x, y = PHONE["width"] / 2, box["y"] + box["height"] / 2
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        finger = {"x": x + right * step / 8, "y": y + down * step / 8}
        wire.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [finger]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(200)
    return [after - place for after, place in zip(page.evaluate(PLACE, [figure, frame]), before, strict=True)]


def tap_point(page: Page, key: str, slug: str) -> None:
    """Put a finger on the disc of a network."""
    plot = page.locator(f".st-key-{key} .js-plotly-plot")
    plot.scroll_into_view_if_needed()
    x, y = page.evaluate(WHERE, [key, slug])
    plot.evaluate("(e, x) => { e.closest('[class*=st-key-wide]').scrollLeft = x - 150; }", x)
    box = plot.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + x, box["y"] + y)


def test_a_finger_scrolls_and_everything_is_in_reach(chromium: Browser, app: App) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-US")
    visitor = Visitor(app.url, context.new_page())
    for address, figures in (
        ("/", (".st-key-accuracy .js-plotly-plot",)),
        (
            "/pipeline?net=vgg16",
            ("[class*=st-key-pipeline-vgg16] .js-plotly-plot", "[class*=st-key-shares] .js-plotly-plot"),
        ),
        ("/degradation", ("[data-testid=stEChartsChart]",)),
    ):
        page = visitor.go(address)
        figures_painted(page)
        for figure in figures:
            assert swipe(page, figure, 0, -150)[0] > 50, figure
            if "shares" in figure:
                fits = page.locator(figure).bounding_box()
                assert fits
                assert fits["x"] >= 0
                assert fits["x"] + fits["width"] <= PHONE["width"]
            elif "plotly" in figure:
                assert swipe(page, figure, -150, 0)[1] > 50, figure
                assert page.locator(f"{figure} .modebar-container").first.is_hidden()
    page = visitor.go("/?lang=zh")
    tap_point(page, "accuracy", "mobilenet-v2")
    arrived_at(visitor, "mobilenet-v2", "zh")
    page = visitor.go("/")
    links = page.locator(".atlas-years a")
    addresses = [link.get_attribute("href") for link in links.all()]
    assert addresses == [f"pipeline?net={slug}&lang=en" for slug in milestones()]
    assert all(
        box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        for link in links.all()
        if (box := link.bounding_box())
    )
    assert page.locator(".st-key-timeline").is_hidden()
    links.last.tap()
    visitor.wait_for(net=milestones()[-1])
    visitor.check()
    context.close()
