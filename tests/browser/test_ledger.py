"""The ledger in a real browser: a click on a row works that operation out, and the address names it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visitor

HEADING, ROW = 38, 35  # pixels


def test_a_click_on_a_row_works_its_operation_out(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?net=lenet5&level=stage")
    shown, table = page.locator(".st-key-operation"), page.get_by_test_id("stDataFrame")
    expect(shown).to_contain_text("117,600")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 150, "y": HEADING + 3.5 * ROW})
    expect(shown).to_contain_text("240,000")
    visitor.wait_for(op="4")
    shown.get_by_test_id("stNumberInputStepUp").click()
    visitor.wait_for(op="5")
    expect(shown).to_contain_text("ReLU")
