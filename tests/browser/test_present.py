"""A lecture theatre: one figure fills a projector of 1280 x 720, in letters that the last row can read."""

from __future__ import annotations

import segno
from playwright.sync_api import Page, expect

from explorer.figures.enlarged import LEAST
from explorer.text import LANGUAGES
from tests.browser.conftest import SCREEN, Visitor, still

RECORD_CANVAS = """() => {
    window.lettered = [];
    const write = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        const {a, b} = this.getTransform();
        const hidden = this.canvas.closest("[data-testid=stDataFrame]"); // a table that is drawn meanwhile
        if (this.canvas.isConnected && !hidden && text.trim())
            window.lettered.push([text, parseFloat(this.font.match(/([\\d.]+)px/)[1]) * Math.hypot(a, b)]);
        return write.call(this, text, ...rest);
    };
}"""
SVG = """() => [...document.querySelectorAll(".st-key-presented svg text")]
    .filter(e => e.textContent.trim() && e.getClientRects().length)
    .flatMap(e => [e, ...e.querySelectorAll("tspan[style*=font-size]")]) // but for indices, which are 70 % of theirs
    .filter(e => !/font-size: *70%/.test(e.getAttribute("style")))
    .map(e => [e.textContent, parseFloat(getComputedStyle(e).fontSize)])"""
WORDS = """() => [...document.querySelectorAll(".st-key-presented :is(p, p code), .st-key-presenter p")]
    .map(e => [e.textContent, parseFloat(getComputedStyle(e).fontSize)])"""
TILES = """() => [...document.querySelectorAll(".st-key-presented .atlas-tiles figcaption")]
    .map(e => [e.textContent, parseFloat(getComputedStyle(e).fontSize)])"""
HTML = """() => [...document.querySelectorAll(
        ".st-key-presented :is(.atlas-answer :is(dt, dd), .atlas-strip :is(b, span, small, figcaption), "
        + ".atlas-surface :is(caption, span, th, td))")]
    .filter(e => e.checkVisibility())
    .map(e => [e.textContent, parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom])"""
SEEN = """() => [...document.querySelectorAll("body *")].filter(e => e.checkVisibility({checkVisibilityCSS: true})
        && !e.closest(".st-key-presented, .st-key-presenter, script, style")
        && [...e.getClientRects()].some(r => r.bottom > 0 && r.right > 0 && r.width > 1)
        && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => e.textContent)"""
FILLS = f"""e => {{
    const box = e.getBoundingClientRect();
    return box.width >= 0.9 * {SCREEN["width"]} && box.height >= 0.7 * {SCREEN["height"]}
        && box.bottom <= {SCREEN["height"]};
}}"""


def readable(page: Page, measured: str) -> None:
    page.wait_for_function(f"({measured})().length > 0")
    sizes = dict(page.evaluate(measured))
    assert not {text: size for text, size in sizes.items() if size < LEAST - 0.01}


def alone(page: Page, figure: str) -> None:
    """The figure fills the window, and no word is seen but its own."""
    expect(page.locator(f".st-key-presented {figure}").first).to_be_visible()
    page.wait_for_function(f"({FILLS})(document.querySelector('.st-key-presented {figure}'))")
    assert not page.evaluate(SEEN)
    readable(page, WORDS)


def test_every_kind_of_figure_fills_the_projector_and_can_be_read(visitor: Visitor) -> None:
    for address in ("/?present=1", "/?present=2&lang=zh", "/pipeline?present=1", "/pipeline?view=graph&present=6"):
        page = visitor.go(address)
        alone(page, ".js-plotly-plot .main-svg")
        readable(page, SVG)
    for number, figure in (("2", ".atlas-answer"), ("3", ".atlas-strip")):
        page = visitor.go(f"/maps?present={number}")
        expect(page.locator(f".st-key-presented {figure}")).to_be_visible()
        readable(page, HTML)
        assert not page.evaluate(SEEN)


def test_a_map_to_move_on_fills_the_projector(visitor: Visitor) -> None:
    for lang in LANGUAGES:
        page = visitor.go(f"/efficient?view=scaling&present=1&lang={lang}")
        alone(page, ".atlas-surface")
        readable(page, HTML)


def test_what_is_pointed_into_is_large_and_still_pointed_into(visitor: Visitor) -> None:
    """A component of our own: filters, and the grid of maps, whose arrow keys turn the leaves meanwhile."""
    for address in ("/units?present=1", "/maps?net=cifar-resnet20&present=4"):
        page = visitor.go(address)
        grid, says = page.locator(".st-key-presented .frame"), page.locator(".st-key-presented .says")
        box = still(grid).bounding_box()
        assert box
        assert box["width"] > 0.9 * SCREEN["width"] or box["height"] > 0.7 * SCREEN["height"]
        assert box["y"] + box["height"] < SCREEN["height"] - 100, "above its sentence"
        assert says.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= LEAST
        assert not page.evaluate(SEEN)
        readable(page, WORDS)
    grid.click(position={"x": box["width"] * 0.95, "y": box["height"] * 0.9})
    page.wait_for_url(lambda url: "ch=" in url)
    chosen = visitor.parameters()["ch"]
    page.keyboard.press("ArrowRight")
    visitor.wait_for(ch=chosen, present="5")


def test_small_images_in_a_row_share_out_the_projector(visitor: Visitor) -> None:
    for address in ("/maps?present=6", "/maps?present=8&lang=zh"):
        page = visitor.go(address)
        alone(page, ".atlas-tiles")
        readable(page, TILES)
        boxes = [image.bounding_box() for image in page.locator(".st-key-presented .atlas-tiles img").all()]
        assert len(boxes) == 8
        assert all(box and box["height"] > 150 and box["y"] + box["height"] < 600 for box in boxes)


def test_a_figure_on_a_canvas_can_be_read(visitor: Visitor) -> None:
    page = visitor.go("/degradation?present=1&step=200")
    alone(page, "canvas")
    page.evaluate(RECORD_CANVAS)
    page.keyboard.press("ArrowRight")  # the next one is drawn under the recorder's eyes
    visitor.wait_for(present="2")
    readable(page, "() => window.lettered")


def test_keys_begin_turn_and_end_and_leave_boxes_to_type_into_alone(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?net=vgg16&level=stage")
    page.get_by_test_id("stNumberInputField").first.click()
    page.keyboard.press("p")
    page.wait_for_timeout(300)
    assert "present" not in visitor.parameters()
    page.locator("h1").click()
    page.keyboard.press("p")
    visitor.wait_for(present="1", net="vgg16", level="stage")
    page.keyboard.press("ArrowRight")
    visitor.wait_for(present="2")
    page.reload()
    visitor.settle()
    assert visitor.parameters()["present"] == "2"
    link = f"{visitor.url}/pipeline?lang=en&net=vgg16&level=stage"
    expected = segno.make(link, error="l", micro=False).svg_data_uri(border=3, dark="#000000", light="#FFFFFF")
    expect(page.locator(".atlas-code")).to_have_attribute("src", expected)
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-presented")).to_have_count(0)
    visitor.wait_for(net="vgg16", level="stage")
    expect(page.get_by_test_id("stSidebarNavLink").first).to_be_visible()
