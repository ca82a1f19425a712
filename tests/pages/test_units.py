"""What a unit wants: the four questions in both languages, tasks from button to result, and what is missing."""

from __future__ import annotations

import json
import re
from collections import Counter
from os.path import relpath
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.datasets import load
from explorer.jobs.schema import tasks
from explorer.jobs.task_rows import end_tasks
from explorer.models import pretrained_model
from explorer.records import FeatureVisConfig
from explorer.ui.cached import runs as cached_runs, units as cached_units
from explorer.ui.parts.looking import tasks as units_tasks
from tests.inspection.conftest import lenet
from tests.pages.conftest import FILES, FRAME, Here, Visit, alts, html, live_figures, open_twin, sound, words
from tests.pages.test_path import links

LENET = "recorded:lenet-lenet5-activation-tanh-pooling-max-seed0"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Here) -> Here:
    """A data directory and a service of this test's own, where tasks wait until they are done here."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    cached_units.evaluation_dataset.clear()
    return service


def press(page: AppTest, label: str) -> AppTest:
    return sound(next(button for button in page.button if button.label == label).click().run())


def pointed(page: AppTest) -> list[dict[str, Any]]:
    """What the components to point into were given."""
    return [json.loads(each.proto.json) for each in page.get("bidi_component") if "label" in each.proto.json]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("net", ["cifar-resnet20", "lenet5"])
def test_the_filters_stand_there_at_once(visit: Visit, lang: str, net: str) -> None:
    page = visit("units", lang=lang, net=net)
    assert "conv1" in words(page) or "c1" in words(page)
    assert len(pointed(page)) == 1


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_at_first_the_filters_are_those_of_lite0(visit: Visit, lang: str) -> None:
    """In words: which is the largest by its norm, and which the smallest; not those of the control."""
    weights = pretrained_model("efficientnet-lite0").state["stem.conv.weight"]
    norms = weights.double().square().sum((1, 2, 3)).sqrt()
    order = norms.argsort(descending=True).tolist()
    said = text.say(
        lang,
        "units.filters_colour",
        count=32,
        size="3×3",
        layer="stem.conv",
        first=order[0],
        norm=f"{norms[order[0]]:.2f}",
        last=order[-1],
        least=f"{norms[order[-1]]:.2f}",
    )
    page = visit("units", lang=lang)
    assert said in words(page)
    assert pointed(page)[0]["label"] == said
    untrained = text.say(lang, "weights.untrained", network="EfficientNet-Lite0")
    assert untrained not in words(page)
    control = visit("units", lang=lang, weights="random")
    assert said not in words(control)
    assert untrained in words(control)


@pytest.mark.parametrize("net", ["cifar-resnet20", "lenet5"])
def test_the_filters_in_numbers(visit: Visit, net: str) -> None:
    page = open_twin(visit("units", lang="en", net=net), f"filters-{net}")
    norms = list(page.dataframe[0].value.iloc[:, 1])
    assert norms == sorted(norms, reverse=True)
    by_index = open_twin(visit("units", lang="en", net=net, unitsort="index"), f"filters-{net}")
    assert list(by_index.dataframe[0].value.iloc[:, 0]) == list(range(len(norms)))


def test_a_filter_is_chosen_and_leads_to_its_map(visit: Visit) -> None:
    weights = pretrained_model("efficientnet-lite0").state["stem.conv.weight"]
    norms = weights.double().square().sum((1, 2, 3)).sqrt()
    order = norms.argsort(descending=True).tolist()
    page = visit("units", lang="en", channel="7")
    (sheet,) = pointed(page)
    assert sheet["selected"] == list(divmod(order.index(7), sheet["columns"]))
    assert text.say("en", "units.filter", channel=7, norm=f"{norms[7]:.2f}") in words(page)
    there = {"lang": "en", "net": "efficientnet-lite0", "layer": "stem.conv", "ch": "7"}
    assert ("maps", there) in links(page)
    assert not visit("maps", **there).toast
    assert pointed(visit("units", lang="en", channel="32"))[0]["selected"] == [0, 0], "there are 32 of them"


def maps_by_hand(channel: int) -> torch.Tensor:
    """A channel of A3 for all training images in one batch, (N, h, w)."""
    model, maps = lenet(), list[torch.Tensor]()
    with torch.no_grad():
        net = model.instantiate()
        net.a3.register_forward_hook(lambda module, given, output: maps.append(output[:, channel]))
        net(model.scale(load("digits28").train_images))
    return maps[0]


def found_by_hand(lang: str, channel: int) -> str:
    """What the nine images that excite a channel of A3 most are."""
    maps, data = maps_by_hand(channel), load("digits28")
    peaks = maps.amax((1, 2)).tolist()
    best = sorted(range(len(peaks)), key=lambda number: -peaks[number])[:9]
    truths = Counter(data.classes[int(data.train_labels[number])] for number in best)
    return text.say(
        lang,
        "units.patches_words",
        channel=channel,
        list=("、" if lang == "zh" else ", ").join(f"{truth} ×{count}" for truth, count in truths.items()),
        first=f"{peaks[best[0]]:.2f}",
        last=f"{peaks[best[-1]]:.2f}",
        mean=f"{maps.mean():.3f}",
        firing=f"{100 * (maps > 0).float().mean():.0f}",
    )


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_patches_are_asked_for_found_and_shown(
    visit: Visit, here: Here, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_SHARED", "1")  # each visit is another visitor's
    page = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3", channel="2")
    assert text.say(lang, "units.patches_find") in [button.label for button in page.button]
    task = units_tasks.patches_task(LENET, "a3", "digits28")
    units_tasks.begin(LENET, task)
    waiting = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3", channel="2")
    assert text.say(lang, "units.stop") in [button.label for button in waiting.button]
    here.do_tasks()
    page = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3", channel="2")
    assert found_by_hand(lang, 2) in alts(page)
    assert text.say(lang, "units.cut", size="14×14") in words(page)
    (favourites,) = pointed(page)
    named = [text.say(lang, "units.channel_alt", number=number) for number in range(16)]
    assert [favourites["names"][8 * row + column] for row, column in [favourites["selected"]]] == [named[2]]
    assert set(favourites["names"]) <= set(named)
    if lang == "en":
        table = open_twin(page, "patches-a3").dataframe[0].value
        assert len(table) == 16
        maps = maps_by_hand(2)
        peaks = maps.amax((1, 2))
        active_fraction = 100 * float((maps > 0).float().mean())
        wanted = [2, float(peaks.max()), float(maps.mean()), active_fraction, int(peaks.argmax())]
        rounded = [0, 6e-4, 6e-5, 0.06, 0]
        for found, value, most in zip(table.iloc[2], wanted, rounded, strict=True):
            assert found == pytest.approx(value, abs=most)


def test_a_dream_is_started_with_the_button_and_kept(visit: Visit, here: Here) -> None:
    page = visit("units", lang="en", net="lenet5", unitview="dream", dreamfor="class", dreamclass="3", dreamsteps="64")
    press(page, text.say("en", "units.dream_start"))
    key = units_tasks.maximize_task(LENET, FeatureVisConfig("class", "", 3, steps=64, seed=0, enlarge=1)).key
    assert cached_runs.service().task(key).state == "waiting"
    here.do_tasks()
    page = visit("units", lang="en", net="lenet5", unitview="dream", dreamfor="class", dreamclass="3", dreamsteps="64")
    assert "After 64 steps the logit of the class 3" in words(page)
    assert len(page.image) == 7
    assert all(alts(page))
    assert len(live_figures(page)) == 1


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("state", ["lost", "failed", "stopped"])
def test_a_task_that_ended_otherwise_is_said_and_offered_again(visit: Visit, here: Here, lang: str, state: str) -> None:
    task = units_tasks.patches_task(LENET, "a3", "digits28")
    units_tasks.begin(LENET, task)
    with here.store.database.writing() as connection:
        end_tasks(connection, tasks.c.key == task.key, state, "why")
    page = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3")
    expected = text.say(lang, f"units.{state}").format(problem="why")
    assert expected in words(page)
    assert text.say(lang, "units.patches_find") in [button.label for button in page.button]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_without_a_block_another_answer_and_no_accuracy_where_no_set_fits(visit: Visit, lang: str) -> None:
    page = visit("units", lang=lang, net="cifar-resnet20", unitview="lesion", bypass="['layer3.2']")
    assert text.say(lang, "units.no_accuracy") in words(page)
    assert len(live_figures(page)) == 1
    assert text.say(lang, "units.way_shortcut") in words(page)
    plain = visit("units", lang=lang, net="cifar-plain20", unitview="lesion")
    closed = {"en": "layer2.0, layer3.0", "zh": "layer2.0、layer3.0"}[lang]
    assert text.say(lang, "units.cannot", list=closed) in words(plain)
    assert text.say(lang, "units.nothing_off") in words(plain)


@pytest.mark.parametrize("raw", ["layer1.0,layer3.2", "['layer1.0', 'layer3.2']"], ids=["a list", "as links were"])
def test_a_link_bypasses_blocks(visit: Visit, raw: str) -> None:
    page = visit("units", net="cifar-resnet20", unitview="lesion", bypass=raw)
    assert not page.toast
    assert page.multiselect[0].value == ["layer1.0", "layer3.2"]
    assert page.query_params["bypass"] == "layer1.0,layer3.2"


@pytest.mark.parametrize("name", ["bypass", "off"])
def test_many_brackets_are_no_list(visit: Visit, name: str) -> None:
    page = visit("units", unitview="lesion", lesionof="channel" if name == "off" else "block", **{name: "[" * 990})
    assert page.multiselect[0].value == []


DREAM = {
    "lang": "en",
    "net": "cifar-resnet20",
    "unitview": "dream",
    "dreamfor": "unit",
    "layer": "layer1.1",
    "channel": "3",
    "dreamsteps": "256",
    "dreamseed": "7",
    "dream-jitter": "0",
    "dream-scale": "0",
}


def test_a_link_restores_a_search(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[FeatureVisConfig] = []
    order = units_tasks.maximize_task
    monkeypatch.setattr(
        units_tasks, "maximize_task", lambda model_id, settings: asked.append(settings) or order(model_id, settings)
    )
    page = visit("units", **DREAM)
    assert not page.toast
    assert dict(page.query_params) == DREAM
    assert asked == [FeatureVisConfig("unit", "layer1.1", 3, steps=256, seed=7, jitter=False, scale=False)]


def test_what_another_page_had_in_the_address_is_not_taken_for_the_back_button(visit: Visit) -> None:
    """Both pages have a layer; each keeps its own."""
    page = visit("units", net="cifar-resnet20", unitview="patches", layer="layer1.1")
    sound(page.get_by_key("units.unitview").set_value("filters").run())
    for slug, more in (("maps", {"layer": "layer2.0.conv1"}), ("units", {})):
        page.query_params.clear()
        page.switch_page(relpath(FILES[slug], FRAME.parent))
        for name, value in more.items():
            page.query_params[name] = value
        sound(page.run())
    sound(page.get_by_key("units.unitview").set_value("patches").run())
    assert page.query_params["layer"] == "layer1.1"


@pytest.mark.parametrize("raw", ["['nowhere']", "layer", "[[1]]", "{}", "[1e999]"])
def test_a_lesion_in_the_address_that_does_not_exist_is_left_out(visit: Visit, raw: str) -> None:
    page = visit("units", unitview="lesion", bypass=raw)
    assert len(page.toast) == 1
    assert page.multiselect[0].value == []


def test_channels_are_switched_off_and_accuracy_is_measured(visit: Visit) -> None:
    """Before and after are told as they are with the weights of these channels set to zero: tanh(0) = 0."""
    off = [0, 3, 5, 7, 12]
    page = visit("units", lang="en", net="lenet5", unitview="lesion", layer="a3", off=str(off))
    assert page.multiselect[0].value == [str(channel) for channel in off]
    model, data = lenet(), load("digits28")
    whole, cut = model.instantiate(), model.instantiate()
    cut.load_state_dict({key: value.clone() for key, value in model.state.items()}, assign=True)
    with torch.no_grad():
        cut.c3.weight[off], cut.c3.bias[off] = 0, 0
        before, after = (net(model.scale(data.test_images)).softmax(1) for net in (whole, cut))
    right = [100 * float((found.argmax(1) == data.test_labels).float().mean()) for found in (before, after)]
    assert right[0] > right[1] + 1, "before and after would not be told apart"
    shown = re.sub(r"<[^>]+>", " ", html(page))
    told = re.findall(r"(Intact|Ablated)\W+(\d+\.\d)%\s+(.*?)(?=\s{2,}|$)", shown)
    assert [(name, float(number)) for name, number, _ in told] == [
        ("Intact", pytest.approx(right[0], abs=0.06)),
        ("Ablated", pytest.approx(right[1], abs=0.06)),
    ]
    assert told[0][2].startswith("360 test images")
    assert told[1][2] == f"\N{MINUS SIGN}{right[0] - right[1]:.1f} points"
    first, then = (found[0] for found in (before, after))
    kind = "same" if first.argmax() == then.argmax() else "other"
    names = {"before": str(int(first.argmax())), "after": str(int(then.argmax()))}
    shares = {"share": f"{100 * float(first.max()):.0f}", "rest": f"{100 * float(then.max()):.0f}"}
    assert shares["share"] != shares["rest"]
    assert text.say("en", f"units.{kind}_answer", **names, **shares) in words(page)
    bars = {live_figure["name"]: live_figure["data"] for live_figure in live_figures(page)[0]["series"]}
    top = sorted(range(10), key=lambda index: -max(float(first[index]), float(then[index])))[:5]
    for name, found in (("Intact", first), ("Ablated", then)):
        assert bars[name] == pytest.approx([100 * float(found[index]) for index in top], abs=0.06)
    rows = open_twin(page, "lesion-answers").dataframe[0].value.values.tolist()
    for index, (name, was, became) in zip(top, rows, strict=True):
        assert (name, was, became) == (
            str(index),
            pytest.approx(100 * float(first[index]), abs=0.006),
            pytest.approx(100 * float(then[index]), abs=0.006),
        )
    (listed,) = re.findall(r"^.*% → .*%$", words(page), re.MULTILINE)
    told = re.findall(r"(\d+) (\d+\.\d)% → (\d+\.\d)%", listed)
    assert [tuple(map(float, each)) for each in told] == [
        (index, pytest.approx(100 * float(first[index]), abs=0.06), pytest.approx(100 * float(then[index]), abs=0.06))
        for index in top
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("layer", "nowhere"), ("channel", "4096"), ("unitview", "x"), ("patchset", "x")]
)
def test_what_does_not_exist_is_answered_with_the_default(visit: Visit, name: str, value: str) -> None:
    page = visit("units", **{"unitview": "patches", name: value})
    assert len(page.toast) == 1
