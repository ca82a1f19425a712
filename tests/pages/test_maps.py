"""Feature maps: the strip, any layer, and what a link or a browser may wrongly say."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from explorer import models, text, tracing
from explorer.figures.receptive_windows import barcode_png, map_png, window_png
from explorer.images import load
from explorer.models import Model, pretrained_model, random_model
from explorer.records import InputImage
from explorer.ui.cached import maps as cached_maps, models as cached_models
from explorer.ui.components import pointing
from tests.inspection.conftest import ENDS, outputs, resnet
from tests.inspection.test_depth import FIELDS
from tests.pages.conftest import Visit, alts, html, open_twin, sound, words

SHIPPED = "recorded:cifar-short-cifar-resnet20-seed0"


@cache
def lite() -> Model:
    """The network that the page opens with."""
    return pretrained_model("efficientnet-lite0")


@dataclass(frozen=True)
class Opened:
    """A network in the address, the modules at the ends of its stages, and the windows of their units by hand."""

    parameters: Mapping[str, str]
    ends: Mapping[str, str]
    fields: Mapping[str, tuple[int, int, int]]

    @property
    def model(self) -> Model:
        return resnet() if self.parameters else lite()

    def maps_at_the_ends(self) -> dict[str, np.ndarray]:
        """What every stage makes of the cat, found with hooks."""
        with torch.no_grad():
            kept = outputs(self.model, self.model.preprocess(load("cat")), list(self.ends.values()))
        return {stage: kept[module].numpy() for stage, module in self.ends.items()}


FIRST = Opened(
    {},
    {"stem": "stem", **{f"stage{number}": f"stage{number}" for number in range(2, 9)}, "head": "fc"},
    # Side, first row and step. A 3x3 adds 2 steps and starts one earlier, a 5x5 adds 4 and starts two earlier; at
    # stride 2 TensorFlow's odd zero stands at the end, so that a 3x3 starts where it is and a 5x5 one earlier.
    {
        "stem": (3, 0, 2),
        "stage2": (7, -2, 2),
        "stage3": (19, -6, 4),
        "stage4": (67, -26, 8),
        "stage5": (147, -58, 16),
        "stage6": (339, -154, 16),
        "stage7": (787, -362, 32),
        "stage8": (851, -394, 32),
    },
)
SMALL = Opened({"net": "cifar-resnet20"}, ENDS, FIELDS)
OPENED = pytest.mark.parametrize("opened", [FIRST, SMALL], ids=["at first", "a small network"])


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


@pytest.fixture
def cat() -> InputImage:
    """The first bundled photograph."""
    return InputImage("cat", load("cat"))


def expected_window(opened: Opened, edges: tuple[int, int, int, int]) -> bytes:
    """The cat with a window: at most 152 pixels tall, twice the size at which it is shown."""
    pixels = opened.model.resize_crop(load("cat"))
    if (scale := 152 / len(pixels)) < 1:
        pixels = np.asarray(Image.fromarray(pixels).resize((152, 152), Image.Resampling.BICUBIC))
        edges = tuple(round(edge * scale) for edge in edges)
    return window_png(pixels, edges, 76)


def expected_images(opened: Opened) -> list[bytes]:
    """Row by row: the window of the strongest unit, the mean map, and the five channels with the largest values."""
    expected = []
    for stage, volume in opened.maps_at_the_ends().items():
        if volume.ndim == 1:
            expected += [expected_window(opened, (0, 0, *opened.model.input_shape[1:])), barcode_png(volume, 76)]
            continue
        order = sorted(range(len(volume)), key=lambda channel: -volume[channel].max())[:5]
        _, row, column = np.unravel_index(volume.argmax(), volume.shape)
        side, start, step = opened.fields[stage]
        top, left = start + step * int(row), start + step * int(column)
        expected += [expected_window(opened, (top, left, top + side, left + side)), map_png(volume.mean(0), 76)]
        expected += [map_png(volume[channel], 76) for channel in order]
    return expected


@OPENED
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_photograph_becomes_a_class(visit: Visit, lang: str, opened: Opened) -> None:
    """A row for every stage, each with its maps and a sentence; the class in the reader's language."""
    page = visit("maps", lang=lang, **opened.parameters)
    shown = html(page)
    assert shown.count('class="row"') == len(opened.ends)
    pngs = [base64.b64decode(each) for each in re.findall(r"data:image/png;base64,([\w+/=]+)", shown)]
    assert pngs == expected_images(opened)
    assert not re.search(r"\{\w+\}", shown + words(page))
    logits = torch.from_numpy(opened.maps_at_the_ends()[[*opened.ends][-1]])
    best, share = int(logits.argmax()), f"{100 * float(logits.softmax(0).max()):.0f}"
    name = name_of(lang, best) if opened is FIRST else text.say(lang, f"class.{resnet().categories[best]}")
    assert text.say(lang, "maps.says", network=opened.model.spec.title, best=name, share=share) in words(page)


@OPENED
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_row_says_where_its_strongest_unit_lies(visit: Visit, lang: str, opened: Opened) -> None:
    """Map, row and column in this order, and how much of the image the unit sees, counted pixel by pixel."""
    shown = html(visit("maps", lang=lang, **opened.parameters))
    pixels = opened.model.input_shape[1]
    for stage, volume in opened.maps_at_the_ends().items():
        if volume.ndim == 1:
            continue
        channel, row, column = map(int, np.unravel_index(volume.argmax(), volume.shape))
        side, start, step = opened.fields[stage]
        seen = [sum(0 <= start + step * place + cell < pixels for cell in range(side)) for place in (row, column)]
        share = 100 * seen[0] * seen[1] / pixels**2
        active = 100 * np.count_nonzero(volume > 0) / volume.size
        where = {"channel": channel, "row": row, "column": column, "seen": f"{share:.0f}" if share >= 1 else "<1"}
        assert escape(text.say(lang, "maps.fires", share=f"{active:.0f}", **where)) in shown


# --- the answer -------------------------------------------------------------------------------------------------------


def name_of(lang: str, index: int) -> str:
    """The name of a class of ImageNet in a language."""
    return (text.imagenet(lang) or lite().categories)[index]


def shares_of_the_cat() -> torch.Tensor:
    """The answer of Lite0 to the middle of the photograph, its pixels from -1 to 1: nothing but Pillow and torch."""
    photograph = Image.fromarray(load("cat"))
    beside = (photograph.width - photograph.height) / 2
    middle = photograph.resize((224, 224), Image.Resampling.BICUBIC, (beside, 0, photograph.width - beside, 300))
    pixels = torch.from_numpy(np.array(middle)).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        return lite().instantiate()(pixels).softmax(1)[0]


def bars(shown: str) -> list[tuple[str, float, str]]:
    """The bars of the answer: name, width in percent, and the share beside it."""
    found = re.findall(r'<i style="width: ([\d.]+)%"></i><dt>(.*?)</dt><dd>(.*?)</dd>', shown)
    return [(unescape(name), float(width), share) for width, name, share in found]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_answer_is_bars_that_a_softmax_gives(visit: Visit, lang: str) -> None:
    shares = shares_of_the_cat()
    shown = bars(html(visit("maps", lang=lang)))
    expected = [(int(i), 100 * float(shares[i])) for i in shares.argsort(descending=True)[:5] if shares[i] >= 0.005]
    assert len(expected) >= 3
    assert [name for name, *_ in shown] == [name_of(lang, index) for index, _ in expected]
    assert [width for _, width, _ in shown] == pytest.approx([share for _, share in expected], abs=0.06)
    assert [int(share.removesuffix("%")) for *_, share in shown] == pytest.approx(
        [share for _, share in expected], abs=0.51
    )


def test_the_classes_of_imagenet_are_named_in_chinese(visit: Visit) -> None:
    shown = [name for name, *_ in bars(html(visit("maps", lang="zh")))]
    assert shown == ["埃及猫", "虎纹猫", "虎斑猫", "猞猁"]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(
    ("parameters", "size", "given"),
    [
        ({}, "451×300", "224×224"),
        ({"net": "cifar-resnet20", "pic": "rocket"}, "640×427", "32×32"),
        ({"net": "lenet5"}, "28×28", "28×28"),
    ],
    ids=["at first", "another photograph", "a digit"],
)
def test_the_photograph_says_its_size_and_what_the_network_gets(
    visit: Visit, lang: str, parameters: dict[str, str], size: str, given: str
) -> None:
    page = visit("maps", lang=lang, **parameters)
    said = text.say(lang, "looking.crop", size=size, input=given)
    assert said in words(page)
    assert said in alts(page), "for those who do not see it"


def test_the_photograph_is_bright_where_the_network_gets_it(cat: InputImage) -> None:
    """Of 451 columns the 300 in the middle; the rest is there, and dark."""
    jpeg = cached_maps.photograph("pretrained:efficientnet-lite0", cat)
    shown, original = np.asarray(Image.open(io.BytesIO(jpeg)), float), load("cat").astype(float)
    assert shown.shape == original.shape == (300, 451, 3)
    middle, edges = slice(80, 371), np.r_[0:72, 379:451]  # a block of the JPEG away from the border
    assert np.abs(shown[:, middle] - original[:, middle]).mean() < 4
    share = shown[:, edges].mean() / original[:, edges].mean()
    assert 0.3 < share < 0.6


# --- untrained --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_random_weights_are_said_and_name_no_class(visit: Visit, lang: str) -> None:
    """Neither sentence nor bars; the largest number of the last row is an output, not a class."""
    page = visit("maps", lang=lang, weights="random")
    assert text.say(lang, "weights.untrained", network="EfficientNet-Lite0") in words(page)
    assert not bars(html(page))
    said = text.say(lang, "maps.says", network="EfficientNet-Lite0", best="#", share="#").partition("#")[0]
    assert said not in words(page)
    control = random_model("efficientnet-lite0")
    with torch.no_grad():
        largest = int(control.instantiate()(control.preprocess(load("cat"))).argmax())
    output = text.say(lang, "weights.output", number=largest)
    assert escape(text.say(lang, "maps.vector", count=1000, best=output)) in html(page)
    assert escape(name_of(lang, largest)) not in html(page)
    trained = visit("maps", lang=lang)
    assert text.say(lang, "weights.untrained", network="EfficientNet-Lite0") not in words(trained)
    assert said in words(trained)


def test_a_second_network_is_the_same_with_random_weights(visit: Visit) -> None:
    """The control stands beside the trained network, and says that it is untrained."""
    page = visit("maps", lang="en", beside="1")
    assert html(page).count('class="atlas-strip"') == 2
    assert page.get_by_key("maps.b.net").value == "efficientnet-lite0"
    assert page.get_by_key("maps.b.weights@efficientnet-lite0").value == "random"
    assert page.get_by_key("shared.weights@efficientnet-lite0").value == "pretrained"
    untrained = text.say("en", "weights.untrained", network="EfficientNet-Lite0")
    assert [each.value for each in page.markdown].count(untrained) == 1
    assert not {"b.net", "b.weights"} & set(page.query_params)
    first, second = (unescape(part) for part in html(page).split('class="atlas-strip"')[1:])
    assert "output" not in first
    assert re.search(r"The largest stands for: output \d+\.", second)


def test_the_second_network_follows_the_first_until_another_is_chosen(visit: Visit) -> None:
    page = visit("maps", lang="en", beside="1", net="cifar-resnet20")
    assert page.get_by_key("maps.b.net").value == "cifar-resnet20"
    sound(page.get_by_key("shared.net").set_value("lenet5").run())
    assert page.get_by_key("maps.b.net").value == "lenet5"
    assert page.get_by_key("maps.b.weights@lenet5").value == "random"
    sound(page.get_by_key("maps.b.net").set_value("cifar-plain20").run())
    assert page.get_by_key("maps.b.weights@cifar-plain20").value == "shipped"
    assert page.query_params["b.net"] == "cifar-plain20"


def test_two_that_are_both_untrained_are_each_mended(visit: Visit) -> None:
    """The buttons of one do nothing to the other."""
    page = visit("maps", lang="en", beside="1", net="cifar-resnet20", weights="random")
    trained = text.say("en", "weights.trained")
    _, second = (button for button in page.button if button.label == trained)
    sound(second.click().run())
    assert page.get_by_key("maps.b.weights@cifar-resnet20").value == "shipped"
    assert page.get_by_key("shared.weights@cifar-resnet20").value == "random"
    (left,) = (button for button in page.button if button.label == trained)
    sound(left.click().run())
    assert page.get_by_key("shared.weights@cifar-resnet20").value == "shipped"
    assert trained not in [button.label for button in page.button]


def test_an_architecture_alone_leads_to_a_trained_network(visit: Visit) -> None:
    """Also where its random weights had been looked at before; the second network is sent there by itself."""
    another = text.say("en", "weights.another", network="EfficientNet-Lite0")
    page = visit("maps", lang="en", weights="random", beside="1")
    sound(page.get_by_key("shared.net").set_value("cifar-resnet32").run())
    assert text.say("en", "weights.trained") not in [button.label for button in page.button], "there are none"
    _, second = (button for button in page.button if button.label == another)
    sound(second.click().run())
    assert page.get_by_key("shared.net").value == "cifar-resnet32"
    assert page.get_by_key("maps.b.net").value == "efficientnet-lite0"
    assert page.get_by_key("maps.b.weights@efficientnet-lite0").value == "pretrained"
    (left,) = (button for button in page.button if button.label == another)
    sound(left.click().run())
    assert page.get_by_key("shared.net").value == "efficientnet-lite0"
    assert page.get_by_key("shared.weights@efficientnet-lite0").value == "pretrained"
    assert not {"net", "weights"} & set(page.query_params)
    assert bars(html(page))


# --- any layer --------------------------------------------------------------------------------------------------------


def test_layers_of_two_networks_are_not_confused(visit: Visit) -> None:
    """A layer in the address that the network has not is told and replaced."""
    page = visit("maps", net="lenet5", layer="layer4.2.conv3")
    assert page.toast
    sound(page.run())


LINK = {
    "lang": "en",
    "net": "cifar-resnet20",
    "layer": "layer2.0.conv1",
    "order": "index",
    "colours": "shared",
    "ch": "7",
    "pixel": "10,20",
    "cell": "3,5",
}


def maps_of(layer: str, image: str) -> np.ndarray:
    """What a layer of the shipped network makes of an image, found with a hook: (C, H, W)."""
    model, found = resnet(), []
    network = model.instantiate()
    network.get_submodule(layer).register_forward_hook(lambda module, given, output: found.append(output))
    with torch.no_grad():
        network(model.preprocess(load(image)))
    volume: np.ndarray = found[0][0].numpy()
    return volume


def test_a_link_restores_layer_channel_cell_and_pixel(visit: Visit) -> None:
    page = visit("maps", **LINK)
    assert not page.toast
    assert dict(page.query_params) == LINK
    shown = maps_of("layer2.0.conv1", "cat")[7]
    value, low, high = f"{shown[3, 5]:.3f}", f"{shown.min():.3g}", f"{shown.max():.3g}"
    assert text.say("en", "maps.cell", row=3, column=5, value=value, low=low, high=high) in words(page)
    assert text.say("en", "maps.chosen_pixel", row=10, column=20) in words(page)


def test_the_numbers_of_the_grid_and_of_the_map_are_behind_them(visit: Visit) -> None:
    volume = maps_of("layer2.0.conv1", "cat")
    rows = open_twin(visit("maps", **LINK), "maps-sheet").dataframe[0].value.values.tolist()
    np.testing.assert_allclose(
        rows, [[i, each.min(), each.max()] for i, each in enumerate(volume)], rtol=1e-4, atol=1e-5
    )
    rows = open_twin(visit("maps", **LINK | {"order": "strength"}), "maps-sheet").dataframe[0].value.values.tolist()
    strongest = sorted(range(len(volume)), key=lambda channel: -volume[channel].max())
    assert [row[0] for row in rows] == strongest
    expected = [[volume[i].min(), volume[i].max()] for i in strongest]
    np.testing.assert_allclose([row[1:] for row in rows], expected, rtol=1e-4, atol=1e-5)
    rows = open_twin(visit("maps", **LINK), "maps-map").dataframe[0].value.values.tolist()
    np.testing.assert_allclose(rows, volume[7], rtol=1e-4, atol=1e-5)


def test_the_strongest_are_shown_until_others_are_chosen(visit: Visit) -> None:
    """They are those of the image that is shown, and never in the address."""
    page = visit("maps", net="cifar-resnet20", layer="layer2.0.conv1", order="index")
    for image in ("cat", "coffee"):
        sound(page.get_by_key("shared.pic@3").set_value(image).run())
        channel, *cell = np.unravel_index(maps_of("layer2.0.conv1", image).argmax(), (32, 16, 16))
        assert page.get_by_key(f"maps.ch@{SHIPPED} layer2.0.conv1").value == channel
        assert page.session_state[f"maps.cell@{SHIPPED} layer2.0.conv1 {channel}"] == tuple(cell)
        assert page.session_state["maps.pixel@32 x 32"] == (16, 16)
        assert not {"ch", "cell", "pixel"} & set(page.query_params)
    sound(page.get_by_key(f"maps.ch@{SHIPPED} layer2.0.conv1").set_value(5).run())
    sound(page.get_by_key("shared.pic@3").set_value("cat").run())
    assert page.query_params["ch"] == "5"


def test_a_network_of_gigabytes_waits_until_it_is_asked(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_maps, "too_many_megabytes", lambda model_id: 2_000.0)
    waiting = visit("maps", lang="en")
    assert [toggle.label for toggle in waiting.toggle].count(text.say("en", "maps.compute")) == 2
    asked = visit("maps", lang="en", field="1", reach="1")
    assert not asked.toast
    shown = [len(page.get("image")) for page in (waiting, visit("maps", lang="en", reach="1"), asked)]
    assert shown == [1, 9, 17], "the photograph, and an image for the end of every stage that has a grid"


def test_the_heaviest_network_is_made_once_and_its_maps_are(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it takes drives nothing out that the page is about to use again."""
    made: list[str] = []

    def noting(name: str, compute: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **how: (made.append(name), compute(*args, **how))[1]

    monkeypatch.setattr(models, "random_model", noting("model", models.random_model))
    monkeypatch.setattr(tracing, "capture", noting("maps", tracing.capture))
    cached_models._shared.clear()
    cached_maps._captured.clear()
    page = visit("maps", net="vgg19", weights="random")
    assert made == ["model", "maps"]
    sound(page.run())
    assert made == ["model", "maps"]


def test_archive_holds_the_maps(cat: InputImage) -> None:
    """What is taken away is what was computed."""
    layer = cached_maps.grids(SHIPPED)[0].name
    with np.load(io.BytesIO(cached_maps.archive(cached_maps.maps(SHIPPED, cat).maps[layer]))) as kept:
        assert np.array_equal(kept["maps"], cached_maps.maps(SHIPPED, cat).maps[layer])


@pytest.mark.parametrize("sent", [None, {}, {"cell": [1]}, {"cell": [9, 0]}, {"cell": [-1, 0]}, {"cell": ["0", 0]}])
def test_a_browser_that_lies_chooses_nothing(sent: object) -> None:
    """Only places that exist are places."""
    assert pointing.read(sent, 4, 4) is None


def test_a_place_is_read() -> None:
    """Row before column."""
    assert pointing.read({"cell": [1, 3]}, 2, 4) == (1, 3)
