"""Why this class, in a real browser: maps on the first screen, another class by a click, the control beneath."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.text import LANGUAGES, imagenet as imagenet_in, say
from explorer.weights import imagenet
from tests.browser.conftest import Visitor


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_screen_explains_and_another_class_is_a_click_away(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/why?lang={lang}")
    main = page.get_by_test_id("stMain")
    saliency = main.get_by_role("img", name=re.compile("^" + re.escape(say(lang, "why.method.saliency"))))
    expect(saliency).to_be_in_viewport()
    width = saliency.evaluate("image => image.naturalWidth")
    assert width == 224, "a pixel for a pixel of the network's input"
    number = imagenet().index("tabby")
    tabby = (imagenet_in(lang) or imagenet())[number]
    main.get_by_role("radio", name=re.compile("^" + re.escape(tabby))).or_(
        main.get_by_role("button", name=re.compile("^" + re.escape(tabby)))
    ).first.click()
    visitor.wait_for(**{"class": str(number)})
    expect(main.get_by_text(re.compile(re.escape(say(lang, "why.for_class", name=tabby)))).first).to_be_visible()
    main.get_by_text(say(lang, "control.redrawn"), exact=True).click()
    visitor.wait_for(redrawn="1")
    expect(main.get_by_text(say(lang, "why.redrawn_title").split("**")[1])).to_be_visible()
    expect(main.get_by_text(re.compile(r"Grad-CAM[:：]"))).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_of_a_small_network_is_enlarged(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/why?lang={lang}&net=cifar-resnet20&curves=0")
    saliency = page.get_by_test_id("stMain").get_by_role(
        "img", name=re.compile("^" + re.escape(say(lang, "why.method.saliency")))
    )
    expect(saliency).to_be_in_viewport()
    assert saliency.evaluate("image => image.naturalWidth") == 256, "eight times 32 pixels"
