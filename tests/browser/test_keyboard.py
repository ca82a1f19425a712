"""A network is found and opened without a mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor

MOST_STOPS = 25  # eighteen pages, two languages, Present


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something inside `selector` has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.closest(selector) !== null", selector):
            return
    raise AssertionError(f"{selector} is not reached in {MOST_STOPS} stops")


def test_tab_reaches_menu_and_network_typing_filters_and_enter_selects(visitor: Visitor) -> None:
    page = visitor.go("/")
    tab_to(page, "[data-testid=stSidebarNavLink][href*=pipeline]")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-shared-net input")).to_be_visible()
    visitor.settle()
    tab_to(page, ".st-key-shared-net")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("MobileNet v2")
    expect(page.get_by_role("option").first).to_contain_text("MobileNet v2")
    assert page.get_by_role("option").count() < 10
    page.keyboard.press("Enter")
    visitor.wait_for(net="mobilenet-v2")
    expect(page.locator(".atlas-facts")).to_contain_text("3,504,872")
