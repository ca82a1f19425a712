"""Augmentation in a real browser: a sheet with its answers, a chain built by hand, a draw that is clicked, a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor
from tests.browser.test_frame import FITS, PHONE

SHEET = ".st-key-augmented-sheet figure"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheet_is_there_and_then_its_answers(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/augmentation?lang={lang}")
    draws = page.locator(SHEET)
    expect(draws).to_have_count(24)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")  # skipping the question has led down
    expect(draws.first).to_be_in_viewport()
    expect(draws.filter(has_text=re.compile("^[✓✗]"))).to_have_count(24)
    kept = re.escape(say(lang, "augmentation.kept", name="#", share="#", kept="#", count=24).split("#")[0].strip("* "))
    expect(page.get_by_test_id("stMain").get_by_text(re.compile(kept))).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_chain_is_built_and_another_sheet_is_drawn(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/augmentation?lang={lang}&asks=0&chain=mirror")
    page.get_by_role("combobox", name=say(lang, "augmentation.add")).click()
    page.keyboard.type("cutout")
    page.get_by_role("option").first.click()
    visitor.wait_for(chain="mirror_cutout", step="2")
    page.get_by_role("button", name=say(lang, "augmentation.again")).click()
    visitor.wait_for(seed="3")
    page.locator(".st-key-chain-earlier button").click()
    visitor.wait_for(chain="cutout_mirror")
    page.locator(SHEET).nth(4).click()
    visitor.wait_for(draw="5")
    expect(page.get_by_role("spinbutton", name=say(lang, "augmentation.draw"))).to_have_value("5")


def test_a_draw_is_chosen_with_the_keyboard(visitor: Visitor) -> None:
    page = visitor.go("/augmentation?lang=en&asks=0")
    page.locator(SHEET).nth(2).focus()
    page.keyboard.press("Enter")
    visitor.wait_for(draw="3")


def test_on_a_phone_the_sheet_fits(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    page = visitor.go("/augmentation?lang=en&asks=0")
    expect(page.locator(SHEET)).to_have_count(24)
    page.wait_for_function(FITS)
