"""Transfer learning, in a real browser: a guess, features from button to head, and classes of somebody's own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from explorer.text import LANGUAGES, plain, say
from tests.browser.conftest import Visitor
from tests.browser.test_frame import FITS, PHONE

RED = plain("red <b>things</b>")


def noise(seed: int, tint: int) -> FilePayload:
    """An image of noise around one colour."""
    pixels = np.random.default_rng(seed).integers(0, 120, (60, 80, 3), np.uint8)
    pixels[..., tint] += 120
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return {"name": f"{seed}.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_guess_is_answered_and_the_slider_says_what_trains(
    stranger: Callable[[str], Visitor], visitor: Visitor, lang: str
) -> None:
    one = stranger("zh-CN" if lang == "zh" else "en-US")
    page = one.page
    page.goto(f"{one.url}/transfer?lang={lang}")
    way = say(lang, "transfer.way.scratch")
    page.get_by_role("button", name=way, exact=True).click()
    truth = say(lang, "transfer.way.frozen")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(say(lang, "predict.wrong", given=way, truth=truth))).to_be_visible()
    slider = page.get_by_role("slider", name=say(lang, "transfer.kept"))
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(main.get_by_text(re.compile(r"1,030,410")).first).to_be_visible()
    one.wait_for(kept="7")


def test_features_are_computed_once_and_a_head_is_there(visitor: Visitor) -> None:
    page = visitor.go("/transfer?lang=en&transferview=reused&net=cifar-resnet20&to=digits")
    page.get_by_role("button", name=say("en", "transfer.compute")).click()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=120_000)
    facts = page.locator(".atlas-facts")
    expect(facts).to_contain_text("on 300 test images")
    before = facts.inner_text()
    slider = page.get_by_role("slider", name=say("en", "transfer.after"))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(facts).not_to_have_text(before)
    visitor.wait_for(after="4")
    page.get_by_role("button", name=say("en", "transfer.clear")).click()
    expect(page.get_by_role("button", name=say("en", "transfer.compute"))).to_be_visible()


def test_own_images_teach_two_classes_that_nobody_else_sees(
    visitor: Visitor, stranger: Callable[[str], Visitor]
) -> None:
    link = "/transfer?lang=en&transferview=taught&start=own&neither=0"
    page = visitor.go(link)
    page.get_by_label(say("en", "transfer.name", number=1)).fill("red <b>things</b>")
    page.keyboard.press("Enter")
    files = page.locator("input[type=file]")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(say("en", "transfer.upload", name=RED))).to_be_visible()
    files.nth(0).set_input_files([noise(seed, 0) for seed in (1, 2, 3)])
    expect(main.locator(".st-key-tiles-taught-class-0 img")).to_have_count(3)
    visitor.settle()  # an input that is drawn anew meanwhile takes no file
    files.nth(1).set_input_files([noise(seed, 2) for seed in (4, 5)])
    expect(main.locator(".st-key-tiles-taught-class-1 img")).to_have_count(2)
    expect(main.locator(".atlas-facts")).to_contain_text(re.compile(r"\d / 5"))
    expect(main.locator(".st-key-tiles-taught-maps img")).to_have_count(2)
    with page.expect_download() as started:
        page.get_by_role("button", name=say("en", "transfer.export")).click()
    with zipfile.ZipFile(started.value.path()) as archive:
        assert sorted(archive.namelist()) == ["classify.py", "head.safetensors"]
        assert RED in archive.read("head.safetensors").decode(errors="ignore")
    assert "red" not in page.url
    other = stranger("en-US").go(link)
    expect(other.get_by_text(say("en", "transfer.too_few"))).to_be_visible()
    expect(other.get_by_test_id("stMain").locator("img")).to_have_count(0)


@pytest.mark.parametrize("view", ["measured&kept=4", "reused", "taught", "taught&start=own"])
def test_each_part_fits_a_phone(visitor: Visitor, view: str) -> None:
    visitor.page.set_viewport_size(PHONE)
    page = visitor.go(f"/transfer?lang=zh&transferview={view}")
    expect(page.get_by_text(say("zh", "transfer.lesson"))).to_be_visible()
    page.wait_for_function(FITS)
