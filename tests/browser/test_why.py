"""Why this class, in a real browser: maps on the first screen, another class by a click, the control beneath."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_screen_explains_and_another_class_is_a_click_away(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/why?lang={lang}&curves=0")
    main = page.get_by_test_id("stMain")
    saliency = main.get_by_role("img", name=re.compile("^" + re.escape(say(lang, "why.method.saliency"))))
    expect(saliency).to_be_in_viewport()
    width = saliency.evaluate("image => image.naturalWidth")
    assert width == 256, "eight times 32 pixels"
    dog = say(lang, "class.dog")
    main.get_by_role("radio", name=re.compile("^" + re.escape(dog))).or_(
        main.get_by_role("button", name=re.compile("^" + re.escape(dog)))
    ).first.click()
    visitor.wait_for(**{"class": "5"})
    expect(main.get_by_text(re.compile(re.escape(say(lang, "why.for_class", name=dog)))).first).to_be_visible()
    main.get_by_text(say(lang, "control.redrawn"), exact=True).click()
    visitor.wait_for(redrawn="1")
    expect(main.get_by_text(say(lang, "why.redrawn_title").split("**")[1])).to_be_visible()
    expect(main.get_by_text(re.compile(r"Grad-CAM[:：]"))).to_be_visible()
