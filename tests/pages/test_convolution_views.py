"""Three views of the page about convolution: photographs, receptive fields, fully connected; number by number."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.arithmetic.stacks import PRESETS
from explorer.blocks.kernels import KERNELS
from explorer.images import load, thumbnail
from explorer.records import InputImage
from explorer.records.stacks import WindowLayer
from explorer.ui.cached import models as cached_models
from explorer.ui.cached.blocks import convolution_views as cached
from explorer.ui.parts.blocks.convolution.field.layers import edited
from explorer.ui.parts.blocks.convolution.field.state import INPUTS
from tests.pages.conftest import Visit, alts, html, live_figures, open_twin, sound, words


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def table(page: AppTest, place: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.dataframe[place].value.to_dict("records")
    return found


# --- photograph -------------------------------------------------------------------------------------------------------


def sobel_by_torch(**how: int) -> torch.Tensor:
    grey = torch.from_numpy(thumbnail(load("cat"), 1, 300)[..., 0].copy()).double()
    kernel = torch.tensor(KERNELS["sobel-vertical"], dtype=torch.float64)
    return F.conv2d(grey[None, None], kernel[None, None], **how)[0, 0]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_photograph_says_size_range_and_its_strongest_value(visit: Visit, lang: str) -> None:
    page = visit("convolution", view="photograph", lang=lang)
    y = sobel_by_torch()
    strip = html(page)
    assert f"{y.shape[0]} × {y.shape[1]}" in strip
    assert "⌊(300 − 3)/1⌋ + 1 = 298" in strip
    assert f"{y.min():.4g} … {y.max():.4g}".replace("-", "−") in strip
    row, column = divmod(int(y.abs().argmax()), y.shape[1])
    assert f"{y.abs().max():.4g}" in strip
    assert text.say(lang, "convolution.photo.place", row=row, column=column) in strip
    limit = np.quantile(y.abs().numpy(), 0.99)
    assert text.say(lang, "convolution.colours.signed", limit=f"{limit:.4g}") in words(page)
    assert text.say(lang, "convolution.photo.before", size="300×451") in alts(page)


def test_stride_padding_and_dilation_count(visit: Visit) -> None:
    page = visit("convolution", view="photograph", **{"filter-s": "2", "filter-p": "3", "filter-d": "4"})
    y = sobel_by_torch(stride=2, padding=3, dilation=4)
    assert f"{y.shape[0]} × {y.shape[1]}" in html(page)
    assert f"{y.min():.4g} … {y.max():.4g}".replace("-", "−") in html(page)


def test_the_code_on_the_page_makes_the_picture_on_the_page(
    visit: Visit, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit("convolution", view="photograph", filter="gaussian", **{"filter-over": "each", "filter-s": "2"})
    (code,) = (each.value for each in page.code if "filter-before.png" in each.value)
    image = InputImage("cat", load("cat"))
    asked = cached.Filter(KERNELS["gaussian"], stride=2, over="each")
    (tmp_path / "filter-before.png").write_bytes(cached.before_png(image, asked, False))
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    (shown,) = cached.after_pngs(image, asked, False)
    with Image.open("filter-after.png") as made, Image.open(io.BytesIO(shown)) as drawn:
        assert np.array_equal(np.asarray(made), np.asarray(drawn))


def test_three_signed_maps_stand_beside_the_image(visit: Visit) -> None:
    page = visit("convolution", view="photograph", filter="laplace", **{"filter-over": "each"})
    for number in range(3):
        assert f"**{text.say('en', f'convolution.channel.{number}')}** · Orange" in words(page)


def test_a_kernel_of_ones_own_is_pasted_and_travels_in_the_address(visit: Visit) -> None:
    page = visit("convolution", view="photograph", filter="own")
    box = next(each for each in page.text_area)
    assert box.value.split() == ["-2", "-1", "0", "-1", "1", "1", "0", "1", "2"]
    sound(box.set_value("[[0, 1/2], [0.5, 0]]").run())
    assert page.query_params["filter-own"] in ("m0_0.5*0.5_0", ["m0_0.5*0.5_0"])
    assert "299 × 450" in html(page)
    sound(page.text_area[0].set_value("1 2\n3").run())
    assert text.say("en", "convolution.paste.ragged") in words(page)
    assert "299 × 450" in html(page), "the kernel stays"
    again = visit("convolution", view="photograph", filter="own", **{"filter-own": "m0_0.5*0.5_0"})
    assert "299 × 450" in html(again)
    assert again.text_area[0].value == "0 0.5\n0.5 0"


def test_a_magnitude_of_a_kernel_that_is_not_square_says_why_not(visit: Visit) -> None:
    link = {"filter-own": "m1_0_-1", "filter-magnitude": "1"}
    page = visit("convolution", view="photograph", filter="own", **link)
    assert text.say("en", "convolution.photo.not_square", size="1×3") in words(page)


def test_a_window_larger_than_the_image_is_refused_with_what_fits(visit: Visit) -> None:
    link = {"filter-own": "m" + "*".join(["1x11"] * 11), "filter-d": "16"}
    page = visit("convolution", view="photograph", filter="own", pic="sample", set="digits", **link)
    room = min(cached_models.sample("digits", 0).pixels.shape[:2])
    assert text.say("en", "convolution.photo.misfit", span=161, room=room) in words(page)


# --- receptive field --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_says_its_field_and_what_is_read(visit: Visit, preset: str, lang: str) -> None:
    stack, n = PRESETS[preset], INPUTS[preset]
    address = "_".join(".".join(map(str, layer)) for layer in stack)
    page = visit("convolution", view="field", stack=address, lang=lang, **{"stack-n": str(n)})
    x = torch.zeros(1, 1, n, dtype=torch.float64, requires_grad=True)
    y = x
    for f, s, p, d in stack:
        y = F.conv1d(y, torch.ones(1, 1, f, dtype=torch.float64), stride=s, padding=p, dilation=d)
    (gradient,) = torch.autograd.grad(y[0, 0, y.shape[-1] // 2], x)
    read = gradient[0, 0].nonzero().flatten()
    size = int(read.max() - read.min()) + 1  # the middle output sees no padding in any of them
    assert f"r = {size}" in html(page)
    assert f"{len(read)} / {size}" in html(page)
    page = open_twin(page, "stack-pyramid")
    said = text.say(
        lang,
        "convolution.stack.says",
        cell=y.shape[-1] // 2,
        read=len(read),
        size=size,
        first=int(read.min()),
        last=int(read.max()),
        ways=f"{int(gradient.max()):,}",
    )
    assert said in words(page)
    missing = size - len(read)
    assert (text.say(lang, "convolution.stack.gaps", missing=missing) in words(page)) == (missing > 0)


def test_the_recursion_is_on_the_page_with_its_numbers(visit: Visit) -> None:
    page = visit("convolution", view="field")
    rows = table(page, 1)
    assert [row["r"] for row in rows] == ["1", "1 + 1·(3 − 1)·1 = 3", "3 + 1·(3 − 1)·1 = 5", "5 + 1·(3 − 1)·1 = 7"]
    assert rows[3]["start"] == "−2 − 1·1 = −3"


def test_the_code_counts_the_ways(visit: Visit) -> None:
    page = visit("convolution", view="field", stack="3.1.2.2_3.1.2.2", **{"stack-cell": "9"})
    (code,) = (each.value for each in page.code if "nn.Conv1d" in each.value)
    scope: dict[str, Any] = {"print": lambda *said: None}
    exec(code, scope)
    ways = scope["ways"].tolist()
    assert ways[5:14] == [1, 0, 2, 0, 3, 0, 2, 0, 1]
    assert sum(ways) == 9


def test_a_stack_that_does_not_fit_says_which_layer_and_offers_two_ways_out(visit: Visit) -> None:
    page = visit("convolution", view="field", stack="3.2.0.1_3.2.0.1_9.1.0.1", **{"stack-n": "20"})
    assert text.say("en", "convolution.stack.misfit", layer=3, span=9, room=4) in words(page)
    larger, shorter = (next(b for b in page.button if b.key == key) for key in ("stack-larger", "stack-shorter"))
    assert larger.label == text.say("en", "convolution.stack.larger", n=39)
    assert shorter.label == text.say("en", "convolution.stack.shorter", count=2)
    sound(larger.click().run())
    assert not page.warning
    assert "r = 39" in html(page)


def test_a_field_too_wide_to_draw_is_cut_with_a_sentence(visit: Visit) -> None:
    page = visit("convolution", view="field", stack="_".join(["11.4.5.1"] * 6), **{"stack-n": "256"})
    assert text.say("en", "convolution.stack.too_wide", count=4, most="1,024") in words(page)


def test_what_is_typed_into_the_table() -> None:
    stack = PRESETS["three-3"]
    assert edited(stack, {}) == stack
    assert edited(stack, {"edited_rows": {1: {"f": 5, "d": 99}, "2": {"s": None}}})[1] == WindowLayer(5, 1, 1, 16)
    assert edited(stack, {"deleted_rows": [0, 2]}) == stack[:1]
    assert edited(stack, {"deleted_rows": [0, 1, 2]}) == stack[:1], "one layer stays"
    assert edited(stack, {"added_rows": [{"f": 7}, {}]})[3:] == (WindowLayer(7, 1, 1, 1), WindowLayer(3, 1, 1, 1))
    assert len(edited(stack, {"added_rows": [{}] * 20})) == 8


def test_a_pair_is_compared_with_its_numbers(visit: Visit) -> None:
    page = visit("convolution", view="field")
    assert "27 C² = 110,592" in html(page)
    assert "49 C² = 200,704" in html(page)
    stack, single = live_figures(page)[-1]["series"]
    assert stack["data"][2]["value"] == [7, 110_592]
    assert single["data"][2]["value"] == [7, 200_704]
    other = visit("convolution", view="field", **{"pair-f": "5", "pair-k": "2", "pair-c": "10"})
    layers = [torch.nn.Conv2d(10, 10, side, bias=False).weight.numel() for side in (5, 5, 9)]
    assert f"50 C² = {layers[0] + layers[1]:,}" in html(other)
    assert f"81 C² = {layers[2]:,}" in html(other)


def test_the_brightness_of_the_fields_is_a_gradient_of_random_stacks() -> None:
    """The mean of squared gradients over random weights is proportional to the number of ways (standard normal)."""
    draw = torch.Generator().manual_seed(0)
    total = torch.zeros(20, dtype=torch.float64)
    for _ in range(4_000):
        x = torch.zeros(1, 1, 20, dtype=torch.float64, requires_grad=True)
        y = x
        for _ in range(3):
            y = F.conv1d(y, torch.randn(1, 1, 3, dtype=torch.float64, generator=draw), padding=1)
        (gradient,) = torch.autograd.grad(y[0, 0, 10], x)
        total += gradient[0, 0] ** 2
    mean = (total / 4_000)[7:14]
    assert mean.tolist() == pytest.approx([1, 3, 6, 7, 6, 3, 1], rel=0.2)


# --- fully connected --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_slides_numbers_stand_first(visit: Visit, lang: str) -> None:
    page = visit("convolution", view="dense", lang=lang)
    linear, conv = 3072 * 4704 + 4704, sum(each.numel() for each in torch.nn.Conv2d(3, 6, 5).parameters())
    assert f"{linear:,}" in html(page)
    assert f"{conv:,}" in html(page)
    bars = live_figures(page)[0]["series"]
    assert [bar["value"] for bar in bars[0]["data"]] == [linear, 4704 * 75 + 4704, conv]
    assert [bar["value"] for bar in bars[1]["data"]] == [3072 * 4704, 4704 * 75, 4704 * 75]
    said = text.say(
        lang,
        "convolution.wiring.says",
        dense=f"{linear:,}",
        local="357,504",
        conv="456",
        locality=f"{3072 / 75:.4g}",
        sharing=f"{357_504 / 456:.4g}",
    )
    assert said in words(page)


def test_the_matrices_have_a_colour_for_each_weight(visit: Visit) -> None:
    page = visit("convolution", view="dense", **{"matrix-n": "8", "matrix-f": "2", "matrix-s": "3"})
    drawn = [each for each in live_figures(page) if each["series"][0]["type"] == "heatmap"]
    colours = [{cell["itemStyle"]["color"] for cell in each["series"][0]["data"]} for each in drawn]
    assert [len(each) for each in colours] == [24, 6, 2]
    said = [cell["name"] for cell in drawn[2]["series"][0]["data"]]
    assert said[1] == text.say("en", "convolution.wiring.entry", row=0, column=1, weight=2)


def test_a_kernel_that_does_not_fit_is_mended_by_a_button(visit: Visit) -> None:
    page = visit("convolution", view="dense", **{"wiring-n": "4", "wiring-f": "7", "matrix-n": "3", "matrix-f": "5"})
    misfits = [each.value for each in page.warning]
    assert misfits == [text.say("en", "convolution.wiring.misfit", f=f, room=room) for f, room in ((7, 4), (5, 3))]
    sound(next(b for b in page.button if b.key == "wiring-smaller").click().run())
    sound(next(b for b in page.button if b.key == "matrix-smaller").click().run())
    assert not page.warning


def test_only_the_convolution_moves_along(visit: Visit) -> None:
    page = visit("convolution", view="shift", shift="3")
    drawn = html(page)
    assert drawn.count(text.say("en", "convolution.shift.same")) == 1
    assert text.say("en", "convolution.shift.after", shift=3) in drawn
    for output in cached.moved(InputImage("cat", load("cat")), 3, 0).outputs:
        apart = np.abs(output.after[:, 3:] - output.before[:, :-3]).max() / np.abs(output.before).max()
        alike = np.corrcoef(output.after[:, 3:].ravel(), output.before[:, :-3].ravel())[0, 1]
        if output.wiring == "conv":
            assert apart == 0
            continue
        likeness = f"{alike:.2f}".replace("-", "−")
        told = text.say("en", "convolution.shift.differs", gap=f"{100 * apart:.0f}", likeness=likeness)
        name = text.say("en", f"convolution.wiring.name.{output.wiring}")
        assert told in drawn.split(f"<figcaption>{name}\n")[1].split("</figcaption>")[1]


def test_each_image_of_the_moved_scene_is_its_own(visit: Visit) -> None:
    (body,) = (
        each.proto.body
        for each in visit("convolution", view="shift", shift="3").get("html")
        if 'atlas-tiles atlas-pairs"' in each.proto.body
    )
    sources = re.findall(r'src="data:image/png;base64,([^"]*)"', body)
    images = [np.asarray(Image.open(io.BytesIO(b64decode(each)))).astype(float) for each in sources]
    found = cached.moved(InputImage("cat", load("cat")), 3, 0)
    assert np.array_equal(images[0], found.before)
    assert np.array_equal(images[1], found.after)
    assert np.array_equal(images[1][:, 3:], images[0][:, :-3])
    signed = [image[..., 0] - image[..., 2] for image in images[2:]]  # orange where positive, blue where negative
    values = [each for output in found.outputs for each in (output.before, output.after)]
    alike = np.array([[np.corrcoef(s.ravel(), v.ravel())[0, 1] for v in values] for s in signed])
    assert alike.argmax(1).tolist() == list(range(6))
    assert alike.diagonal().min() > 0.95


def test_an_even_kernel_drifts(visit: Visit) -> None:
    page = visit("convolution", view="odd", **{"same-f": "6"})
    assert text.say("en", "convolution.even.even", f=6, zeros=5, before=2, after=3) in words(page)
    odd, even = live_figures(page)[-1]["series"]
    assert [place for _, place in odd["data"]] == [0] * 9
    assert [place for _, place in even["data"]] == [-layer / 2 for layer in range(9)]


@pytest.mark.parametrize("side", range(1, 9))
def test_the_way_of_a_drift_is_said_in_half_cells(visit: Visit, side: int) -> None:
    odd = side - (side % 2 == 0)
    said = text.say("en", "convolution.even.says", layers=8, odd=odd, even=odd + 1, cells=4)
    assert said in words(visit("convolution", view="odd", **{"same-f": str(side)}))
