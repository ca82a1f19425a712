"""Non-linearities, pooling, normalisation in a real browser: with the mouse, and with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.text import LANGUAGES, say
from tests.browser.conftest import PATIENCE, Visitor


def choose(main: Locator, name: str) -> None:
    """Press one of a segmented control, whichever role it has."""
    main.get_by_role("radio", name=name, exact=True).or_(
        main.get_by_role("button", name=name, exact=True)
    ).first.click()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_point_moves_by_keys_alone(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/nonlinearities?lang={lang}&fn=tanh")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile(r"tanh .*x = 3.*0\.9951"))).to_be_visible()
    main.get_by_role("slider", name=say(lang, "nonlinearities.at")).focus()
    for key, place, value in (("Home", "-5", "0.9999"), ("ArrowRight", "-4.9", "0.9999"), ("End", "5", "0.9999")):
        page.keyboard.press(key)
        visitor.wait_for(x=place)
        shown = place.replace("-", "−")
        expect(main.get_by_text(re.compile(rf"tanh .*x = {re.escape(shown)}\D.*{value}"))).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_view_opens_with_its_figure(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/nonlinearities?lang={lang}")
    main = page.get_by_test_id("stMain")
    for view, heading in (("depth", "chain"), ("pooling", "by_hand"), ("batchnorm", "normalise")):
        choose(main, say(lang, f"nonlinearities.view.{view}"))
        visitor.wait_for(view=view)
        expect(main.get_by_role("heading", name=say(lang, f"nonlinearities.{heading}"))).to_be_visible()
        expect(main.locator("canvas").first).to_be_visible()


def grid(page: Page, lang: str, plane: str) -> Locator:
    label = f"{say(lang, 'nonlinearities.by_hand')} · {say(lang, f'nonlinearities.plane_{plane}')}"
    return page.get_by_role("application", name=label, exact=True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pooling_is_walked_and_typed_into_by_keys(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/nonlinearities?lang={lang}&view=pooling")
    says = page.locator(".says")
    expect(says).to_contain_text("max(1, 3, 2, 9)")
    grid(page, lang, "y").focus()
    page.keyboard.press("ArrowRight")
    expect(says).to_contain_text("max(2, 1, 1, 1)")
    page.keyboard.press("PageUp")  # to the input, where a number is typed
    grid(page, lang, "x").focus()
    page.keyboard.press("Home")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("grid="))
    visitor.settle()
    assert "7" in visitor.parameters()["grid"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_presets_and_the_nearest_setting_by_mouse(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/nonlinearities?lang={lang}&view=pooling")
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name=say(lang, "nonlinearities.preset.slide-average"), exact=True).click()
    visitor.wait_for(pool="mean")
    expect(page.locator(".says")).to_contain_text("(1 + 3 + 2 + 9) / 4")
    page = visitor.go(f"/nonlinearities?lang={lang}&view=pooling&f=6")
    label = say(lang, "nonlinearities.take_nearest", f=4, s=2, p=0)
    main.get_by_role("button", name=label, exact=True).click()
    visitor.wait_for(f="4")
    expect(grid(page, lang, "y")).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_units_die_live(visitor: Visitor, lang: str) -> None:
    seed = 11 + len(lang + say(lang, "nonlinearities.seed"))
    page = visitor.go(f"/nonlinearities?view=dying&lang={lang}&seed={seed}")
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name=say(lang, "nonlinearities.train"), exact=True).click()
    said = say(lang, "nonlinearities.trained_here", rate="0.1", seed=visitor.parameters()["seed"])
    expect(main.get_by_text(said)).to_be_visible(timeout=4 * PATIENCE)
    expect(main.get_by_role("button", name=say(lang, "nonlinearities.stop"), exact=True)).to_have_count(
        0, timeout=4 * PATIENCE
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_gamma_and_beta_undo_the_normalisation(visitor: Visitor, lang: str) -> None:
    page = visitor.go(f"/nonlinearities?lang={lang}&view=batchnorm&batch=digits")
    main = page.get_by_test_id("stMain")
    choose(main, say(lang, "nonlinearities.affine.undo"))
    visitor.wait_for(affine="undo")
    expect(main.get_by_text("γ = √(σ² + ε) =")).to_be_visible()
