"""Data and practice in a real browser: views of an image, a member left out, a measurement begun and stopped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ten_crops_are_on_the_first_screen_and_what_was_measured_waits(visitor: Visitor, lang: str) -> None:
    visitor.page.goto(f"{visitor.url}/crops?lang={lang}")
    page = visitor.settle()
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile(r"^1\. .+%$")).first).to_be_in_viewport()
    expect(main.get_by_text(re.compile(r"^10\. .+%$")).first).to_be_attached()
    expect(main.get_by_text(say(lang, "crops.ensemble"), exact=True)).to_have_count(0)
    main.get_by_role("button", name=say(lang, "crops.claim.some"), exact=True).click()
    expect(main.get_by_text(say(lang, "crops.ensemble"), exact=True)).to_be_visible()
    main.get_by_role("radio", name=say(lang, "crops.test.digits")).or_(
        main.get_by_role("button", name=say(lang, "crops.test.digits"))
    ).first.click()
    visitor.wait_for(test="digits")
    main.get_by_role("radio", name=say(lang, "crops.scheme.multi")).or_(
        main.get_by_role("button", name=say(lang, "crops.scheme.multi"))
    ).first.click()
    visitor.wait_for(scheme="multi")
    expect(main.get_by_text(re.compile(r"^6\. .+%$")).first).to_be_attached()
    expect(main.get_by_text(re.compile(r"^7\. .+%$"))).to_have_count(0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_member_is_left_out_with_a_click(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/crops?lang={lang}&test=lite")
    main = page.get_by_test_id("stMain")
    facts = main.locator(".atlas-facts").first
    expect(facts).to_contain_text(say(lang, "crops.all_members", count=3))
    main.get_by_role("button", name="Lite2", exact=True).or_(main.get_by_role("radio", name="Lite2")).first.click()
    expect(facts).to_contain_text(say(lang, "crops.all_members", count=2))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_feeding_asks_first_and_a_measurement_is_begun_and_stopped(visitor: Visitor, lang: str) -> None:
    visitor.page.goto(f"{visitor.url}/feeding?lang={lang}")
    page = visitor.settle()
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name=say(lang, "feeding.claim.four"), exact=True).click()
    expect(main.get_by_text(say(lang, "feeding.timeline"), exact=True)).to_be_visible()
    expect(main.get_by_text(re.compile(re.escape(say(lang, "feeding.claim.more")))).first).to_be_visible()
    main.get_by_role("button", name=say(lang, "feeding.start"), exact=True).click()
    stop = main.get_by_role("button", name=say(lang, "feeding.stop"), exact=True)
    expect(stop).to_be_visible()
    stop.click()
    expect(main.get_by_text(say(lang, "feeding.stopped"))).to_be_visible(timeout=60_000)
    expect(stop).to_have_count(0)
