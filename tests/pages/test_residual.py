"""The page Residual block: presets, numbers on screen against the records, what cannot be, and its code."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.arithmetic.residual import flow
from explorer.blocks.gradient_chain import gradient_chain
from explorer.blocks.signals import CONV_WIDTHS, FC_WIDTHS, propagate
from explorer.records.residual import FlowSettings, SignalSettings
from explorer.ui.parts.blocks.residual import STATE, state
from tests.pages.conftest import Visit, html, live_figures, open_twin, sound, words
from tests.pages.test_before_torch import shown_before_torch


def series(option: dict[str, Any]) -> dict[str, list[list[float]]]:
    return {each["name"]: each["data"] for each in option["series"]}


# --- the block --------------------------------------------------------------------------------------------------------


def test_the_block_is_there_before_torch() -> None:
    shown = shown_before_torch("blocks/residual.py")
    assert shown == ["residual-flow"]
    assert shown_before_torch("blocks/residual.py", view="identity") == ["residual-decay", "residual-wanted"]
    assert shown_before_torch("blocks/residual.py", view="shapes") == ["residual-shortcut", "residual-kinds"]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("preset", state.FLOW_PRESETS)
def test_a_preset_is_a_state_of_the_page_with_its_note(visit: Visit, lang: str, preset: str) -> None:
    fields = {name: getattr(STATE, name) for name in state.FLOW_PRESETS[preset]}
    values = state.FLOW_PRESETS[preset]
    link = {f.name: f.write(values[name]) for name, f in fields.items() if values[name] != f.default}
    page = visit("residual", lang=lang, **link)
    assert text.say(lang, f"residual.preset_note.{preset}") in [info.value for info in page.info]
    record = flow(
        FlowSettings(
            seed=values["seed"],
            positive=values["entry"] == "relu",
            order=values["order"],
            weights=values["weights"],
            biases=values["biases"],
            norm=values["norm"],
            gamma=values["gamma"],
        )
    )
    assert text.say(lang, "residual.flow.identity", plain=f"{100 * record.plain_changed:.0f}") in words(page) or (
        record.changed > 0
    )
    lines = re.findall(r"</sub> = (.*?)</div>", html(page))
    shown = [[float(each.replace("−", "-")) for each in re.findall(r"−?\d+\.\d\d", line)] for line in lines]
    alone = (record.plain,) if values["order"] == "preact" else (record.branch, record.plain)
    units = zip(record.x, record.branch, record.out, *alone, strict=True)
    assert shown == [[round(each, 2) for each in unit] for unit in units]
    drawn = b64decode(re.findall(r'svg\+xml;base64,([^"]*)"', html(page))[0]).decode()
    assert drawn.count("<rect") > 30


def preset(page: AppTest, code: str | None) -> AppTest:
    return sound(page.button_group(key="flow-presets").set_value(code).run())


def test_a_preset_is_a_click(visit: Visit) -> None:
    page = visit("residual", numbers="5")
    page = preset(page, "negative")
    assert {"w": "0", "b": "0", "entry": "linear"}.items() <= dict(page.query_params).items()
    assert "numbers" not in page.query_params
    assert text.say("en", "residual.preset_note.negative") in [info.value for info in page.info]
    again = preset(page, None)  # a click on the one that is chosen lets go of it
    assert again.button_group(key="flow-presets").value == "negative"
    page = preset(page, "as-drawn")
    assert not {"w", "b", "entry"} & set(page.query_params)


def test_sliders_shrink_the_block_to_the_identity(visit: Visit) -> None:
    page = visit("residual")
    page = sound(page.slider(key="residual.w").set_value(0.0).run())
    assert "The block is the identity" not in words(page), "the biases are still there"
    page = sound(page.slider(key="residual.b").set_value(0.0).run())
    assert "The block is the identity" in words(page)


def test_weight_decay_leaves_the_skip(visit: Visit) -> None:
    page = visit("residual", view="identity", numbers="4", entry="linear", w="0.5", b="0.5")
    curves = series(live_figures(page)[0])
    for factor in (0.0, 0.5, 1.0):
        record = flow(FlowSettings(seed=4, positive=False, weights=factor, biases=factor))
        assert [y for x, y in curves["residual"] if x == factor] == pytest.approx([100 * record.changed], rel=1e-4)
        assert [y for x, y in curves["plain"] if x == factor] == pytest.approx([100 * record.plain_changed], rel=1e-4)
    whole = flow(FlowSettings(seed=4, positive=False))
    assert f"drawn: **{100 * whole.changed:.0f}%** with the skip, {100 * whole.plain_changed:.0f}%" in words(page)
    none = flow(FlowSettings(seed=4, positive=False, weights=0, biases=0))
    assert f"end: **{100 * none.changed:.0f}%** with the skip, {100 * none.plain_changed:.0f}%" in words(page)
    assert visit("residual", view="identity").toggle
    assert not visit("residual", view="identity", order="preact").toggle


def test_behind_pre_activation_there_is_no_last_gamma(visit: Visit) -> None:
    page = visit("residual", order="preact")
    assert text.say("en", "residual.no_norm") in words(page)
    assert not [toggle for toggle in page.toggle if toggle.label == text.say("en", "residual.norm")]


# --- shapes, the gradient ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_shapes_and_kinds_say_what_they_cost(visit: Visit, lang: str) -> None:
    page = visit("residual", lang=lang, view="shapes", shortcut="projection", change="B", width="64", side="56")
    said = words(page)
    assert "32,768" in said
    assert "2 · 4 = 8" in said
    assert "8,448" in said  # 64·128 + 2·128
    page = visit("residual", lang=lang, view="shapes", channels="2", stride="1")
    assert text.say(lang, "residual.maps.identity") in words(page)


def test_the_gradient_is_the_measured_one(visit: Visit) -> None:
    page = visit("residual", view="gradient", blocks="12", gain="0.5", chain="4")
    found = gradient_chain(12, 0.5, 4)
    norms, factors = map(series, live_figures(page))
    assert [value for _, value in norms["plain"]] == pytest.approx(found.plain, rel=1e-4)
    assert [value for _, value in norms["residual"]] == pytest.approx(found.residual, rel=1e-4)
    assert [value for _, value in norms["residual, expected"]] == pytest.approx(found.predicted_residual, rel=1e-4)
    assert [value for _, value in factors["its branch alone"]] == pytest.approx(found.branch, rel=1e-4)
    table = open_twin(page, "residual-factors").dataframe[0].value
    assert list(table.iloc[:, 1]) == pytest.approx(found.plain_factors, abs=1e-4)


# --- signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("preset", state.SIGNAL_PRESETS)
def test_a_chapter_of_the_story_is_a_state_of_the_page(visit: Visit, lang: str, preset: str) -> None:
    values = state.SIGNAL_PRESETS[preset]
    fields = {name: getattr(STATE, name) for name in values}
    link = {f.name: f.write(values[name]) for name, f in fields.items() if values[name] != f.default}
    page = visit("residual", lang=lang, view="signals", **link)
    assert text.say(lang, f"residual.preset_note.{preset}") in [info.value for info in page.info]
    assert len(live_figures(page)) == 7


def test_signals_are_the_measured_and_the_predicted_ones(visit: Visit) -> None:
    torch.set_num_threads(1)
    page = visit("residual", view="signals", depth="20", norm="0", skip="1", strength="0.5", act="tanh", draw="3")
    found = propagate(SignalSettings(depth=20, skip=True, alpha=0.5, activation="tanh", seed=3))
    forward, backward, activations, silent, *_ = map(series, live_figures(page))
    measured, predicted = text.say("en", "residual.measured"), text.say("en", "residual.predicted")
    assert [value for _, value in forward[measured]] == pytest.approx(found.deviation, rel=1e-4)
    assert [value for _, value in forward[predicted]] == pytest.approx(found.predicted_deviation, rel=1e-4)
    assert [value for _, value in backward[measured]] == pytest.approx(found.gradient, rel=1e-4)
    assert [value for _, value in backward[predicted]] == pytest.approx(found.predicted_gradient, rel=1e-4)
    assert [value for _, value in activations["std of a"]] == pytest.approx(found.spread, rel=1e-4)
    assert [value for _, value in silent["silent units, %"]] == pytest.approx([100 * s for s in found.silent])
    assert [layer for layer, _ in forward[measured]] == list(range(2, 21, 2))
    said = {"mean": f"{found.mean[-1]:.3g}", "silent": f"{100 * found.silent[-1]:.0f}"}
    assert text.say("en", "residual.activations_say", **said) in words(open_twin(page, "residual-silent"))
    heat = live_figures(page)[4]["series"][0]["data"]
    assert {column for column, *_ in heat} == set(range(10))


def test_dirac_kernels_want_a_convolution_and_the_page_offers_one(visit: Visit) -> None:
    page = visit("residual", view="signals", init="dirac", depth="6")
    assert text.say("en", "residual.no_dirac", filters=16) in words(page)
    page = sound(page.button(key="use-conv").click().run())
    assert page.query_params["layers"] == "conv"
    assert not page.warning
    assert "Nothing is predicted" in words(page)


def test_an_odd_depth_and_a_skip_make_whole_blocks(visit: Visit) -> None:
    page = visit("residual", view="signals", skip="1", depth="7")
    assert [layer for layer, _ in series(live_figures(page)[0])["measured"]] == [2, 4, 6]


def test_zero_weights_are_said_to_hand_nothing_on(visit: Visit) -> None:
    page = visit("residual", view="signals", init="zero", norm="0", depth="6")
    assert text.say("en", "residual.signals_dead") in words(page)


def test_the_widths_of_the_page_are_those_of_the_lab() -> None:
    assert (FC_WIDTHS, CONV_WIDTHS) == (state.FC_WIDTHS, state.CONV_WIDTHS)


@pytest.mark.parametrize("view", STATE.view.codes)
def test_every_figure_is_one_of_the_steps_of_presenting(visit: Visit, view: str) -> None:
    counts = {"block": 1, "identity": 2, "shapes": 2, "gradient": 2, "signals": 7}
    page = visit("residual", view=view, present="99", depth="4", blocks="2")
    assert page.query_params["present"] == str(counts[view])


@pytest.mark.parametrize(
    ("view", "exhibit", "shown"),
    [
        ("block", "residual-flow", "def flow("),
        ("identity", "residual-decay", "def decay("),
        ("identity", "residual-wanted", "def target("),
        ("shapes", "residual-shortcut", "def shortcut("),
        ("shapes", "residual-kinds", "class Bottleneck("),
        ("gradient", "residual-factors", "def gradient_chain("),
        ("signals", "residual-backward", "def propagate("),
        ("signals", "residual-updates", "def propagate("),
    ],
)
def test_behind_every_figure_are_its_numbers_and_code(visit: Visit, view: str, exhibit: str, shown: str) -> None:
    page = open_twin(visit("residual", view=view, depth="4", blocks="2"), exhibit)
    assert any(shown in each.value for each in page.code)
    assert page.dataframe
    assert page.get("download_button")
