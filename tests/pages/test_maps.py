"""Feature maps: the strip, any layer, and what a link or a browser may wrongly say."""

from __future__ import annotations

import base64
import re
from html import escape

import numpy as np
import pytest
import torch

from explorer import text
from explorer.figures.receptive_windows import barcode_png, map_png, window_png
from explorer.images import load
from explorer.records import InputImage
from explorer.ui.cached import maps as cached_maps
from explorer.ui.components import pointing
from tests.inspection.conftest import ends_of, resnet
from tests.inspection.test_depth import FIELDS
from tests.pages.conftest import Visit, html, open_twin, sound, words

SHIPPED = "recorded:cifar-short-cifar-resnet20-seed0"


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


@pytest.fixture
def cat() -> InputImage:
    """The first bundled photograph."""
    return InputImage("cat", load("cat"))


def expected_images() -> list[bytes]:
    """Row by row: the window of the strongest unit, the mean map, and the five channels with the largest values."""
    model, found = resnet(), ends_of(resnet(), load("cat"))
    pixels, expected = model.resize_crop(load("cat")), []
    for stage, volume in found.items():
        if volume.ndim == 1:
            expected += [window_png(pixels, (0, 0, 32, 32), 76), barcode_png(volume, 76)]
            continue
        order = sorted(range(len(volume)), key=lambda channel: -volume[channel].max())[:5]
        _, row, column = np.unravel_index(volume.argmax(), volume.shape)
        side, start, step = FIELDS[stage]
        top, left = start + step * int(row), start + step * int(column)
        expected += [window_png(pixels, (top, left, top + side, left + side), 76), map_png(volume.mean(0), 76)]
        expected += [map_png(volume[channel], 76) for channel in order]
    return expected


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_photograph_becomes_a_class(visit: Visit, lang: str) -> None:
    """A row for every stage, each with its maps and a sentence; the class in the reader's language."""
    page = visit("maps", lang=lang)
    shown = html(page)
    rows = len(cached_maps.stage_ends(SHIPPED))
    assert shown.count('class="row"') == rows
    pngs = [base64.b64decode(each) for each in re.findall(r"data:image/png;base64,([\w+/=]+)", shown)]
    assert pngs == expected_images()
    assert not re.search(r"\{\w+\}", shown)
    said = next(element.value for element in page.markdown if "ResNet-20" in element.value)
    assert text.say(lang, "class.cat") in said


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_row_says_where_its_strongest_unit_lies(visit: Visit, lang: str) -> None:
    """Map, row and column in this order, and how much of the image the unit sees, counted pixel by pixel."""
    shown = html(visit("maps", lang=lang))
    for stage, volume in ends_of(resnet(), load("cat")).items():
        if volume.ndim == 1:
            continue
        channel, row, column = map(int, np.unravel_index(volume.argmax(), volume.shape))
        side, start, step = FIELDS[stage]
        seen = [sum(0 <= start + step * place + cell < 32 for cell in range(side)) for place in (row, column)]
        share = 100 * seen[0] * seen[1] / 32**2
        active = 100 * np.count_nonzero(volume > 0) / volume.size
        where = {"channel": channel, "row": row, "column": column, "seen": f"{share:.0f}" if share >= 1 else "<1"}
        assert escape(text.say(lang, "maps.fires", share=f"{active:.0f}", **where)) in shown


def test_two_side_by_side(visit: Visit) -> None:
    """The control stands beside the trained network."""
    page = visit("maps", beside="1", b__weights="random")
    assert html(page).count('class="atlas-strip"') == 2


def test_layers_of_two_networks_are_not_confused(visit: Visit) -> None:
    """A layer in the address that the network has not is told and replaced."""
    page = visit("maps", net="lenet5", layer="layer4.2.conv3")
    assert page.toast
    sound(page.run())


LINK = {
    "lang": "en",
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
    page = visit("maps", layer="layer2.0.conv1", order="index")
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
    assert shown == [0, 4, 8], "an image for the end of every stage that has a grid, and for the layer where it is one"


def test_archive_holds_the_maps(cat: InputImage) -> None:
    """What is taken away is what was computed."""
    import io

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
