"""The frame around every page, in both languages, both themes, on a screen and on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from explorer.text import LANGUAGES, lesson, say
from explorer.ui.shell.navigation import SECTIONS
from tests.browser.conftest import SCREEN, App, Visitor

PAGES = [page.slug for pages in SECTIONS.values() for page in pages]
PHONE: ViewportSize = {"width": 390, "height": 844}

MISSING_TEXTS = """() => {
    const named = e => (e.getAttribute("aria-label") || e.getAttribute("alt") || "").trim();
    const shown = [...document.querySelectorAll("[data-testid=stPlotlyChart], [data-testid=stMain] img")];
    return [shown.length, shown.filter(e => !named(e)).map(e => e.outerHTML.slice(0, 200))];
}"""
FITS = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
    .every(e => e.scrollWidth <= e.clientWidth)"""
INKS = """() => [...document.querySelectorAll(".js-plotly-plot")].map(plot => plot._fullLayout.font.color)"""
DRAWN = ", ".join(
    (
        ".js-plotly-plot .main-svg",
        "[data-testid=stEChartsChart] canvas",
        "[data-testid=stDataFrame]",
        "[data-testid=stMain] img",
    )
)
FAINT = Path(__file__).with_name("faint.js").read_text(encoding="utf-8").partition("\n")[2]
CLEARANCE = """() => {
    const [kicker, title] = [".kicker", "h1"].map(place => document.querySelector(place));
    const inside = title.getBoundingClientRect().top + parseFloat(getComputedStyle(title).paddingTop);
    return inside - kicker.getBoundingClientRect().bottom;
}"""
PAPER = """() => getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor"""


def figures_painted(page: Page) -> None:
    """Every figure that the page announces is there."""
    expect(page.locator(DRAWN).locator("visible=true").first).to_be_visible()  # another may be for another screen
    page.wait_for_function(
        "document.querySelectorAll('[data-testid=stPlotlyChart]').length"
        " === document.querySelectorAll('.js-plotly-plot .main-svg:first-child').length"
    )


def test_a_deep_link_as_the_first_request_of_all_shows_the_frame(app: App) -> None:
    assert app.first_menu == [say("en", f"nav.{slug}") for slug in PAGES]
    assert app.first_heading == say("en", "nav.pipeline")
    assert "138,357,544" in app.first_text, "not VGG-16"


def test_the_first_page_is_found_under_its_name_too(visitor: Visitor) -> None:
    page = visitor.go("/atlas?against=parameters")
    assert visitor.parameters()["against"] == "parameters"
    visitor.go("/runs")
    page = visitor.go("/atlas")
    expect(page.locator("h1")).to_have_text(say("en", "nav.atlas"))
    assert page.get_by_role("dialog").count() == 0, "page not found"
    assert len(page.get_by_test_id("stSidebarNavLink").all()) == len(PAGES)
    page.go_back()
    expect(page.locator("h1")).to_have_text(say("en", "nav.runs"))
    visitor.settle()


@pytest.mark.parametrize(("lang", "sizes"), [("en", (PHONE, SCREEN)), ("zh", (SCREEN, PHONE))])
@pytest.mark.parametrize("slug", PAGES)
def test_a_page_fits_and_every_figure_has_a_text(
    visitor: Visitor, slug: str, lang: str, sizes: Sequence[ViewportSize]
) -> None:
    """At the end, `Visitor.check` adds: no request to anywhere else, no script error, no exception."""
    visitor.page.set_viewport_size(sizes[0])
    page = visitor.go(f"/{slug}?lang={lang}")
    figures_painted(page)
    expect(page.locator("h1")).to_have_text(say(lang, f"nav.{slug}"))
    assert page.evaluate("document.documentElement.lang")[:2] == lang
    count, missing = page.evaluate(MISSING_TEXTS)
    assert count >= 2 or page.locator(DRAWN).count() >= 1
    assert not missing
    assert len(visitor.requests) > 10
    assert luminance(page.evaluate(PAPER)) > 0.8
    readable(page)
    if sizes[0] is PHONE:
        expect(page.get_by_test_id("stSidebarNavLink").first).not_to_be_in_viewport()
    for size in sizes:
        page.set_viewport_size(size)
        page.wait_for_function(FITS)


def test_the_language_switch_translates_menu_title_and_lesson(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?net=resnet18&level=stage")
    menu = page.get_by_test_id("stSidebarNav")
    for lang in ("zh", "en"):
        page.locator(".st-key-lang").get_by_role("radio", name=LANGUAGES[lang]).click()
        expect(page.locator("h1")).to_have_text(say(lang, "nav.pipeline"))
        visitor.wait_for(net="resnet18", level="stage")
        assert visitor.parameters().get("lang", "en") == lang
        for slug in PAGES:
            expect(menu.get_by_role("link", name=say(lang, f"nav.{slug}"), exact=True)).to_be_visible()
        question = lesson(lang, "networks", "resnet")["question"].split("\n")[0]
        expect(page.get_by_text(question.split("$")[0][:30])).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_menu_and_the_language_below_it_are_seen_whole(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/glossary?lang={lang}")
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(len(PAGES))
    expect(page.locator(".st-key-lang")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("lang", "style"), [("en", "italic"), ("zh", "normal")])
def test_chinese_is_never_slanted(visitor: Visitor, lang: str, style: str) -> None:
    page = visitor.go(f"/units?lang={lang}")
    expect(page.locator(f"html:lang({lang})")).to_be_attached()
    for place in (".atlas-head .question", "em"):
        expect(page.locator(place).first).to_have_css("font-style", style)


def test_the_kicker_keeps_clear_of_a_chinese_title(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    page = visitor.go("/maps?lang=zh")
    expect(page.locator("html:lang(zh)")).to_be_attached()
    assert page.evaluate(CLEARANCE) >= 4


def test_a_figure_in_a_column_is_seen_whole_on_a_screen_and_keeps_its_proportions_on_a_phone(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?lang=en")
    figures_painted(page)
    shares = page.locator("[class*=st-key-wide][class*=-w1]").last
    hidden = "e => e.scrollWidth - e.clientWidth"
    assert shares.evaluate(hidden) <= 1
    page.set_viewport_size(PHONE)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').clientWidth <= 390")
    assert shares.evaluate(hidden) > 300


def test_columns_below_each_other_leave_no_hole(visitor: Visitor) -> None:
    """What the weights are, and below it the image."""
    visitor.page.set_viewport_size(PHONE)
    page = visitor.go("/why?lang=en")
    follows(page.get_by_text(say("en", "weights.is_packaged").split("{")[0]), page.locator(".st-key-shared-pic-3"))


def test_on_a_phone_the_photograph_and_its_answer_come_first(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)
    page = visitor.go("/maps?lang=en")
    network = page.locator(".st-key-shared-net")
    follows(page.locator(".atlas-answer"), network)
    note = page.get_by_text(say("en", "weights.is_packaged").split("{")[0])
    follows(network, note, most=200)
    follows(note, page.get_by_text("EfficientNet-Lite0 says:"))


def follows(above: Locator, below: Locator, most: float = 24) -> None:
    """One element stands below the other, and between them is no hole."""
    first, second = [box for each in (above, below) if (box := each.bounding_box())]
    gap = second["y"] - first["y"] - first["height"]
    assert 8 <= gap <= most, gap


@pytest.mark.parametrize("slug", PAGES)
def test_a_dark_browser_gets_a_dark_page_with_readable_figures(visitor: Visitor, slug: str) -> None:
    visitor.page.emulate_media(color_scheme="dark")
    page = visitor.go(f"/{slug}")
    figures_painted(page)
    assert luminance(page.evaluate(PAPER)) < 0.1
    readable(page)


def test_figures_follow_a_change_of_theme_while_the_page_is_open(visitor: Visitor) -> None:
    page = visitor.go("/pipeline?net=lenet5&level=stage")
    schemes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for scheme in schemes:
        before = page.evaluate(INKS)
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"before => ({INKS})().every(ink => !before.includes(ink))", arg=before)
        readable(page)


def readable(page: Page) -> None:
    """The text of every figure stands out from the page (WCAG's level AAA), and so does all other text (AA)."""
    assert not page.evaluate(FAINT)
    paper = luminance(page.evaluate(PAPER))
    assert all(contrast(paper, luminance(ink)) >= 7 for ink in page.evaluate(INKS))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of #rrggbb or rgb(r, g, b)."""
    if colour.startswith("#"):
        parts: list[Any] = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    else:
        parts = [int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 255 / 12.92 if p / 255 <= 0.04045 else ((p / 255 + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
