"""Non-linearities, pooling, normalisation: what the page says, number by number, and its presets and traps."""

from __future__ import annotations

import json
import math
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from streamlit.testing.v1 import AppTest

from explorer import datasets, text
from explorer.blocks.activations import ACTIVATIONS
from explorer.blocks.pooling import PRESETS
from explorer.models import shipped_model
from explorer.tasks.entries import dying as dying_task
from explorer.ui.cached.blocks.nonlinearities import model_id
from explorer.weights import recorded_dying
from tests.pages.conftest import Here, Visit, html, live_figures, open_twin, sound, words


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Here) -> None:
    """A data directory and a service of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def series(page: AppTest, title: str) -> dict[str, Any]:
    """The lines of the figure with a title, by name."""
    figure = next(each for each in live_figures(page) if each["title"]["text"] == title)
    return {each["name"]: each["data"] for each in figure["series"] if each.get("name") and each["type"] != "scatter"}


def linked_view(page: AppTest) -> dict[str, Any]:
    """The planes that the linked component was given, by key."""
    (proto,) = linked_grids(page)
    return {plane["key"]: plane for plane in json.loads(proto.json)["planes"]}


def linked_grids(page: AppTest) -> list[Any]:
    """What was sent to each linked component of the page."""
    sent = [element.proto for element in page.get("bidi_component")]
    return [proto for proto in sent if proto.component_name == "convnet_atlas_linked"]


# --- functions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_first_point_is_the_sigmoid_at_three(visit: Visit, lang: str) -> None:
    page = visit("nonlinearities", lang=lang)
    g = 1 / (1 + math.exp(-3))
    said = text.say(
        lang,
        "nonlinearities.curve_says",
        name="Sigmoid",
        x="3",
        value=f"{g:.4g}",
        slope=f"{g * (1 - g):.4g}",
        many=5,
        power=f"{(g * (1 - g)) ** 5:.2g}",
    )
    assert said in words(page)
    assert [each["title"]["text"] for each in live_figures(page)] == [
        "Sigmoid",
        *(text.say(lang, f"nonlinearities.{key}") for key in ("before", "after")),
    ]


@pytest.mark.parametrize("slug", ACTIVATIONS)
def test_every_function_is_drawn_with_its_knobs_and_its_code(visit: Visit, slug: str) -> None:
    entry = ACTIVATIONS[slug]
    page = visit("nonlinearities", fn=slug, x="-1.5", beside="relu")
    assert [each.label for each in page.slider if each.key and ".k." in each.key] == [
        text.say("en", f"nonlinearities.knob.{knob.name}") for knob in entry.knobs
    ]
    out: list[str] = []
    code = next(each.value for each in page.code if "backward" in each.value)
    exec(code, {"print": lambda *parts: out.extend(map(str, parts))})
    value, slope = map(float, out)
    assert f"value {value:.4g}, slope {slope:.4g}".replace(" -", " −") in words(page)


def test_a_point_moves_and_all_functions_stand_beside_it(visit: Visit) -> None:
    page = visit("nonlinearities", fn="relu")
    slider = next(each for each in page.slider if each.label == text.say("en", "nonlinearities.at"))
    page = open_twin(sound(slider.set_value(-2.0).run()), "activation")
    assert page.query_params["x"] in ("-2", ["-2"])
    assert "**ReLU at x = −2: value 0, slope 0.**" in words(page)
    table = page.dataframe[0].value.set_index("Non-linearity")
    assert table.loc["tanh", "g(-2)"] == round(math.tanh(-2), 4)
    assert len(table) == len(ACTIVATIONS)


def test_a_real_layer_is_saturated_as_counted(visit: Visit) -> None:
    page = visit("nonlinearities", fn="tanh", of="lenet-tanh-raw")
    model = shipped_model(model_id("lenet-tanh-raw").removeprefix("recorded:"))
    images = datasets.load("digits28").test_images[:120]
    with torch.no_grad():
        z = model.instantiate().c1(model.scale(images))[..., ::2, ::2].double()
    flat = float((1 - torch.tanh(z) ** 2 < 0.05).double().mean())
    shown = float(re.findall(r"0\.0% of them become exactly 0, ([\d.]+)% lie", words(page))[0])
    assert shown == pytest.approx(100 * flat, abs=0.1)
    assert shown > 50


@pytest.mark.parametrize("counted", ["stuck", "silent", "accuracy"])
def test_dead_units_are_those_recorded(visit: Visit, counted: str) -> None:
    page = visit("nonlinearities", view="dying", counted=counted)
    lines = series(page, text.say("en", f"nonlinearities.counted.{counted}"))
    for arm in ("relu", "leaky-relu", "elu"):
        runs = [each for each in recorded_dying() if (each.config.activation, each.config.rate) == (arm, 0.1)]
        mean = np.mean([[100 * getattr(point, counted) for point in run.points] for run in runs], axis=0)
        assert [y for _, y in lines[ACTIVATIONS[arm].title]] == pytest.approx(mean, abs=0.01)
    assert "python -m explorer.blocks.dying" in words(page)


def test_units_die_here_too(visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    page = visit("nonlinearities", view="dying")
    button = next(each for each in page.button if each.key == "dying-start")
    page = sound(button.click().run())
    assert page.query_params["live"] in ("1", ["1"])
    service.do_tasks()
    page = sound(page.run())
    assert text.say("en", "nonlinearities.trained_here", rate="0.1", seed=3) in words(page)
    found = [each for each in live_figures(page) if each["title"]["text"] == "Stuck: no gradient"]
    assert len(found) == 2
    config = dying_task.DyingRequest(0.1, 3)
    assert [line["name"] for line in found[1]["series"]] == ["ReLU", "Leaky ReLU", "ELU"], config


# --- depth ------------------------------------------------------------------------------------------------------------


def test_what_arrives_is_measured_and_predicted(visit: Visit) -> None:
    page = visit("nonlinearities", view="depth", lines="sigmoid,relu", start="he", k="20")
    lines = series(page, text.say("en", "nonlinearities.chain_title"))
    assert [y for _, y in lines["0.25ᵏ"]] == pytest.approx([k * math.log10(0.25) for k in range(21)], abs=1e-3)
    out: list[Any] = []
    code = next(each.value for each in page.code if "arriving" in each.value)
    exec(code, {"print": out.append})
    assert [y for _, y in lines["Sigmoid"]] == pytest.approx([math.log10(norm) for norm in out[0][:21]], abs=1e-3)


def test_no_function_is_no_figure(visit: Visit) -> None:
    page = visit("nonlinearities", view="depth", lines="")
    assert text.say("en", "nonlinearities.no_line") in words(page)
    assert not live_figures(page)


# --- pooling ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.slug)
def test_every_preset_is_pooled_as_torch_does(visit: Visit, preset: Any) -> None:
    page = visit("nonlinearities", view="pooling")
    page = sound(next(each for each in page.button if each.key == f"pool-{preset.slug}").click().run())
    planes = linked_view(page)
    x = torch.tensor([[preset.grid]], dtype=torch.float64)
    way = preset.setting
    if way.whole:
        y = x.mean((2, 3), keepdim=True)
    else:
        y = {"max": F.max_pool2d, "mean": F.avg_pool2d}[way.operation](x, way.side, way.stride, way.padding)
    assert planes["y"]["values"] == pytest.approx(y.flatten().tolist())
    link = {name: value for name, value in page.query_params.items() if name != "lang"}
    again = visit("nonlinearities", **{name: v if isinstance(v, str) else v[0] for name, v in link.items()})
    assert linked_view(again)["y"]["values"] == planes["y"]["values"]


@pytest.mark.parametrize(("asked", "why"), [({"p": "2", "f": "3"}, "padding"), ({"f": "6"}, "window")])
def test_a_setting_that_cannot_be_says_why_and_offers_the_nearest(visit: Visit, asked: Any, why: str) -> None:
    page = visit("nonlinearities", view="pooling", **asked)
    start = text.say("en", f"nonlinearities.cannot_{why}", f=asked["f"], p=asked.get("p", 0), rows=4, columns=4,
                     most=4, half=int(asked["f"]) // 2)  # fmt: skip
    assert start in words(page)
    assert not linked_grids(page)
    page = sound(next(each for each in page.button if each.key == "pool-nearest").click().run())
    assert linked_view(page)["y"]


@pytest.mark.parametrize("code", ["relu-max", "tanh-avg"])
def test_a_shift_changes_as_many_answers_as_said(visit: Visit, code: str) -> None:
    page = visit("nonlinearities", view="pooling", by="2", lenet=code)
    model, data = shipped_model(model_id(code).removeprefix("recorded:")), datasets.load("digits28")
    images = data.test_images[:360]
    with torch.no_grad():
        said, says = (
            model.instantiate()(model.scale(each)).argmax(1) for each in (images, F.pad(images, (2, 0))[..., :28])
        )
    same, right = float((said == says).double().mean()), float((says == data.test_labels[:360]).double().mean())
    assert f"shifted by 2: **{100 * same:.1f}% get the same answer as before.**" in words(page)
    assert f"after {100 * right:.1f}%." in words(page)
    assert "Grid shifted by 2: **" in words(page)


def test_slopes_that_cross_are_exchanged(visit: Visit) -> None:
    page = visit("nonlinearities", fn="rrelu", **{"k.rrelu.lower": "0.4", "k.rrelu.upper": "0.1"}, x="-2")
    assert text.say("en", "nonlinearities.swapped", low="0.4", high="0.1") in words(page)
    assert "F.rrelu(x, 0.1, 0.4, training=False)" in next(each.value for each in page.code if "rrelu" in each.value)
    assert "value −0.5, slope 0.25" in words(page)


def test_accuracy_by_batch_is_that_of_a_loop(visit: Visit) -> None:
    page = visit("nonlinearities", view="batchnorm", batch="digits")
    model, data = shipped_model("shapes-short-cifar-resnet20-seed0"), datasets.load("shapes")
    net = deepcopy(model.instantiate()).train()
    with torch.no_grad():
        pairs = [net(model.scale(data.test_images[i : i + 2])).argmax(1) for i in range(0, 128, 2)]
    worst = float((torch.cat(pairs) == data.test_labels[:128]).double().mean())
    assert f"{100 * worst:.1f}% in batches of 2 and" in words(page)


def test_ties_and_cells_that_nobody_reads_are_said(visit: Visit) -> None:
    page = visit("nonlinearities", view="pooling", grid="4,4,1;4,4,0;0,0,0", f="2", s="2")
    assert text.say("en", "nonlinearities.tied", count=1) in words(page)
    assert text.say("en", "nonlinearities.unread", count=5) in words(page)


@pytest.mark.parametrize("raw", ["1,2;3", "nan,1;1,1", "1,2", "a,b;c,d", ";", "1e9,1;1,1"])
def test_a_grid_that_is_none_falls_back(visit: Visit, raw: str) -> None:
    page = visit("nonlinearities", view="pooling", grid=raw)
    assert page.toast
    assert linked_view(page)["x"]["values"][:4] == [1, 3, 2, 1]


# --- batch normalisation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("affine", ["initial", "own", "undo"])
def test_a_channel_is_normalised_with_its_numbers(visit: Visit, affine: str) -> None:
    page = visit("nonlinearities", view="batchnorm", batch="shapes", channel="2", affine=affine)
    model, images = shipped_model("shapes-short-cifar-resnet20-seed0"), datasets.load("shapes").test_images[:32]
    with torch.no_grad():
        z = model.instantiate().conv1(model.scale(images))[:, 2].double()
    sigma, mean = float((z.var(correction=0) + 1e-5) ** 0.5), float(z.mean())
    gamma, beta = {"initial": (1, 0), "own": (2, 1), "undo": (sigma, mean)}[affine]
    first = float(z[0, 16, 16])
    formula = next(each.value for each in page.latex if "hat x" in each.value and "gamma" not in each.value)
    found = [float(number) for number in re.findall(r"=(-?[\d.e-]+)", formula.replace(r"\cdot 10^{-5}", ""))]
    assert found[0] == pytest.approx((first - mean) / sigma, rel=1e-2, abs=1e-3)
    assert found[-1] == pytest.approx(gamma * (first - mean) / sigma + beta, rel=1e-2, abs=1e-3)
    lines = series(page, text.say("en", "nonlinearities.one_channel", number=2))
    if affine == "undo":
        assert np.array(lines["y = γ x̂ + β"]) == pytest.approx(np.array(lines["z"]), rel=1e-3, abs=1e-3)


def test_two_answers_for_one_image(visit: Visit) -> None:
    page = visit("nonlinearities", view="batchnorm", batch="digits")
    assert "cat, 100.0%, in evaluation mode; airplane, 80.6%, in training mode" in words(page)
    other = visit("nonlinearities", view="batchnorm", batch="digits", companion="astronaut")
    assert "cat, 100.0%, in evaluation mode" in words(other)
    assert "airplane, 80.6%" not in words(other)


def test_saturation_through_depth_is_that_of_a_loop(visit: Visit) -> None:
    page = visit("nonlinearities", view="batchnorm", batch="digits", scale="2")
    lines = series(page, text.say("en", "nonlinearities.tanh_title"))
    out: list[Any] = []
    exec(next(each.value for each in page.code if "saturated" in each.value), {"print": out.append})
    normed = lines[text.say("en", "nonlinearities.with")]
    assert [y for _, y in normed] == pytest.approx([100 * share for share in out[0]], abs=0.01)
    bare = lines[text.say("en", "nonlinearities.without")]
    assert min(y for _, y in bare) > 2 * max(y for _, y in normed)
    assert "atlas" in html(page)
