"""The page Convolution in a real browser: with a mouse, with a finger, and with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from explorer.blocks.setups import SETUPS
from explorer.text import LANGUAGES, say
from tests.browser.conftest import App, Visitor, still
from tests.browser.test_frame import FITS, PHONE


def plane(page: Page, key: str) -> Locator:
    return page.locator(f"canvas[data-plane={key}]")


def says(page: Page) -> Locator:
    return page.locator(".linked .says")


def centre(canvas: Locator, row: int, column: int, rows: int, columns: int) -> dict[str, float]:
    """Where a cell of a grid is, from its upper left corner."""
    box = still(canvas).bounding_box()
    assert box
    return {"x": (column + 0.5) * box["width"] / columns, "y": (row + 0.5) * box["height"] / rows}


def point(page: Page, canvas: Locator, place: dict[str, float], said: str) -> None:
    """Point at a cell until that is told: what stands above may still be growing, and moves the grid away."""
    for _ in range(40):
        canvas.hover(position=place)
        if said in (says(page).text_content() or ""):
            return
        page.wait_for_timeout(250)
    expect(says(page)).to_contain_text(said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_mouse_points_and_chooses(visitor: Visitor, lang: str) -> None:
    """Pointing changes what is said and asks the server nothing; a click is written into the address."""
    page = visitor.go(f"/convolution?lang={lang}")
    said = say(lang, "linked.sum", cell="y₀[1, 1]", value="30", count="9")
    point(page, plane(page, "y0"), centre(plane(page, "y0"), 1, 1, 4, 4), said)
    expect(says(page)).to_contain_text("10·1 + 10·0 + 0·(−1)")
    assert "at" not in visitor.parameters()
    plane(page, "x0").click(position=centre(plane(page, "x0"), 2, 2, 6, 6))
    visitor.wait_for(at="x0,2,2")
    expect(says(page)).to_contain_text(say(lang, "linked.feeds", cell="x₀[2, 2]", value="10", count="9"))
    weighs = say(lang, "linked.weighs", cell="w₀[0, 2]", value="−1", inputs="16", count="16")
    point(page, plane(page, "w0"), centre(plane(page, "w0"), 0, 2, 3, 3), weighs)


def test_the_keyboard_alone(visitor: Visitor) -> None:
    """Arrow keys choose, a digit types; the output that is drawn is the one of the new number."""
    page = visitor.go("/convolution?lang=en&at=y0,0,0")
    plane(page, "y0").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    visitor.wait_for(at="y0,1,1")
    plane(page, "w0").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(says(page)).to_contain_text("w₀[0, 0] = 5")
    page.wait_for_url(re.compile("w=m5_0_-1"))
    visitor.settle()
    point(page, plane(page, "y0"), centre(plane(page, "y0"), 0, 0, 4, 4), "y₀[0, 0] = 40, a sum of 9 terms")


def test_a_finger(chromium: Browser, app: App) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-US")
    visitor = Visitor(app.url, context.new_page())
    page = visitor.go("/convolution?lang=en&case=slide-volume")
    canvas = plane(page, "y1")
    canvas.scroll_into_view_if_needed()
    canvas.tap(position=centre(canvas, 2, 0, 4, 4))
    visitor.wait_for(at="y1,2,0")
    expect(says(page)).to_contain_text("y₁[2, 0] = 32, a sum of 27 terms")
    page.wait_for_function(FITS)
    visitor.check()
    context.close()


def test_a_matrix_is_pasted_into_a_grid(visitor: Visitor) -> None:
    page = visitor.go("/convolution?lang=en")
    paste = """(canvas) => {
        const data = new DataTransfer();
        data.setData("text/plain", "1 2\\n3 4");
        canvas.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }"""
    plane(page, "w0").evaluate(paste)
    visitor.wait_for(f="2", w="m1_2*3_4")
    expect(page.locator("dd").filter(has_text="5 × 5 × 1")).to_be_visible()
    expect(page.get_by_text("⌊(6 − 2)/1⌋ + 1 = 5")).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_cell_lights_up_in_all_three_ways(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/convolution?lang={lang}&view=transposed")
    plane(page, "ym").click(position=centre(plane(page, "ym"), 4, 0, 9, 1))
    visitor.wait_for(tat="ym,4,0")
    for cell in ("ym[4]", "y[1, 1]", "yz[1, 1]"):
        expect(says(page)).to_contain_text(f"{cell} = 7")
    plane(page, "m").click(position=centre(plane(page, "m"), 0, 0, 9, 4))
    visitor.wait_for(tat="m,0,0")
    expect(page.get_by_text(say(lang, "convolution.t_matrix"), exact=True)).to_be_visible()


def test_what_is_told_adds_up(visitor: Visitor) -> None:
    """Channel by channel, each with its products and their sum, then the bias: as computed by hand from the example."""
    page = visitor.go("/convolution?lang=en&case=slide-volume&at=y1,2,0")
    expect(says(page)).to_contain_text("y₁[2, 0] = 32, a sum of 27 terms")
    *channels, total = says(page).locator(".sum").all_inner_texts()
    example = SETUPS["slide-volume"]
    assert len(channels) == len(example.inputs) == 3
    sums = []
    for line, grid, kernel in zip(channels, example.inputs, example.kernels[1], strict=True):
        products, said = line.partition(": ")[2].split(" = ")
        sums.append(sum(grid[2 + i][j] * kernel[i][j] for i in range(3) for j in range(3)))
        assert [number(products), number(said)] == [sums[-1]] * 2
    added, said = total.replace(" (bias)", "").split(" = ")
    assert number(added) == number(said) == sum(sums) + example.bias[1] == 32


def number(written: str) -> float:
    """The value of arithmetic as the page writes it."""
    return float(eval(written.replace("·", "*").replace("−", "-")))
