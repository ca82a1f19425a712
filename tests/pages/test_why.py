"""Why this class: the first view in both languages, another class, other methods, the control, the curves."""

from __future__ import annotations

import io
from typing import Any

import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import inspection, text
from explorer.attributions import methods
from explorer.errors import AttributionFailed
from explorer.figures.attributions import MOST_BYTES
from explorer.images import load
from explorer.models import pretrained_model, random_model
from explorer.networks import network
from explorer.records import Explain, InputImage, NetworkInstance
from explorer.summaries import METHODS
from explorer.tracing import trace_shapes
from explorer.ui.cached import maps as cached_maps, why as cached_why
from explorer.ui.parts.looking import why
from tests.pages.conftest import Visit, alts, buttons, charts, open_twin, sound, words
from tests.pages.test_path import links

MAPS = len(METHODS)
STAGES = 8  # stem and seven stages; the head has no map
SMALL = {"lang": "en", "net": "cifar-resnet20"}
SHIPPED = "recorded:cifar-short-cifar-resnet20-seed0"


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def maps(page: AppTest, lang: str = "en") -> list[str]:
    """The methods whose maps are shown, in their order, from the images' own words."""
    titles = {text.say(lang, f"why.method.{slug}"): slug for slug in methods()}
    middle = text.say(lang, "why.map_alt", method="#", name="#", where="#", share="#", tenth="#").split("#")[1]
    return [titles[alt.split(middle)[0]] for alt in alts(page) if alt.split(middle)[0] in titles and middle in alt]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_first_view_explains_the_answer(visit: Visit, lang: str) -> None:
    page = visit("why", lang=lang)
    assert maps(page, lang) == sorted(METHODS, key=[card.slug for card in cached_why.cards()].index)
    assert len([alt for alt in alts(page) if alt]) == len(alts(page)) == 1 + MAPS + STAGES
    assert text.say(lang, "why.upsampled") in words(page)
    assert text.say(lang, "why.for_class", name=best_of_lite(lang)) in words(page)
    assert "75.1" in words(page)
    assert charts(page) == 0, "curves of a large network take a minute: they wait until they are asked for"
    assert not page.warning


def best_of_lite(lang: str) -> str:
    """What the network of the first view takes the cat for, in the reader's language."""
    model = pretrained_model("efficientnet-lite0")
    with torch.no_grad():
        best = int(model.instantiate()(model.preprocess(load("cat"))).argmax())
    return (text.imagenet(lang) or model.categories)[best]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_small_network_has_its_curves_at_once(visit: Visit, lang: str) -> None:
    page = visit("why", lang=lang, net="cifar-resnet20")
    assert text.say(lang, "why.for_class", name=text.say(lang, "class.cat")) in words(page)
    assert "83.65" in words(page)
    assert charts(page) == 2
    (areas,) = (frame.value for frame in page.dataframe)
    assert len(areas) == MAPS + 1, "and a random order"
    assert not page.warning


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_random_weights_are_explained_without_a_class(visit: Visit, lang: str) -> None:
    page = visit("why", lang=lang, net="cifar-resnet20", weights="random", curves="0")
    assert text.say(lang, "weights.untrained", network="ResNet-20 (CIFAR-10)") in words(page)
    model = random_model("cifar-resnet20")
    with torch.no_grad():
        best = int(model.instantiate()(model.preprocess(load("cat"))).argmax())
    output = text.say(lang, "weights.output", number=best)
    assert text.say(lang, "why.for_class", name=output) in words(page)
    assert all(label.startswith(text.say(lang, "weights.output", number="")) for label in classes(page, lang))


def classes(page: AppTest, lang: str) -> list[str]:
    """The classes that can be asked for."""
    (box,) = (box for box in page.selectbox if box.label == text.say(lang, "why.any"))
    return list(box.options)


def test_the_maps_in_words_numbers_and_code(visit: Visit) -> None:
    page = open_twin(visit("why", **SMALL), "why-maps")
    assert len(page.dataframe[0].value) == MAPS
    said = [alt for alt in alts(page) if "of the magnitude lies" in alt]
    assert len(said) == MAPS
    assert all(alt in words(page) for alt in said)
    assert [block.value.partition("(")[0] for block in page.code] == [
        "def saliency",
        "def guided_backprop",
        "def grad_cam",
    ]


def test_maps_of_a_layer_open_its_operation_and_those_of_pixels_nothing(visit: Visit) -> None:
    chosen = "saliency,guided-backprop,grad-cam,guided-grad-cam"
    page = visit("why", **SMALL, curves="0", methods=chosen)
    layers = [layer.name for layer in trace_shapes(NetworkInstance.of(network("cifar-resnet20"))).layers]
    ends = [layers.index(name) + 1 for name in ("relu", "layer1.2.relu2", "layer2.2.relu2", "layer3.2.relu2")]
    assert buttons(page) == [ends[-1], ends[-1], *ends], "Grad-CAM twice, and at every stage"
    opened = visit("why", **SMALL, curves="0", op=str(ends[1]))
    assert "`layer1.2.relu2`" in words(opened)
    assert any(alt.startswith("Mean of its 16 maps") for alt in alts(opened))
    there = {"lang": "en", "net": "cifar-resnet20", "op": str(ends[1])}
    assert {("maps", (("layer", "layer1.2.relu2"),)), ("pipeline", ())} <= {
        (slug, tuple(query.items() - there.items())) for slug, query in links(opened) if "op" in query
    }


def test_another_class_is_a_click_away_and_in_the_link(visit: Visit) -> None:
    page = visit("why", **SMALL)
    assert "class" not in page.query_params
    assert page.selectbox(key="why.class@10").value == 3
    sound(page.selectbox(key="why.class@10").set_value(5).run())
    assert page.query_params["class"] in ("5", ["5"])
    assert "class dog" in words(page)
    assert "class cat" not in words(page)
    linked = visit("why", **SMALL, **{"class": "5"})
    assert words(linked) == words(page)
    sound(page.selectbox(key="why.class@10").set_value(3).run())
    assert "class" not in page.query_params


def test_methods_options_view_and_control_are_in_the_link(visit: Visit) -> None:
    chosen = {"methods": "smoothgrad,deconvolution", "why-view": "alone", "redrawn": "1", "m.smoothgrad.samples": "8"}
    page = visit("why", **SMALL, **chosen)
    assert maps(page) == ["deconvolution", "smoothgrad"]
    assert len([element for element in page.markdown if element.value == text.say("en", "why.redrawn_title")]) == 1
    assert page.select_slider(key="why.m.smoothgrad.samples").value == 8
    assert len(open_twin(page, "why-maps").dataframe[0].value) == 4
    assert page.query_params["methods"] in ("deconvolution,smoothgrad", ["deconvolution,smoothgrad"])


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_all_methods_at_once(visit: Visit, lang: str) -> None:
    page = visit("why", lang=lang, net="cifar-resnet20", methods=",".join(methods()), curves="0")
    assert sorted(maps(page, lang)) == sorted(methods())
    assert charts(page) == 0
    assert not page.warning


def test_without_a_method_the_page_asks_for_one(visit: Visit) -> None:
    page = visit("why", **SMALL, methods="")
    assert text.say("en", "why.no_method") in words(page)
    assert charts(page) == 0


@pytest.mark.parametrize("wrong", [{"methods": "saliency,tarot"}, {"class": "12"}, {"class": "x"}])
def test_a_link_to_what_does_not_exist_shows_the_default(visit: Visit, wrong: dict[str, str]) -> None:
    page = visit("why", **SMALL, **wrong)
    assert len(page.toast) == 1
    assert len(maps(page)) == MAPS


def test_a_method_that_fails_leaves_the_others(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    real = cached_why.explained

    def sometimes(model_id: str, image: InputImage, asked: Explain) -> Any:
        if asked.method == "saliency":
            raise AttributionFailed("It is not finite.")
        return real(model_id, image, asked)

    monkeypatch.setattr(cached_why, "explained", sometimes)
    page = visit("why", **SMALL, curves="0")
    assert [element.value for element in page.warning] == ["Saliency: It is not finite."]
    assert len(maps(page)) == MAPS - 1


def test_digits_are_explained_too(visit: Visit) -> None:
    page = visit("why", lang="en", net="lenet5", curves="0")
    assert len(maps(page)) == MAPS
    assert text.say("en", "why.no_relu") in words(page), "tanh"


# --- what is cached, and what travels ---------------------------------------------------------------------------------


@pytest.fixture
def cat() -> InputImage:
    return InputImage("cat", load("cat"))


def test_a_map_is_computed_once(cat: InputImage, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached_why.explained(SHIPPED, cat, Explain("saliency", 3))
    monkeypatch.setattr(inspection, "explain", lambda *args: pytest.fail("computed again"))
    assert cached_why.explained(SHIPPED, cat, Explain("saliency", 3)) is first
    with pytest.raises(pytest.fail.Exception):
        cached_why.explained(SHIPPED, cat, Explain("saliency", 4))


@pytest.mark.parametrize("view", why.VIEWS)
def test_an_image_is_small_and_enlarged_by_a_whole_factor(cat: InputImage, view: str) -> None:
    for slug in methods():
        png = cached_why.map_png(SHIPPED, cat, Explain(slug, 3), view)
        assert len(png) <= MOST_BYTES
        image = Image.open(io.BytesIO(png))
        assert (image.format, image.mode, image.size) == ("PNG", "P", (256, 256))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_network_of_gigabytes_waits_until_it_is_asked(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    """Its answer is there: the image, and the class that one may choose."""
    monkeypatch.setattr(cached_maps, "too_many_megabytes", lambda model_id: 3_950.0)
    waiting = visit("why", **{**SMALL, "lang": lang})
    assert text.say(lang, "maps.heavy", size="4.0") in words(waiting)
    assert [image.alt for element in waiting.get("image") for image in element.proto.imgs] == alts(waiting)[:1]
    assert text.say(lang, "maps.compute") in [toggle.label for toggle in waiting.toggle]
    asked = visit("why", explain="1", **{**SMALL, "lang": lang})
    assert not asked.toast
    assert alts(asked)[1:]
    assert text.say(lang, "maps.heavy", size="4.0") not in words(visit("why", lang=lang)), "recorded: at once"
