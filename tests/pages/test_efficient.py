"""MobileNet to DenseNet: every number of the page, computed another way."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from explorer import text
from explorer.arithmetic import counted
from explorer.blocks.reading import dense_run
from explorer.figures.svg import file_of
from explorer.models import shipped_model
from explorer.networks import network
from explorer.networks.densenet import DenseNetCifar
from explorer.records import NetworkInstance
from explorer.tracing import trace_shapes
from explorer.ui.parts.blocks.efficient import scaling
from explorer.ui.parts.blocks.efficient.one_axis import PUBLISHED
from explorer.ui.shell import state
from explorer.weights import lab_runs
from tests.pages.conftest import Visit, alts, html, live_figures, open_twin, sound, words


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def named(page: Any, title: str) -> dict[str, Any]:
    """The live figure with a title."""
    return next(
        each
        for each in live_figures(page)
        if title in str(each["title"]["text"] if isinstance(each["title"], dict) else each["title"][0]["text"])
    )


def values(option: dict[str, Any], series: int = 0) -> list[Any]:
    """What a series holds."""
    return [None if each is None else each["value"] for each in option["series"][series]["data"]]


# --- in two steps -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_it_opens_with_the_slides_numbers(visit: Visit, lang: str) -> None:
    page = visit("efficient", lang=lang)
    said = words(page)
    for number in ("2,160", "672", "432", "240", "31.1%"):
        assert number in said
    assert text.say(lang, "efficient.cells_note") in said
    bars = named(page, text.say(lang, "efficient.macs_of_both"))
    assert [values(bars, i) for i in range(3)] == [[2160, None], [None, 432], [None, 240]]


def test_any_sizes_cost_what_torch_modules_cost(visit: Visit) -> None:
    page = visit("efficient", side="14", cin="32", cout="64", f="5", same="1")
    first = nn.Conv2d(32, 32, 5, padding=2, groups=32, bias=False)
    second, whole = nn.Conv2d(32, 64, 1, bias=False), nn.Conv2d(32, 64, 5, padding=2, bias=False)
    macs = [each.weight.numel() * 14 * 14 for each in (whole, first, second)]
    said = words(page)
    assert f"**{macs[0]:,}**" in said
    assert f"**{macs[1] + macs[2]:,}**" in said
    assert f"**{100 * (macs[1] + macs[2]) / macs[0]:.1f}%**" in said
    page = open_twin(page, "efficient-costs")
    table = next(frame.value for frame in page.dataframe if len(frame.value) == 3)
    assert list(table[text.say("en", "efficient.column.macs")]) == macs


def test_a_preset_sets_every_size(visit: Visit) -> None:
    page = visit("efficient")
    page.button(key="preset-dw6").click()
    page = sound(page.run())
    assert [page.query_params[name] for name in ("side", "cin", "cout", "same")] == ["14", "512", "512", "1"]
    assert f"{512 * 9 * 196 + 512 * 512 * 196:,}" in words(page)


def test_a_window_that_does_not_fit_is_one_sentence(visit: Visit) -> None:
    page = visit("efficient", side="3", f="5")
    assert [box.value for box in page.warning] == [text.say("en", "efficient.too_small", side=3, f=5)]


def test_one_filter_saves_nothing(visit: Visit) -> None:
    assert text.say("en", "efficient.dearer") in words(visit("efficient", cout="1"))


def test_what_is_kept_of_a_trained_kernel(visit: Visit) -> None:
    page = visit("efficient", kernel="layer2.1.conv1", channel="3")
    kernel = dict(shipped_model("cifar-he-cifar-resnet20-seed0").state)["layer2.1.conv1.weight"]
    slices = kernel.permute(1, 0, 2, 3).reshape(32, 32, 9).double()
    sizes = torch.linalg.svdvals(slices) ** 2
    kept = float(sizes[:, 0].sum() / sizes.sum())
    assert f"**{100 * kept:.0f}%**" in words(page)
    curve = named(page, text.say("en", "efficient.kept_title"))
    assert [y for _, y in values(curve)] == pytest.approx(
        (100 * sizes.sum(0).cumsum(0) / sizes.sum()).tolist(), rel=1e-3
    )
    assert any("channel 3" in alt for alt in alts(page))
    assert f"{9 * 32 * 32:,} weights" in words(page)
    assert f"channels {9 * 32 + 32 * 32:,}" in words(page)


def test_a_cell_travels_in_the_address(visit: Visit) -> None:
    page = visit("efficient", cell="m1,2,3")
    assert page.query_params["cell"] == "m1,2,3"
    assert not page.toast
    assert visit("efficient", cell="m1,9,3").toast


# --- narrow, wide, narrow ---------------------------------------------------------------------------------------------


def test_the_courses_block(visit: Visit) -> None:
    said = words(visit("efficient", view="inverted"))
    assert "**3 → 18 → 3 channels**" in said
    assert f"{3 * 18 + 9 * 18 + 18 * 3} weights" in said
    assert f"{36 * (3 * 18 + 9 * 18 + 18 * 3):,} multiplications" in said
    assert text.say("en", "efficient.skip") in said


def test_a_block_of_the_traced_network(visit: Visit) -> None:
    page = visit("efficient", view="inverted", block="2")
    layers = trace_shapes(NetworkInstance.of(network("mobilenet-v2"))).layers
    convs = [layer for layer in layers if layer.block == "features.2" and layer.macs]
    assert values(named(page, text.say("en", "efficient.block_macs"))) == [layer.macs for layer in convs]
    assert f"{sum(layer.macs for layer in convs):,} multiplications" in words(page)
    assert text.say("en", "efficient.no_skip") in words(page)


def test_the_spiral_says_its_error(visit: Visit) -> None:
    page = visit("efficient", view="inverted", n="3", seed="4")
    angle = np.linspace(0.2, 5 * np.pi, 240)
    points = np.stack([np.cos(angle), np.sin(angle)], 1) * (angle / angle[-1])[:, None]
    matrix = np.random.default_rng([4, 3]).normal(size=(3, 2))
    wide = np.maximum(points @ matrix.T, 0)
    back = np.linalg.lstsq(matrix, wide.T, rcond=None)[0].T
    back *= (points * back).sum() / (back**2).sum()
    error = np.sqrt(((points - back) ** 2).sum() / (points**2).sum())
    assert f"**{100 * error:.0f}%**" in words(page)
    assert f"At {100 * ((wide > 0).sum(1) < 2).mean():.0f}% of its points" in words(page)
    linear = words(visit("efficient", view="inverted", after="linear"))
    assert "an error of 0%" in linear
    name, window = spirals(page)[2]  # after the input and n = 2
    assert name == "n = 3"
    inside = np.abs(back).max(1) < 1.15  # its window cuts the rest off
    assert np.abs(window[:, None] - back[inside]).max(2).min(0).max() < 1e-3, "every point is on the curve"
    name, window = spirals(page)[0]
    assert name == text.say("en", "efficient.spiral_input")
    assert np.abs(window[:, None] - points).max(2).min(0).max() < 1e-3


def spirals(page: AppTest) -> list[tuple[str, np.ndarray]]:
    """The curves of the spiral's figure: what stands above each, and its points (N, 2)."""
    (drawn,) = (each.proto.body for each in page.get("html") if "data:image/svg" in each.proto.body)
    root, svg = ElementTree.fromstring(file_of(drawn)), "{http://www.w3.org/2000/svg}"
    names = [str(each.text) for each in root.iter(f"{svg}text")][1:]
    curves = [
        [[float(x), -float(y)] for line in window for x, y in (p.split(",") for p in str(line.get("points")).split())]
        for window in root.findall(f"{svg}svg")
    ]
    return [(name, np.array(curve)) for name, curve in zip(names, curves, strict=True)]


def test_gates_and_what_is_lost_without(visit: Visit) -> None:
    page = visit("efficient", view="gates", pic="sample", set="shapes", number="3", module="1")
    option = named(page, "Gates of")
    here = [y for _, y in values(option)]
    assert len(here) == 8
    bars = values(named(page, text.say("en", "efficient.accuracy_title")))
    run = lab_runs("shapes-gates")[0]
    assert bars[0] == pytest.approx(100 * run.shipped_accuracy, abs=0.06)
    assert bars[1] > bars[3]


def test_photographs_through_the_other_network_have_no_test_set_here(visit: Visit) -> None:
    model_id = f"recorded:{lab_runs('cifar-gates')[0].name}"
    page = visit("efficient", view="gates", gated=model_id)
    assert text.say("en", "efficient.no_test_set") in words(page)


# --- scaling ----------------------------------------------------------------------------------------------------------


def test_the_desk_says_the_product_and_the_counted_cost(visit: Visit) -> None:
    page = visit("efficient", view="scaling", surface="0", phi="1")
    assert f"α·β²·γ² = {1.2 * 1.1**2 * 1.15**2:.3f}" in words(page)
    built = trace_shapes(NetworkInstance.of(network("efficientnet-phi"), size=(258, 258), options={"phi": 1.0}))
    base = trace_shapes(NetworkInstance.of(network("efficientnet-b0")))
    facts = html(page)
    assert f"×{built.macs / base.macs:.2f}, by the formula ×{1.2 * 1.1**2 * 1.15**2:.2f}" in facts
    assert f"{built.parameters:,}" in facts
    assert f"{built.macs / 1e9:.2f} G" in facts


def test_on_the_surface_alpha_follows(visit: Visit) -> None:
    page = visit("efficient", view="scaling", beta="1.2", gamma="1.05")
    assert f"**{2 / (1.2**2 * 1.05**2):.3f}**" in words(page)
    assert "α·β²·γ² = 2.000" in words(page)


def test_a_click_on_the_surface_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure draws 81 cells in rows of gamma; what is none of them moves nothing."""
    moved: dict[str, float] = {}
    monkeypatch.setattr(state, "assign", lambda field, value: moved.__setitem__(field.name, value))
    scaling.clicked(82)
    assert moved == {}
    scaling.clicked(81)
    assert moved == {"beta": 1.4, "gamma": 1.4}
    scaling.clicked(9 * 1 + 4 + 1)
    assert moved == {"beta": 1.2, "gamma": 1.05}


def test_the_surface_holds_the_alpha_of_each_pair(visit: Visit) -> None:
    drawn = html(visit("efficient", view="scaling", beta="1.35", gamma="1.05"))
    cells = {int(n): float(alpha) for n, alpha in re.findall(r'data-opens="(\d+)"[^>]*>([\d.]+)</td>', drawn)}
    assert cells == {
        9 * i + j + 1: pytest.approx(2 / ((1 + 0.05 * j) ** 2 * (1 + 0.05 * i) ** 2), abs=0.005)
        for i in range(9)
        for j in range(9)
    }
    marked = re.findall(r'<td class="(\w+)" data-opens="(\d+)"', drawn)
    assert sorted(marked) == [("here", f"{9 * 1 + 7 + 1}"), ("paper", f"{9 * 3 + 2 + 1}")]


def test_released_networks_stand_at_their_traced_cost(visit: Visit) -> None:
    page = visit("efficient", view="scaling", compare="family")
    option = named(page, text.say("en", "efficient.top1_title"))
    for (macs, top1), version in zip(values(option, 1), range(8), strict=True):
        spec = network(f"efficientnet-b{version}")
        assert macs == pytest.approx(trace_shapes(NetworkInstance.of(spec)).macs / 1e9, rel=1e-3)
        assert top1 in {each.top1 for each in spec.published}
    for (macs, top1), version in zip(values(option, 2), range(3), strict=True):
        spec = network(f"efficientnet-lite{version}")
        assert macs == pytest.approx(trace_shapes(NetworkInstance.of(spec)).macs / 1e9, rel=1e-3)
        assert top1 == spec.published[0].top1


def test_each_axis_alone_aims_at_the_target_of_the_desk(visit: Visit) -> None:
    page = visit("efficient", view="scaling", compare="axes", surface="0", phi="1")
    target = 1.2 * 1.1**2 * 1.15**2
    title = text.say("en", "efficient.equal_title", target=f"{target:.2f}")
    depth, width, resolution, compound = values(named(page, title))
    base = trace_shapes(NetworkInstance.of(network("efficientnet-b0"))).macs
    side = round(224 * target**0.5)
    larger = trace_shapes(NetworkInstance.of(network("efficientnet-b0"), size=(side, side))).macs
    built = trace_shapes(NetworkInstance.of(network("efficientnet-phi"), size=(258, 258), options={"phi": 1.0})).macs
    assert (resolution, compound) == (round(larger / base, 2), round(built / base, 2))
    assert depth == round(counted(target, 1, 224).macs / base, 2)
    assert width == round(counted(1, target**0.5, 224).macs / base, 2)


def test_table_7_is_the_papers(visit: Visit) -> None:
    page = visit("efficient", view="scaling", compare="axes")
    assert values(named(page, "Table 7")) == [77.3, 79.0, 78.9, 79.1, 81.1]
    gains = {way: top1 - 77.3 for way, *_, top1 in PUBLISHED}
    assert gains["compound"] > 2 * max(gains[way] for way in ("depth", "width", "resolution")) - 0.01


# --- dense ------------------------------------------------------------------------------------------------------------


def test_concatenation_grows_by_k(visit: Visit) -> None:
    page = visit("efficient", view="dense", k="8", layers="4", theta="1", bottleneck="0")
    option = named(page, text.say("en", "efficient.concat_title"))
    read = [sum(v or 0 for v in column) for column in zip(*(values(option, i) for i in range(6)), strict=True)]
    assert read == [16, 24, 32, 40, 48, 48]
    assert "from 16 to 48" in words(page)
    assert "10 connections" in words(page)


def test_the_network_of_such_blocks_has_its_weights(visit: Visit) -> None:
    page = visit("efficient", view="dense")
    built = DenseNetCifar(growth=12, depth=40)
    weights = sum(each.weight.numel() for each in built.modules() if isinstance(each, nn.Conv2d))
    assert f"{weights / 1e6:.2f} M weights" in words(page)
    assert "(L = 40, k = 12)" in words(page)


def test_who_reads_whom_is_drawn_beside_its_control(visit: Visit) -> None:
    page = visit("efficient", view="dense", read="3")
    trained = named(page, text.say("en", "efficient.trained_map", block=3))
    control = named(page, text.say("en", "efficient.untrained_map", block=3))
    assert len(trained["series"][0]["data"]) == len(control["series"][0]["data"]) == 28
    assert trained["visualMap"]["max"] == control["visualMap"]["max"]
    run = dense_run()
    assert f"`{run.command}`" in words(page)
    assert f"{100 * run.shipped_accuracy:.1f}% of the test images" in words(page)


def test_the_lesson_has_the_slides_numbers() -> None:
    for lang in text.LANGUAGES:
        said = text.lesson(lang, "pages", "efficient")["look"]
        assert "= 2160" in said
        assert "432 + 240 = 672" in said
