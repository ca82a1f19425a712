"""A network is found and opened without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser

FOCUSED = "() => document.activeElement?.closest('.st-key-net') !== null"
MOST_STOPS = 20


def test_tab_reaches_the_network_typing_filters_and_enter_selects(visitor: Visitor) -> None:
    page = visitor.go("/pipeline")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED):
            break
    assert page.evaluate(FOCUSED), f"not reached in {MOST_STOPS} stops"
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("MobileNet v2")
    expect(page.get_by_role("option").first).to_contain_text("MobileNet v2")
    assert page.get_by_role("option").count() < 10
    page.keyboard.press("Enter")
    visitor.wait_for(net="mobilenet-v2")
    expect(page.locator(".atlas-facts")).to_contain_text("3,504,872")


def test_the_menu_works_with_the_keyboard(visitor: Visitor) -> None:
    page = visitor.go("/pipeline")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement?.dataset.testid === 'stSidebarNavLink'"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-atlas-timeline")).to_be_visible()
