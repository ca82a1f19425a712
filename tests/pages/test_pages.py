"""Every page of the menu: it renders in both languages, says what it is, and has a text for every figure."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.typing import PlotlyState

from explorer import summaries, text
from explorer.networks import milestones
from explorer.ui.shell.navigation import SECTIONS
from tests.pages.conftest import FRAME, Visit, figures, html, live_figures, sound

IMAGES_ALONE = {"maps", "units", "glossary", "convolution"}
"""Pages that open with images and no other figure: photographs and maps, or a drawing with colours of its own."""

WITH_FIGURES = {"why": {"net": "cifar-resnet20"}, "residual": {"view": "identity"}}
"""What makes a page open with figures, where those of its first view are images."""

PAGES = [(section, page.slug) for section, pages in SECTIONS.items() for page in pages]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(("section", "slug"), PAGES)
def test_a_page_shows_its_head(visit: Visit, section: str, slug: str, lang: str) -> None:
    page = visit(slug, lang=lang)
    for key in (f"nav.{section}", f"nav.{slug}", f"{slug}.question"):
        assert escape(text.say(lang, key)) in html(page)
    assert page.subheader
    assert not page.error
    assert not page.toast


FEWEST = dict.fromkeys(("atlas", "pipeline", "maps", "why", "degradation", "lenet", "runs"), 2)
"""Figures and images that a page shows at first; any other shows one."""


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("slug", [slug for _, slug in PAGES])
def test_every_figure_and_image_has_a_text(visit: Visit, slug: str, lang: str) -> None:
    page = visit(slug, lang=lang)
    texts = [element.proto.alt for kind in ("plotly_chart", "echarts_chart") for element in page.get(kind)]
    texts += [image.alt for element in page.get("image") for image in element.proto.imgs]
    texts += [unescape(alt) for alt in re.findall(r'<img [^>]*?alt="([^"]*)"', html(page))]
    pointed = [each.proto for each in page.get("bidi_component") if each.proto.component_name.endswith("pointing")]
    texts += [json.loads(each.json)["label"] for each in pointed]
    assert len(texts) >= FEWEST.get(slug, 1)
    assert all(each.strip() for each in texts), texts


@pytest.mark.parametrize("slug", [slug for _, slug in PAGES])
def test_figures_follow_the_theme(visit: Visit, slug: str) -> None:
    light, dark = (visit(slug, **WITH_FIGURES.get(slug, {})) for _ in range(2))
    dark.context = {"theme": "dark"}
    sound(dark.run())
    inks = [
        {figure["layout"]["font"]["color"] for figure in figures(page)}
        | {figure["textStyle"]["color"] for figure in live_figures(page)}
        for page in (light, dark)
    ]
    if slug in IMAGES_ALONE:
        assert not inks[0] | inks[1]
        return
    assert len(inks[0]) == len(inks[1]) == 1
    assert inks[0] != inks[1]


@pytest.mark.parametrize(("locale", "lang"), [("zh-CN", "zh"), ("zh-TW", "zh"), ("en-GB", "en"), ("de-DE", "en")])
def test_the_browser_chooses_the_language_where_the_link_does_not(locale: str, lang: str) -> None:
    page = AppTest.from_file(str(FRAME), default_timeout=240)
    page.context = {"locale": locale}
    sound(page.run())
    assert escape(text.say(lang, "atlas.question")) in html(page)


def test_the_atlas_lists_every_network_and_links_every_milestone(visit: Visit) -> None:
    page = visit("atlas")
    listed = page.dataframe[0].value
    assert list(listed["title"]) == [summary.title for summary in summaries.load()]
    links = [parse_qs(link.proto.query_string) for link in page.get("page_link")]
    pipelines = [link["net"][0] for link in links if link.keys() == {"net", "lang"}]
    assert [slug for slug in pipelines if slug in milestones()][-len(milestones()) :] == list(milestones())
    assert [code for (code,) in figures(page)[0]["data"][0]["customdata"]] == list(milestones())


def test_the_atlas_scatter_changes_its_axis(visit: Visit) -> None:
    page = visit("atlas")
    before = figures(page)[1]
    page.get_by_key("atlas.against").set_value("parameters")
    after = figures(sound(page.run()))[1]
    assert page.query_params["against"] == "parameters"
    assert before["layout"]["xaxis"]["title"] != after["layout"]["xaxis"]["title"]


@pytest.mark.parametrize("figure", ["timeline", "accuracy"])
@pytest.mark.parametrize("customdata", [{"0": "vgg16"}, ["vgg16"]], ids=["as a mapping", "as a list"])
def test_a_click_in_the_atlas_opens_the_network(visit: Visit, figure: str, customdata: object) -> None:
    page = visit("atlas", lang="zh")
    selection = {"points": [{"customdata": customdata}], "point_indices": [0], "box": [], "lasso": []}
    page.session_state[figure] = PlotlyState({"selection": selection})
    sound(page.run())
    assert page.session_state["shared.net"] == "vgg16"
    assert escape(text.say("zh", "pipeline.question")) in html(page)
