"""What a unit wants, in a real browser: filters at once, and a dream that is watched as it emerges, and stopped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import PATIENCE, Visitor
from tests.browser.test_frame import FITS, PHONE


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_filters_are_there_at_once(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/units?lang={lang}&net=lenet5")
    said = say(lang, "units.filters_grey", count=6, size="5×5", layer="c1", first="#", norm="#", last="#", least="#")
    name = re.compile("^" + re.escape(said.partition("#")[0]))
    expect(page.get_by_test_id("stMain").get_by_role("application", name=name)).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_text(say(lang, "exhibit.details"))).to_be_visible()


def test_the_numbers_of_the_filters_can_be_read_on_a_phone(visitor: Visitor) -> None:
    """The image keeps its size and is scrolled; the page is not."""
    visitor.page.set_viewport_size(PHONE)
    page = visitor.go("/units?lang=en&net=resnet18&weights=random")
    filters = page.locator(".st-key-filters img")
    expect(filters).to_be_visible()
    box = filters.bounding_box()
    assert box
    assert box["width"] > 700
    page.wait_for_function(FITS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dream_emerges_and_stops_when_asked(visitor: Visitor, lang: str) -> None:
    # 512 steps through 110 layers: no machine has finished before Stop is pressed. A seed for each language, so that
    # neither finds what the other has left.
    dream = f"unitview=dream&dreamfor=class&dreamsteps=512&dreamseed={list(LANGUAGES).index(lang)}"
    page = visitor.go(f"/units?lang={lang}&net=cifar-resnet110&{dream}")
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name=say(lang, "units.dream_start")).click()
    image = main.get_by_role("img", name=re.compile(say(lang, "units.what_class", name=".+"))).first  # then the curve
    expect(image).to_be_visible(timeout=2 * PATIENCE)
    first = image.get_attribute("src") or ""
    expect(image).not_to_have_attribute("src", first)
    stop = main.get_by_role("button", name=say(lang, "units.stop"), exact=False)
    stop.click()
    expect(main.get_by_text(say(lang, "units.stopped"))).to_be_visible()
    expect(stop).to_have_count(0)
