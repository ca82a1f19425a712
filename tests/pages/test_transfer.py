"""Transfer learning: what was measured, features from button to head, and classes of one's own, in both languages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.images import load
from explorer.models import pretrained_model
from explorer.transfer import STARTS, feature_cache, features_of, fit, leave_one_out, probabilities, without_head
from explorer.ui.cached.transfer import reusing
from explorer.weights.transferred import LITE, NEAR, gains, recorded_spread, similar
from tests.datasets.making import folder
from tests.pages.conftest import (
    Here,
    Visit,
    alts,
    everything,
    figures,
    html,
    in_a_column,
    live_figures,
    open_twin,
    sound,
    words,
)

RESNET = {"transferview": "reused", "net": "cifar-resnet20", "to": "digits"}
TAUGHT = {"transferview": "taught"}
MODEL = "recorded:cifar-short-cifar-resnet20-seed0"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Here) -> Iterator[Here]:
    """A data directory and a service of this test's own, where tasks wait until they are done here."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    yield service
    reusing.clear()


def press(page: AppTest, label: str) -> AppTest:
    return sound(next(button for button in page.button if button.label == label).click().run())


def spread(source: str, dataset: str, regime: str, amount: int, stages: int | None = None) -> str:
    """Mean and range as the page says them in English."""
    found = recorded_spread(source, dataset, regime, amount, stages)
    assert found
    low, high = min(found.accuracies), max(found.accuracies)
    return text.say("en", "transfer.spread", mean=f"{found.mean:.1f}", low=f"{low:.1f}", high=f"{high:.1f}")


# --- what was measured ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_answer_is_held_back_until_somebody_has_guessed(visit: Visit, lang: str) -> None:
    page = visit("transfer", asked=True, lang=lang)
    assert text.say(lang, "transfer.predict") in words(page)
    assert not figures(page)
    assert text.say(lang, "transfer.lesson") not in [each.value for each in page.subheader]
    press(page, text.say(lang, "transfer.way.finetune"))
    truth, given = (text.say(lang, f"transfer.way.{way}") for way in ("frozen", "finetune"))
    assert text.say(lang, "predict.wrong", given=given, truth=truth) in words(page)
    assert len(figures(page)) == 5


def test_a_link_to_what_was_measured_asks_nobody(visit: Visit) -> None:
    page = visit("transfer", asked=True, kept="4")
    assert len(figures(page)) == 5
    assert page.slider[0].value == 4


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("data", ["cifar10", "digits", "shapes"])
def test_the_runs_say_that_they_were_recorded(visit: Visit, lang: str, data: str) -> None:
    page = visit("transfer", lang=lang, learned=data)
    said = words(page)
    assert "NVIDIA H200" in said
    assert "python -m explorer.transfer" in said
    assert "--save" not in said
    drawn = figures(page)[0]
    frozen = recorded_spread(LITE, NEAR if data == "cifar10" else data, "frozen", 5)
    assert frozen
    assert np.isclose(_numbers(drawn["data"][0]["y"])[0], frozen.mean)


def _numbers(values: object) -> list[float]:
    """A list of a figure, which travels as it is or in base64."""
    if isinstance(values, dict):
        import base64

        return list(np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]))
    assert isinstance(values, list)
    return values


def test_the_numbers_behind_the_first_figure(visit: Visit) -> None:
    page = open_twin(visit("transfer", lang="en"), "transfer-regimes")
    table = page.dataframe[0].value
    found = recorded_spread(LITE, NEAR, "finetune", 0)
    assert found
    row = table[(table.iloc[:, 0] == text.say("en", "transfer.way.finetune")) & (table.iloc[:, 1] == "all of them")]
    assert row.iloc[0, 2:].tolist() == [
        round(found.mean, 1),
        round(min(found.accuracies), 1),
        round(max(found.accuracies), 1),
        3,
        3_383_818,
    ]
    assert spread(LITE, NEAR, "frozen", 5) in words(page)


def test_where_frozen_features_lose_is_named(visit: Visit) -> None:
    said = words(visit("transfer", lang="en"))
    lost = [
        f"{text.say('en', f'learned.{data}')}, {amount} of each class {np.mean(gains(data, amount)):+.1f}"
        for data, amount in (("digits", 5), ("digits", 50), ("shapes", 50))
    ]
    assert text.say("en", "transfer.behind", list=", ".join(lost)) in said


@pytest.mark.parametrize(
    ("kept", "trained", "tuned"), [(0, 3_383_818, 0), (6, 2_683_050, 6), (7, 1_030_410, None), (9, 12_810, None)]
)
def test_the_slider_says_what_stays_and_what_trains(visit: Visit, kept: int, trained: int, tuned: int | None) -> None:
    page = visit("transfer", lang="en", kept=str(kept))
    said = words(page)
    if tuned is not None:
        accuracy = spread(LITE, NEAR, "finetune", 50, tuned)
        assert text.say("en", "transfer.tuned", count=f"{trained:,}", accuracy=accuracy) in said
    elif kept < 9:
        assert text.say("en", "transfer.not_tuned", count=f"{trained:,}") in said
    if kept:
        assert spread(LITE, NEAR, "frozen", 50, kept) in said
    assert f"{trained:,} train" in said
    assert page.query_params.get("kept") == (None if kept == 6 else str(kept))


@pytest.mark.parametrize(("data", "amount"), [("cifar10", 0), ("digits", 5)])
def test_similarities_are_those_of_the_run(visit: Visit, data: str, amount: int) -> None:
    page = visit("transfer", lang="en", learned=data, amount=str(amount))
    run = similar(NEAR if data == "cifar10" else data, amount)
    assert run
    heat = next(each for figure in figures(page) for each in figure["data"] if each["type"] == "heatmap")
    assert [list(row) for row in heat["z"]] == [list(row) for row in run.similarity]
    assert f"{run.similarity[-1][-1]:.2f}" in words(page)
    assert in_a_column(page, "transfer-cka")


# --- features once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_features_are_computed_kept_and_used(visit: Visit, here: Here, lang: str) -> None:
    page = visit("transfer", lang=lang, **RESNET)
    assert "41 M" in html(page), "multiply-adds of ResNet-20"
    assert text.say(lang, "transfer.compute") in [button.label for button in page.button]
    press(visit("transfer", lang="en", **RESNET), text.say("en", "transfer.compute"))
    here.do_tasks()
    page = visit("transfer", lang=lang, few="20", after="3", **RESNET)
    (drawn,) = figures(page)
    entry = reusing.entry_of(MODEL, "digits")
    found = reusing.head(entry, MODEL, "digits", 3, 20, 0)
    assert f"{100 * found.head.accuracy:.1f}%" in html(page)
    assert np.isclose(_numbers(drawn["data"][0]["y"])[2], 100 * found.head.accuracy)
    kept = feature_cache.read(entry)
    assert kept
    instead = kept.train_seconds / 500 * 500 * 50  # 500 steps of 50 images
    assert text.say(lang, "transfer.seconds", seconds=f"{instead:,.0f}") in html(page)
    count, size = feature_cache.size()
    assert text.say(lang, "transfer.disk", count=count, size=f"{size / 2**20:.1f}") in words(page)


def test_damaged_features_are_said_and_made_again(visit: Visit, here: Here, tmp_path: Path) -> None:
    press(visit("transfer", lang="en", **RESNET), text.say("en", "transfer.compute"))
    here.do_tasks()
    (path,) = (tmp_path / "features").glob("*.safetensors")
    damaged = bytearray(path.read_bytes())
    damaged[-9] ^= 1
    path.write_bytes(damaged)
    page = visit("transfer", lang="en", **RESNET)
    assert text.say("en", "dataset.features_lost") in words(page)
    assert not path.exists()
    here.do_tasks()
    assert path.exists()
    assert len(figures(visit("transfer", lang="en", **RESNET))) == 1


def test_what_is_kept_can_be_deleted_and_computed_again(visit: Visit, here: Here) -> None:
    page = visit("transfer", lang="en", **RESNET)
    assert next(button for button in page.button if button.label == text.say("en", "transfer.clear")).disabled
    for _ in range(2):
        press(visit("transfer", lang="en", **RESNET), text.say("en", "transfer.compute"))
        here.do_tasks()
        page = visit("transfer", lang="en", **RESNET)
        assert len(figures(page)) == 1
        press(page, text.say("en", "transfer.clear"))
        assert feature_cache.size() == (0, 0)
        assert text.say("en", "transfer.compute") in [button.label for button in page.button]


def test_more_images_than_a_class_has_are_not_offered(visit: Visit, here: Here) -> None:
    page = visit("transfer", lang="en", after="19", few="7", **RESNET)
    press(page, text.say("en", "transfer.compute"))
    here.do_tasks()
    page = visit("transfer", lang="en", after="19", few="7", **RESNET)
    assert len(page.toast) == 2
    assert page.slider[0].value == 5


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_data_set_with_one_class_is_refused_in_a_sentence(visit: Visit, tmp_path: Path, lang: str) -> None:
    folder(tmp_path / "datasets" / "lonely", {"only": 12})
    page = visit("transfer", lang=lang, transferview="reused", to="own:lonely")
    assert text.say(lang, "transfer.unfit", problem="#").partition("#")[0] in words(page)
    assert text.say(lang, "transfer.lesson") in [each.value for each in page.subheader], "the page goes on"


# --- classes of one's own ---------------------------------------------------------------------------------------------


def by_hand(start: str, *, neither: bool) -> tuple[torch.Tensor, list[int], int]:
    """Features and labels of a bundled set."""
    model = pretrained_model("efficientnet-lite0")
    body, found = without_head(model), STARTS[start](neither=neither)
    rows = torch.stack([features_of(body, model, image.pixels) for images in found.values() for image in images])
    return rows, [i for i, images in enumerate(found.values()) for _ in images], len(found)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(("start", "neither"), [("photographs", True), ("digits", False)])
def test_there_is_something_to_look_at_at_once(visit: Visit, lang: str, start: str, neither: bool) -> None:
    page = visit("transfer", lang=lang, start=start, neither=str(int(neither)), pic="rocket", **TAUGHT)
    rows, labels, count = by_hand(start, neither=neither)
    left_out = leave_one_out(rows, labels, count)
    right = int((left_out.argmax(1) == torch.tensor(labels)).sum())
    assert f"{right} / {len(labels)}" in html(page)
    others = {"en": f"the other {len(labels) - 1}", "zh": f"其余 {len(labels) - 1} 张"}[lang]
    assert others in words(page)
    crops = text.say(lang, "transfer.doubt_crops")
    assert (crops in words(page)) == (start == "photographs")
    model = pretrained_model("efficientnet-lite0")
    asked = probabilities(fit(rows, labels, count), features_of(without_head(model), model, load("rocket")))
    bars = live_figures(page)[0]["series"][0]["data"]
    assert [bar["value"] for bar in bars] == pytest.approx([100 * float(p) for p in asked], abs=0.011)
    said = text.say(lang, "transfer.map_alt", name="#").partition("#")[0]
    assert sum(alt.startswith(said) for alt in alts(page)) == count


def png(seed: int, size: tuple[int, int] = (40, 30)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def upload(page: AppTest, place: int, *files: tuple[str, bytes]) -> AppTest:
    uploader = page.file_uploader[place]
    for name, data in files:
        uploader.upload(name, data, "image/png")
    return sound(page.run())


def own(visit: Visit, **parameters: str) -> AppTest:
    return visit("transfer", lang="en", start="own", neither="0", **TAUGHT, **parameters)


def test_own_images_are_taken_class_by_class(visit: Visit) -> None:
    page = own(visit)
    assert text.say("en", "transfer.too_few") in [each.value for each in page.info]
    assert text.say("en", "transfer.private") in words(page)
    page = upload(page, 0, ("a.png", png(1)), ("b.png", png(2)), ("again.png", png(1)))
    said = words(page)
    assert text.say("en", "transfer.twice", name="again.png") in said
    assert "**class 1** · 2" in said
    page = upload(page, 1, ("c.png", png(3)), ("broken.png", b"\x89PNG\r\n\x1a\nno"))
    said = words(page)
    assert "broken.png was not read." in said
    assert "**class 2** · 1" in said
    assert text.say("en", "transfer.doubt_one") in said
    assert re.search(r"<dd>[0-2] / 3<small>", html(page)), "the only image of class 2 cannot be right"
    page = press(page, text.say("en", "transfer.drop_last"))
    assert "**class 1** · 1" in words(page)
    assert text.say("en", "transfer.too_few") in [each.value for each in page.info]


def test_a_class_takes_no_more_than_it_can(visit: Visit) -> None:
    page = upload(own(visit), 0, *((f"{i}.png", png(i)) for i in range(14)))
    said = words(page)
    assert "**class 1** · 12" in said
    for name in ("12.png", "13.png"):
        assert text.say("en", "transfer.full", name=name, most=12) in said


def test_the_same_file_in_two_classes_and_the_same_name(visit: Visit) -> None:
    page = own(visit)
    for i in (0, 1):
        page.text_input(key=f"taught-name-{i}").set_value("dog")
    page = upload(sound(page.run()), 0, ("a.png", png(1)), ("b.png", png(2)))
    page = upload(page, 1, ("a.png", png(1)), ("c.png", png(3)))
    said = words(page)
    assert text.say("en", "transfer.same_name") in said
    assert text.say("en", "transfer.doubt_same") in said
    axis = live_figures(page)[0]["yAxis"]["data"]
    assert axis == ["dog", "dog (2)"]


HOSTILE = ["<img src=//h.example/p.png>", "![x](http://h.example/p)", "$a$ **b** `c` :red[d]", "   ", "www.h.example"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_words(visit: Visit, name: str) -> None:
    page = own(visit)
    page.text_input(key="taught-name-0").set_value(name)
    page = upload(sound(page.run()), 0, ("a.png", png(1)), ("b.png", png(2)))
    page = upload(page, 1, (f"{name[:20]}.png", b"nothing"), ("c.png", png(3)))
    shown = everything(page)
    assert not re.search(r"<img src=//h|\]\([^)]*h\.example|https?://h\.example|www\.h\.|:red\[d|\*\*b\*\*|`c`", shown)


def test_images_are_their_visitors_alone(visit: Visit) -> None:
    page = upload(own(visit), 0, ("a.png", png(1)), ("b.png", png(2)))
    page = upload(page, 1, ("c.png", png(3)), ("d.png", png(4)))
    assert "4 / 4" in html(page) or re.search(r"[0-3] / 4", html(page))
    other = own(visit)
    assert "**class 1** · 0" in words(other)
    assert "**class 2** · 0" in words(other)


def test_neither_begins_with_bundled_images(visit: Visit) -> None:
    page = visit("transfer", lang="en", start="own", taught="5", **TAUGHT)
    assert len(page.file_uploader) == 6
    assert "**neither** · 5" in words(page)
    assert len(page.text_input) >= 5


@pytest.mark.parametrize(
    ("net", "weights", "dataset", "knows"),
    [
        ("lenet5", "", "digits28", True),
        ("lenet5", "random", "digits28", False),
        ("efficientnet-lite0", "", "digits", False),
        ("cifar-plain20", "", "shapes", False),
        ("densenet121", "random", "shapes", False),
    ],
)
def test_any_model_gives_features_and_one_that_knows_the_classes_says_so(
    visit: Visit, net: str, weights: str, dataset: str, knows: bool
) -> None:
    page = visit(
        "transfer", lang="en", transferview="reused", net=net, to=dataset, **({"weights": weights} if weights else {})
    )
    assert not page.exception
    assert (text.say("en", "transfer.leak") in words(page)) == knows
    assert text.say("en", "transfer.compute") in [button.label for button in page.button]
