"""The glossary, without a browser: one entry open, the list, the search, and where every entry leads."""

from __future__ import annotations

import json
from html import escape

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.averaging import views_of
from explorer.figures.svg import file_of
from explorer.glossary import GROUPS, address, search, term, terms
from explorer.ui.parts.architectures.glossary_views import SCHEMES
from tests.pages.conftest import Here, Visit, everything, html, sound, words
from tests.pages.test_path import links
from tests.pages.test_state import asked_for
from tests.states import all_fields

PLACES = {(each.page, tuple(each.state.items())): slug for slug, each in terms().items()}


@pytest.mark.parametrize("slug", terms())
def test_the_state_of_an_entry_can_be_read_by_its_page(slug: str) -> None:
    fields = {field.name: field for field in all_fields(term(slug).page)}
    for name, raw in term(slug).state.items():
        value = fields[name].parse(raw)
        assert not fields[name].codes or value in fields[name].codes


@pytest.mark.parametrize(("place", "slug"), PLACES.items(), ids=PLACES.values())
def test_an_entry_opens_its_page_in_its_state(
    visit: Visit, service: Here, place: tuple[str, tuple[tuple[str, str], ...]], slug: str
) -> None:
    page, state = place
    opened = visit(page, **dict(state))
    assert not opened.toast, "a value that the page refuses"
    assert not opened.error
    assert {name for name, _ in state} <= asked_for(opened, page), "a parameter that the page does not ask for"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_an_entry_stands_first_and_open(visit: Visit, lang: str) -> None:
    page = visit("glossary", lang=lang, term="batch-norm")
    shown = html(page)
    other = next(each for each in text.LANGUAGES if each != lang)
    entry = shown[shown.index("atlas-entry") : shown.index("atlas-groups")]
    for key, language in (("name", lang), ("name", other), ("also", lang)):
        assert escape(text.say(language, f"term.batch-norm.{key}")) in entry
    assert text.say(lang, "term.batch-norm.says") in words(page)
    assert [each.value for each in page.latex] == [f"$$\n{term('batch-norm').formula}\n$$"]
    assert (term("batch-norm").page, {"lang": lang, **term("batch-norm").state}) in links(page)
    assert not page.toast


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_list_has_every_term_in_its_group(visit: Visit, lang: str) -> None:
    page = visit("glossary", lang=lang)
    shown = html(page)
    assert shown.count('role="button" tabindex="0" data-opens=') == len(terms())
    for name in GROUPS:
        title = text.say(lang, f"glossary.group.{name}")
        assert f'<a href="#group-{name}">{escape(title)}</a>' in shown
        assert title in [each.value for each in page.subheader]
    for slug in terms():
        assert escape(text.say(lang, f"term.{slug}.says")) in shown


@pytest.mark.parametrize(("slug", "scheme"), SCHEMES.items())
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_crops_are_sketched_and_the_sketch_can_be_presented(visit: Visit, slug: str, scheme: str, lang: str) -> None:
    views = views_of(scheme, 224)
    page = visit("glossary", lang=lang, term=slug)
    said = text.say(
        lang,
        "glossary.views_say",
        count=len(views),
        mirrored=sum(view.mirrored for view in views),
        side=224,
        canvas=max(view.canvas for view in views),
    )
    assert f'alt="{escape(said, quote=True)}"' in html(page)
    (drawing,) = [each.proto.body for each in page.get("html") if "<img" in each.proto.body]
    shapes = file_of(drawing).decode()
    assert shapes.count("<rect") == 2 * len(views)
    assert shapes.count("<text") == sum(view.mirrored for view in views)
    assert "1 / 1" in html(visit("glossary", lang=lang, term=slug, present="1"))


def opened(page: AppTest) -> str:
    shown = html(page)
    return shown[shown.index("<h2>") + 4 : shown.index("</h2>")].partition(" <small>")[0] if "<h2>" in shown else ""


def test_related_terms_lead_on_and_an_entry_can_be_closed(visit: Visit) -> None:
    page = visit("glossary", term="batch-norm")
    page = sound(page.button(key="glossary-to-buffer").click().run())
    assert opened(page) == text.say("en", "term.buffer.name")
    assert page.query_params["term"] == "buffer"
    (close,) = [each for each in page.button if each.label == text.say("en", "glossary.close")]
    page = sound(close.click().run())
    assert opened(page) == ""
    assert "term" not in page.query_params


def test_a_search_is_in_the_address_and_shortens_the_list(visit: Visit) -> None:
    page = visit("glossary", find="归一")
    found = search("en", "归一")
    assert html(page).count("data-opens=") == len(found) > 1
    assert text.say("en", "glossary.found", count=len(found), words="归一") in words(page)
    page.text_input[0].set_value("no such word")
    page = sound(page.run())
    assert page.query_params["find"] == "no such word"
    assert "data-opens=" not in html(page)
    assert page.info[0].value == text.say("en", "glossary.none", words="no such word")


def test_a_term_that_does_not_exist_is_said_once(visit: Visit) -> None:
    page = visit("glossary", term="no-such-term")
    assert len(page.toast) == 1
    assert opened(page) == ""


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_lessons_and_explained_words_lead_to_the_glossary(visit: Visit, lang: str) -> None:
    page = visit("pipeline", net="lenet5", lang=lang)
    assert f'href="{escape(address("rf", lang))}"' in html(page)
    assert f"]({address('stride', lang)})" in everything(visit("convolution", lang=lang))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_columns_of_the_atlas_are_explained(visit: Visit, lang: str) -> None:
    columns = json.loads(visit("atlas", lang=lang).dataframe[0].proto.columns)
    for slug in ("macs", "memory", "rf", "depth", "top1", "parameters"):
        said = columns[slug]["help"]
        assert (
            said == f"{text.say(lang, f'term.{slug}.says')} [{text.say(lang, 'nav.glossary')}]({address(slug, lang)})"
        )
