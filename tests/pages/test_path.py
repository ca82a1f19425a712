"""A beginning, a route and a next page everywhere; one network for the session; what a network is, on its page."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.figures.theme import colour_of_family
from explorer.networks import network, networks
from explorer.ui.parts.architectures.pipeline import FACT_TERMS, SIZE_TERMS
from explorer.ui.parts.architectures.route import ROUTE
from explorer.ui.shell.navigation import HOME, NAME, SECTIONS, about, spec_of
from tests.pages.conftest import Visit, html, sound

PAGES = [page for pages in SECTIONS.values() for page in pages]


def links(page: AppTest) -> list[tuple[str, dict[str, str]]]:
    """(page, parameters) of every link; the home page is called so, though its address is empty."""
    found = []
    for link in page.get("page_link"):
        parameters = {name: values[0] for name, values in parse_qs(link.proto.query_string).items()}
        found.append((link.proto.page or HOME, parameters))
    return found


def opened(page: AppTest, slug: str, **parameters: str) -> AppTest:
    """Another page of the same session, as a link or the menu opens it."""
    section = next(name for name, pages in SECTIONS.items() if spec_of(slug) in pages)
    page.query_params.clear()
    for name, value in parameters.items():
        page.query_params[name] = value
    page.switch_page(f"../../pages/{section}/{slug}.py")
    return sound(page.run())


def test_the_path_leads_through_every_page_and_home_again() -> None:
    path, slug = [], HOME
    while slug not in path:
        path.append(slug)
        slug = spec_of(slug).next
    assert slug == HOME
    assert set(path) == {page.slug for page in PAGES}


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("slug", [page.slug for page in PAGES])
def test_a_page_ends_with_the_next_one(visit: Visit, slug: str, lang: str) -> None:
    page = visit(slug, lang=lang)
    assert links(page)[-1] == (spec_of(slug).next, {"lang": lang})
    assert text.say(lang, f"nav.{spec_of(slug).next}") in page.get("page_link")[-1].proto.label


@pytest.mark.parametrize(
    ("net", "others"),
    [("lenet5", ["maps", "why", "units", "lenet", "crops"]), ("vgg16", ["maps", "why", "units", "crops"])],
)
def test_a_page_about_a_network_leads_to_the_others_with_it(visit: Visit, net: str, others: list[str]) -> None:
    page = visit("pipeline", net=net)
    foot = links(page)[-1 - len(others) : -1]  # what stands before it are links of the lesson
    assert foot == [(slug, {"lang": "en", "net": net}) for slug in others]
    assert not any("net" in query for _, query in links(page)[: -1 - len(others)])
    assert html(page).count(name_of(net)) == 2, "above the drawing and at the foot"


def name_of(net: str) -> str:
    return f'<i style="background:{colour_of_family(network(net).family)}"></i><b>{network(net).title}</b>'


@pytest.mark.parametrize("slug", ["maps", "why", "units"])
def test_a_page_that_looks_into_a_network_names_it_in_its_head(visit: Visit, slug: str) -> None:
    page = visit(slug, net="lenet5")
    assert html(page).count(name_of("lenet5")) == 2, "in the head and at the foot"


def test_every_family_is_trained_or_at_least_looked_into() -> None:
    for family in {spec.family for spec in networks().values()}:
        looking = ("pipeline", "maps", "why", "units")
        assert [page.slug for page in about(family) if page.slug in looking] == list(looking)


def net_of(page: AppTest) -> str:
    return str(page.session_state["shared.net"])


def test_a_network_that_was_chosen_stays_and_one_that_nobody_chose_does_not(visit: Visit) -> None:
    page = visit("pipeline")
    assert net_of(opened(page, "maps")) == "efficientnet-lite0", "the first with trained weights, as nobody chose any"
    page = opened(page, "pipeline")
    assert net_of(page) == "resnet50"
    page.get_by_key("shared.net").set_value("lenet5")
    sound(page.run())
    for slug in ("maps", "why", "pipeline"):
        page = opened(page, slug)
        assert net_of(page) == "lenet5"
        assert page.query_params["net"] == "lenet5"


def test_a_choice_survives_the_page_whose_default_it_is(visit: Visit) -> None:
    page = visit("maps", net="resnet50")
    assert net_of(opened(page, "pipeline")) == "resnet50"
    assert net_of(opened(page, "maps")) == "resnet50"
    assert net_of(opened(page, "pipeline", net="vgg16")) == "vgg16", "an address is stronger"


@pytest.mark.parametrize("stop", ROUTE, ids=lambda stop: stop.slug)
def test_a_stop_asks_before_its_page_answers(visit: Visit, stop: Any) -> None:
    wanted = {"lang": "en", **({"net": stop.slug} if stop.page == "pipeline" else {})}
    assert (stop.page, wanted) in links(visit("atlas"))
    page = visit(stop.page, asked=True, **wanted)
    assert not page.toast
    assert text.say("en", f"{stop.page}.predict") in " ".join(each.value for each in page.markdown)
    if stop.page == "pipeline":
        assert net_of(page) == stop.slug


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_atlas_says_what_it_is_and_for_whom(visit: Visit, lang: str) -> None:
    page = visit("atlas", lang=lang)
    first = page.markdown[0].value
    assert NAME in first
    assert text.say(lang, "atlas.whom") in first


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_network_is_introduced_and_its_words_are_explained(visit: Visit, lang: str) -> None:
    page = visit("pipeline", net="lenet5", lang=lang)
    lesson = text.lesson(lang, "networks", "lenet")
    terms = [text.say(lang, f"term.{key}.says") for key in (*FACT_TERMS, *SIZE_TERMS)]
    for said in (lesson["contribution"], *terms):
        assert escape(said) in html(page)


@pytest.mark.parametrize(
    ("slug", "link", "title"),
    [
        ("atlas", {}, "Atlas"),
        ("maps", {"net": "vgg16"}, "Feature maps · VGG-16 (D)"),
        ("lenet", {}, "LeNet-5 experiment"),
    ],
)
def test_a_tab_is_called_after_its_page_and_its_network(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, slug: str, link: dict[str, str], title: str
) -> None:
    titles: list[str] = []
    monkeypatch.setattr(st, "set_page_config", lambda **config: titles.append(config.get("page_title", "")))
    visit(slug, **link)
    assert titles[-1] == f"{title} · {NAME}"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_page_that_trains_lenet_says_what_lenet_is(visit: Visit, lang: str) -> None:
    said = html(visit("lenet", lang=lang))
    lesson = text.lesson(lang, "networks", "lenet")
    assert escape(lesson["contribution"]) in said
