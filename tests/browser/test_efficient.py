"""MobileNet to DenseNet, in a real browser: with the mouse, by touch and with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor, still
from tests.browser.test_frame import FITS, PHONE


def pressed(slider: Locator, key: str) -> None:
    """A key at a slider."""
    slider.focus()
    slider.press(key)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_cell_is_chosen_with_the_mouse_and_stays_in_the_address(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/efficient?lang={lang}")
    middle = page.locator("canvas[data-plane=m1]")
    box = still(middle).bounding_box()
    assert box
    middle.click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.4})
    visitor.wait_for(cell="m1,1,2")
    page.reload()
    visitor.skip()
    visitor.wait_for(cell="m1,1,2")


def test_the_grids_and_the_desk_with_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.go("/efficient?lang=en")
    page.locator("canvas[data-plane=y4]").focus()
    for key in ("Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("new URLSearchParams(location.search).get('cell')?.startsWith('y')")
    preset = page.get_by_role("button", name=say("en", "efficient.preset.dw6"))
    preset.focus()
    page.keyboard.press("Enter")
    visitor.wait_for(cin="512", cout="512", side="14")
    expect(page.get_by_test_id("stMain").get_by_text(re.compile("11.3%")).first).to_be_visible()


def test_the_spiral_follows_its_slider(visitor: Visitor) -> None:
    page = visitor.go("/efficient?lang=en&view=inverted")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile(r"Through 2 dimensions the spiral")).first).to_be_visible()
    pressed(page.get_by_role("slider", name=say("en", "efficient.n")), "ArrowRight")
    visitor.wait_for(n="3")
    expect(main.get_by_text(re.compile(r"Through 3 dimensions the spiral")).first).to_be_visible()
    page.get_by_text(say("en", "efficient.no_activation"), exact=True).click()
    visitor.wait_for(after="linear")
    expect(main.get_by_text(re.compile(r"Without a ReLU")).first).to_be_visible()


def test_a_click_on_the_surface_moves_the_desk(visitor: Visitor) -> None:
    page = visitor.go("/efficient?lang=en&view=scaling")
    for beta, gamma in ((4, 2), (1, 6), (4, 2)):  # a cell can be clicked a second time
        page.locator(".atlas-surface tr").nth(8 - gamma).locator("td").nth(beta).click()
        b, g = 1 + 0.05 * beta, 1 + 0.05 * gamma
        visitor.wait_for(beta=f"{b:g}", gamma=f"{g:g}")
        said = re.compile(f"{2 / (b**2 * g**2):.3f}")
        expect(page.get_by_test_id("stMain").get_by_text(said).first).to_be_visible()


def test_it_fits_on_a_phone(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    for view in ("separable", "inverted", "gates", "scaling", "dense"):
        page = visitor.go(f"/efficient?lang=zh&view={view}")
        assert page.evaluate(FITS)
