"""The glossary in a browser: formulas without an error, a click that opens, words that explain themselves."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from explorer.glossary import address, term, terms
from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor

FORMULAS = [slug for slug, each in terms().items() if each.formula]
TOP = "document.querySelector('[data-testid=stMain]').scrollTop"


def test_every_formula_is_set_without_an_error(visitor: Visitor) -> None:
    page = visitor.go("/glossary?lang=en")
    for slug in FORMULAS:
        page.get_by_role("button", name=say("en", f"term.{slug}.name"), exact=True).last.click()
        expect(page.locator(".st-key-glossary-entry .katex-display annotation")).to_have_text(term(slug).formula)
        assert page.locator(".katex-error").count() == 0, slug
        visitor.settle()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_click_in_the_list_opens_the_entry_at_the_top_of_the_page(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/glossary?lang={lang}")
    page.locator(".atlas-groups a").last.click()
    page.wait_for_function(f"{TOP} > 1000")
    row = page.get_by_role("button", name=say(lang, "term.maximisation.name"), exact=True).last
    row.focus()
    row.press("Enter")
    visitor.wait_for(term="maximisation")
    expect(page.locator(".atlas-entry h2")).to_contain_text(say(lang, "term.maximisation.name"))
    page.wait_for_function(f"{TOP} === 0")
    page.get_by_role("link", name=say(lang, "glossary.touch", page=say(lang, "nav.units"))).click()
    visitor.wait_for(unitview="dream")
    page.go_back()
    visitor.wait_for(term="maximisation")


def test_a_word_that_is_pointed_at_leads_to_its_entry(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?lang=en&net=lenet5")
    page.locator(".atlas-term").first.hover()
    link = page.locator(".atlas-term [role=note] a:visible")
    expect(link).to_have_attribute("href", address("parameters", "en"))
    link.hover()  # it stays open on the way there
    with page.context.expect_page() as opening:
        link.click()
    expect(opening.value.locator(".atlas-entry h2")).to_contain_text(say("en", "term.parameters.name"))
    opening.value.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_lesson_links_a_term_once(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/convolution?lang={lang}")
    links = page.locator(f'[data-testid=stMarkdownContainer] a[href^="{address("stride", lang)}"]')
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("target", "_blank")


def test_a_search_is_restored_from_the_address(visitor: Visitor) -> None:
    page = visitor.go(f"/glossary?lang=en&find={quote('归一')}")
    expect(page.get_by_role("textbox")).to_have_value("归一")
    expect(page.locator(".atlas-glossary dt")).to_contain_text(["Batch normalisation", "Local response normalisation"])
