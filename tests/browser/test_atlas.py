"""From the Atlas to a network: by the timeline, by the scatter, by the list."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from explorer.networks import network
from explorer.text import say
from tests.browser.conftest import Visitor, still

WHERE = """([key, slug]) => {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
    const {xaxis, yaxis} = plot._fullLayout;
    for (const trace of plot.data) {
        const i = [...(trace.customdata ?? [])].findIndex(code => code[0] === slug);
        if (i >= 0) return [xaxis._offset + xaxis.d2p(trace.x[i]), yaxis._offset + yaxis.d2p(trace.y[i])];
    }
    return null;
}"""


def click_point(page: Page, key: str, slug: str) -> None:
    plot = page.locator(f".st-key-{key} .js-plotly-plot")
    expect(plot.locator(".main-svg").first).to_be_visible()
    plot.scroll_into_view_if_needed()
    still(plot)
    where = page.evaluate(WHERE, [key, slug])
    assert where, f"{slug} is not in {key}"
    plot.click(position={"x": where[0], "y": where[1]})


@pytest.mark.parametrize(("key", "slug"), [("timeline", "efficientnet-b0"), ("accuracy", "mobilenet-v2")])
def test_a_click_on_a_point_opens_its_network_in_the_same_language(visitor: Visitor, key: str, slug: str) -> None:
    page = visitor.go("/?lang=zh")
    click_point(page, key, slug)
    arrived_at(visitor, slug, "zh")


def test_one_network_after_another(visitor: Visitor) -> None:
    page = visitor.go("/")
    click_point(page, "timeline", "alexnet")
    arrived_at(visitor, "alexnet", "en")
    page.get_by_test_id("stSidebarNavLink").filter(has_text=say("en", "nav.atlas")).click()
    expect(page.locator("h1")).to_have_text(say("en", "nav.atlas"))
    visitor.settle()
    page.get_by_test_id("stPageLink").get_by_role("link", name=network("densenet121").title).first.click()
    arrived_at(visitor, "densenet121", "en")


def arrived_at(visitor: Visitor, slug: str, lang: str) -> None:
    page = visitor.page
    expect(page.locator("h1")).to_have_text(say(lang, "nav.pipeline"))
    visitor.skip()
    expect(page.get_by_role("heading", name=say(lang, "pipeline.lesson", title=network(slug).title))).to_be_visible()
    found = visitor.parameters()
    assert found.get("net", "resnet50") == slug
    assert found.get("lang", "en") == lang
