"""The operation that was clicked: what stands beside it, what the address says of it, and where its links lead."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.figures.receptive_windows import map_png
from explorer.images import load
from explorer.models import pretrained_model
from explorer.networks import build, network
from explorer.records import InputImage, LayerRecord, NetworkInstance, ShapeTrace
from explorer.ui.cached import operations
from explorer.ui.components import opening
from explorer.ui.widgets.operation import OPERATION
from explorer.ui.widgets.operation_words import sort_of
from tests.inspection.conftest import outputs
from tests.pages.conftest import Visit, alts, html, sound, words
from tests.pages.test_path import links

Traced = Callable[[str], ShapeTrace]

SHOWN = ("pipeline", "maps")
NETWORKS = (
    *("lenet5", "alexnet", "vgg16", "nin-cifar10", "googlenet", "inception-v3"),
    *("resnet18", "cifar-resnet20", "densenet121", "squeezenet1-1", "mobilenet-v2", "efficientnet-lite0"),
)


def worked(page: AppTest) -> str:
    """The formulas of the operation that is looked at, as Markdown; "" where none is."""
    return next((each.value for each in page.markdown if each.value.startswith("| ")), "")


def code(page: AppTest) -> str:
    """The code of the operation, below the path of its module."""
    return next(each.value for each in page.code if each.value.startswith("# "))


def largest(trace: ShapeTrace) -> LayerRecord:
    """The operation with most parameters."""
    return max(trace.layers, key=lambda layer: layer.parameters)


# --- what is said -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", NETWORKS)
def test_its_numbers_are_those_of_the_module(visit: Visit, slug: str, traced: Traced) -> None:
    """Counted from the weights of a real network, and from what a real convolution returns."""
    layer = largest(traced(slug))
    real = build(NetworkInstance.of(network(slug)))
    module = real.get_submodule(layer.module)
    learned = sum(weight.numel() for weight in module.parameters())
    out = module(torch.zeros(1, *layer.in_shape))
    page = visit("pipeline", net=slug, op=str(layer.index + 1))
    assert f"| {text.say('en', 'working.parameters')} | **{learned:,}** |" in worked(page)
    assert f"| {text.say('en', 'working.memory')} | **{4 * out.numel():,}** |" in worked(page)
    whole = sum(weight.numel() for weight in real.parameters())
    assert f"{100 * learned / whole:.1f}% of the parameters" in words(page)
    made = eval(code(page), {"nn": torch.nn})
    assert repr(made) == repr(module)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_operation_has_its_name_and_its_sentence(visit: Visit, lang: str, traced: Traced) -> None:
    sentences = {
        ("mobilenet-v2", "features.1.conv.0.0"): "depthwise",
        ("mobilenet-v2", "features.1.conv.1"): "pointwise",
        ("resnet18", "layer1.0.add"): "add",
        ("googlenet", "inception3a.concat"): "concat",
        ("googlenet", "avgpool"): "global_pool",
        ("alexnet", "norm1"): "local_response_norm",
        ("alexnet", "conv2"): "grouped",
        ("efficientnet-lite0", "stem.pad"): "pad_same",
        ("efficientnet-b0", "features.1.0.block.1.mul"): "multiply",
    }
    for (slug, name), sort in sentences.items():
        layer = next(each for each in traced(slug).layers if each.name == name)
        page = visit("pipeline", lang=lang, net=slug, op=str(layer.index + 1))
        said = next(each.value for each in page.markdown if f"`{name}`" in each.value)
        assert said.startswith("**")
        assert said.endswith(text.say(lang, f"does.{sort}"))


def test_every_sort_of_operation_has_a_sentence(traced: Traced) -> None:
    said = text.group("en", "does")
    for slug in (*NETWORKS, "lenet5-1998", "efficientnet-b0", "mobilenet-v3-small"):
        assert {sort_of(layer) for layer in traced(slug).layers} <= set(said)


@pytest.mark.parametrize("slug", SHOWN)
def test_its_map_is_the_mean_of_what_the_network_computes(visit: Visit, slug: str, traced: Traced) -> None:
    """On both pages, with its range; found with hooks."""
    model = pretrained_model("efficientnet-lite0")
    layer = next(each for each in traced("efficientnet-lite0").layers if each.name == "stage3.0.project.conv")
    with torch.no_grad():
        kept = outputs(model, model.preprocess(load("cat")), [layer.module])[layer.module].numpy()
    mean, count = kept.mean(0), layer.out_shape[0]
    low, high = f"{mean.min():.3g}", f"{mean.max():.3g}"
    page = visit(slug, net="efficientnet-lite0", op=str(layer.index + 1))
    assert text.say("en", "opened.map", count=count, low=low, high=high) in alts(page)
    assert text.say("en", "opened.trained") in words(page)
    found = operations.mean_map(model.id, InputImage("cat", load("cat")), layer.name)
    assert found is not None
    assert found[1:] == (pytest.approx(mean.min(), abs=1e-4), pytest.approx(mean.max(), abs=1e-4))
    shown, expected = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in (found[0], map_png(mean, 200)))
    assert np.abs(shown.astype(int) - expected.astype(int)).max() < 8, "one step of the palette is rounding"


def test_without_trained_weights_there_is_no_map_or_it_says_so(visit: Visit) -> None:
    assert not [alt for alt in alts(visit("pipeline", net="vgg16", op="1")) if alt.startswith("Mean of its")]
    page = visit("maps", net="resnet18", weights="random", op="1")
    assert [alt for alt in alts(page) if alt.startswith("Mean of its 64 maps")]
    assert text.say("en", "opened.untrained") in words(page)


# --- the address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SHOWN)
def test_nothing_is_open_until_it_is_asked_for_and_it_closes(visit: Visit, slug: str) -> None:
    page = visit(slug, net="lenet5")
    assert not worked(page)
    assert OPERATION.name not in page.query_params
    page.get_by_key("step").click()
    assert r"5 \cdot 5 \cdot 1 \cdot 6 + 6" in worked(sound(page.run()))
    assert page.query_params["op"] == "1"
    page.get_by_key(f"{slug}.op@lenet5").set_value(4)
    assert r"5 \cdot 5 \cdot 6 \cdot 16 + 16" in worked(sound(page.run()))
    assert page.query_params["op"] == "4"
    page.get_by_key("shut").click()
    assert not worked(sound(page.run()))
    assert OPERATION.name not in page.query_params


def test_a_link_names_the_operation(visit: Visit, traced: Traced) -> None:
    module = next(layer for layer in traced("googlenet").layers if layer.kind == "concat")
    assert "64 + 128 + 32 + 32" in worked(visit("pipeline", net="googlenet", op=str(module.index + 1)))


@pytest.mark.parametrize("slug", SHOWN)
def test_a_number_that_a_network_does_not_have_opens_nothing_and_is_said(visit: Visit, slug: str) -> None:
    assert not visit(slug, net="lenet5", op="12").toast
    page = visit(slug, net="lenet5", op="13")
    assert page.toast, "LeNet-5 has twelve"
    assert not worked(page)


def test_what_is_open_belongs_to_its_network(visit: Visit) -> None:
    page = visit("pipeline", net="lenet5", op="12")
    page.get_by_key("shared.net").set_value("vgg16")
    assert not worked(sound(page.run()))
    page.get_by_key("shared.net").set_value("lenet5")
    assert worked(sound(page.run()))
    page = visit("pipeline", net="resnet18", op=str(69))
    page.get_by_key("pipeline.o.residual@resnet18").set_value(False)  # no additions: fewer operations
    assert not worked(sound(page.run()))


def test_nothing_stands_beside_a_figure_that_is_presented(visit: Visit) -> None:
    assert not worked(visit("pipeline", net="lenet5", op="1", present="1"))


# --- links ------------------------------------------------------------------------------------------------------------


def test_the_two_pages_lead_to_each_other_at_the_same_operation(visit: Visit, traced: Traced) -> None:
    layer = next(each for each in traced("efficientnet-lite0").layers if each.name == "stage3.1.add")
    number = str(layer.index + 1)
    page = visit("pipeline", net="efficientnet-lite0", op=number)
    there = {"lang": "en", "net": "efficientnet-lite0", "layer": layer.name, "op": number}
    assert ("maps", there) in links(page)
    other = visit("maps", **there)
    assert not other.toast
    assert worked(other) == worked(page)
    assert code(other) == code(page)
    assert other.session_state["maps.layer@pretrained:efficientnet-lite0"] == layer.name
    back = {"lang": "en", "net": "efficientnet-lite0", "op": number}
    assert ("pipeline", back) in links(other)


def test_a_network_with_other_options_is_opened_with_them(visit: Visit) -> None:
    """LeNet-5 was trained with other units than it is declared with; the number fits these."""
    page = visit("maps", net="lenet5", op="2")
    target = next(query for slug, query in links(page) if slug == "pipeline" and "op" in query)
    pipeline = visit("pipeline", **target)
    assert not pipeline.toast
    assert code(pipeline) == code(page)


def test_the_maps_of_a_layer_are_shown_on_the_page_itself(visit: Visit, traced: Traced) -> None:
    layer = next(each for each in traced("cifar-resnet20").layers if each.name == "layer2.0.conv1")
    page = visit("maps", net="cifar-resnet20", op=str(layer.index + 1))
    page.get_by_key("all-maps").click()
    assert sound(page.run()).query_params["layer"] == layer.name


@pytest.mark.parametrize("sent", [None, 3, {}, {"opened": "4"}, {"opened": 0}, {"opened": -1}, {"opened": True}])
def test_what_is_no_number_opens_nothing(sent: object) -> None:
    assert opening.read(sent) is None


def test_a_number_opens() -> None:
    assert opening.read({"opened": 4}) == 4


def test_the_strip_opens_the_operations_its_maps_come_from(visit: Visit, traced: Traced) -> None:
    page = visit("maps", net="cifar-resnet20")
    ends = {layer.stage: layer.index + 1 for layer in traced("cifar-resnet20").layers}
    assert [html(page).count(f'class="row" data-opens="{number}"') for number in ends.values()] == [1] * len(ends)
    beside = visit("maps", net="cifar-resnet20", beside="1")
    assert html(beside).count('class="row" data-opens=') == len(ends), "the panel is about the first of the two"
