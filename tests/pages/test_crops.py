"""Ten crops and ensembles: the views of an image, and what was measured, number by number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.transforms import TenCrop

from explorer import text
from explorer.averaging import to_shares
from explorer.images import fitted, load
from explorer.models import pretrained_model, shipped_model
from explorer.records import TrainConfig
from explorer.training.presets import LENET
from explorer.ui.cached.practice import crops as cached_crops
from explorer.ui.parts.practice import crops_measured
from explorer.weights import imagenet, recorded_averages
from tests.pages.conftest import Here, Visit, alts, charts, live_figures, open_twin, sound, words


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def ten_by_torchvision() -> np.ndarray:
    """The softmax of Lite0 on torchvision's ten crops of the photograph."""
    model = pretrained_model("efficientnet-lite0")
    picture = torch.from_numpy(fitted(load("cat"), (256, 256)).transpose(2, 0, 1).copy())[None]
    with torch.inference_mode():
        shares = [model.instantiate()(model.scale(crop)).softmax(1)[0] for crop in TenCrop(224)(picture)]
    found: np.ndarray = torch.stack(shares).double().numpy()
    return found


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_first_view_says_what_the_average_of_ten_crops_says(visit: Visit, lang: str) -> None:
    page = visit("crops", lang=lang, asked=True)
    shares = ten_by_torchvision()
    best = int(shares.mean(0).argmax())
    name = (text.imagenet(lang) or imagenet())[best]
    said = text.say(
        lang,
        f"crops.views_{'differ' if len(set(shares.argmax(1))) > 1 else 'agree'}",
        count=10,
        best=name,
        share=f"{100 * shares.mean(0)[best]:.0f}",
        answers=len(set(shares.argmax(1))),
        low=f"{100 * shares[:, best].min():.0f}",
        high=f"{100 * shares[:, best].max():.0f}",
    )
    assert said in words(page)
    assert text.say(lang, "crops.predict") in words(page)
    assert text.say(lang, "crops.cost") not in words(page), "what was measured waits for a prediction"
    lines = [series for series in live_figures(page)[0]["series"] if series["type"] == "line"]
    running = shares.cumsum(0) / np.arange(1, 11)[:, None]
    assert [value for _, value in lines[0]["data"]] == pytest.approx(100 * running[:, best], abs=0.02)


def test_the_ensemble_of_the_image_is_the_mean_of_three_softmaxes(visit: Visit) -> None:
    page = visit("crops", asked=True)
    shares = []
    for number in range(3):
        model = pretrained_model(f"efficientnet-lite{number}")
        side = model.instance.size[0]
        whole = fitted(load("cat"), (side + 32, side + 32))[16:-16, 16:-16]
        with torch.inference_mode():
            stored = torch.from_numpy(whole.transpose(2, 0, 1).copy())[None]
            shares.append(model.instantiate()(model.scale(stored)).softmax(1)[0])
    mean = torch.stack(shares).double().mean(0)
    bars = live_figures(page)[1]["series"]
    first = [series["data"][0] for series in bars]
    best = int(mean.argmax())
    assert first == pytest.approx([*(100 * float(share[best]) for share in shares), 100 * float(mean[best])], abs=0.06)


def test_fewer_views_are_averaged_when_asked(visit: Visit) -> None:
    page = visit("crops", averaged="3", asked=True)
    shares = ten_by_torchvision()[:3].mean(0)
    best = f"{100 * shares.max():.0f}"
    assert f"average of 3 views says {imagenet()[int(shares.argmax())]}, {best}%" in words(page).replace("**", "")
    assert len([alt for alt in alts(page) if alt[:2] in ("1.", "2.", "3.", "4.")]) == 3


@pytest.mark.parametrize("test", ["cifar", "lite", "digits"])
def test_every_measured_set_is_shown_with_its_numbers(visit: Visit, test: str) -> None:
    page = visit("crops", test=test)
    record = recorded_averages()[test]
    labels = torch.tensor(list(record.labels))
    first = record.members[0]
    one = torch.from_numpy(to_shares(first.schemes["one"].shares, len(record.classes)))
    accuracy = float((one.argmax(1) == labels).double().mean())
    assert f"is right on {100 * accuracy:.1f} ±" in words(page)
    members = [to_shares(member.schemes["one"].shares, len(record.classes)) for member in record.members]
    mean = torch.from_numpy(np.stack(members)).mean(0)
    together = float((mean.argmax(1) == labels).double().mean())
    facts = "".join(node.body for node in page.get("html") if "atlas-facts" in node.body)
    assert f"{100 * together:.1f} ± " in facts
    alone = [torch.from_numpy(each).argmax(1) == labels for each in members]
    best, all_of_them = max(alone, key=torch.sum), mean.argmax(1) == labels
    mended, spoiled = int((all_of_them & ~best).sum()), int((best & ~all_of_them).sum())
    assert f"{mended} mended, {spoiled} spoiled" in facts
    gain = 100 * (mended - spoiled) / len(labels)
    assert f"<dd>{gain:+.1f}".replace("-", "\N{MINUS SIGN}") in facts
    assert charts(page) >= 4


def test_the_truth_of_the_prediction_is_the_measured_gain() -> None:
    record = recorded_averages()["cifar"]
    labels = np.frombuffer(record.labels, np.uint8)
    one, ten = (
        (to_shares(record.members[0].schemes[scheme].shares, 10).argmax(1) == labels).mean()
        for scheme in ("one", "ten")
    )
    gain = 100 * (ten - one)
    expected = "worse" if gain <= 0 else "little" if gain < 1 else "some" if gain <= 3 else "much"
    assert crops_measured.truth() == expected


def test_two_members_and_another_scheme(visit: Visit) -> None:
    models = [member.model for member in recorded_averages()["digits"].members][:2]
    page = visit("crops", test="digits", members=",".join(models), views="flip")
    found = cached_crops.together("digits", tuple(models), "flip")
    assert f"{100 * found.average.accuracy:.1f} ± " in "".join(node.body for node in page.get("html"))
    page = open_twin(page, "crops-counted")
    assert sum(images for images, _ in found.counted) == len(recorded_averages()["digits"].labels)


def test_no_member_is_one_sentence(visit: Visit) -> None:
    page = visit("crops", test="digits", members="")
    assert text.say("en", "crops.no_member") in [info.value for info in page.info]


def test_ones_own_run_joins_and_is_asked_here(visit: Visit, service: Here) -> None:
    config = replace(LENET, dataset="digits28", steps=12, eval_every=6, checkpoint_every=6)
    assert isinstance(config, TrainConfig)
    (run,) = service.store.submit([config]) if hasattr(service.store, "submit") else service.start([config])
    service.train_all()
    models = [recorded_averages()["digits"].members[0].model, f"run:{getattr(run, 'id', run)}"]
    page = visit("crops", test="digits", members=",".join(models))
    found = cached_crops.together("digits", tuple(models), "one", (models[1],))
    assert len(found.members) == 2
    assert f"{100 * found.average.accuracy:.1f} ± " in "".join(node.body for node in page.get("html"))


def test_three_scales_of_a_network_that_reads_one_size_is_one_sentence(visit: Visit) -> None:
    page = visit("crops", net="lenet5", scheme="multi", pic="cat", asked=True)
    assert [box.value for box in page.warning] == [text.say("en", "crops.one_size", network="LeNet-5")]
    assert sound(page)


def test_an_untrained_network_says_so(visit: Visit) -> None:
    page = visit("crops", net="cifar-resnet32", weights="random", asked=True)
    assert "random" in words(page)


def test_a_recorded_member_is_a_model_that_ships() -> None:
    for member in recorded_averages()["cifar"].members:
        assert shipped_model(member.model.partition(":")[2]).categories == recorded_averages()["cifar"].classes


def test_what_the_lesson_says_of_weak_members() -> None:
    """Mirrored views: all seven are worse than the best of them, the best two are better than it."""
    models = [member.model for member in recorded_averages()["cifar"].members]
    everybody = cached_crops.together("cifar", tuple(models), "flip")
    best = everybody.members[everybody.best].accuracy
    order = sorted(range(len(models)), key=lambda place: -everybody.members[place].accuracy)
    pair = cached_crops.together("cifar", tuple(models[place] for place in order[:2]), "flip")
    assert everybody.average.accuracy < best < pair.average.accuracy


def test_averaging_spoils_digits_that_were_never_mirrored() -> None:
    first = recorded_averages()["digits"].members[0].model
    gains = {row.scheme: row.change.gain for row in cached_crops.rows("digits") if row.model == first}
    assert gains["ten"] < gains["flip"] < 0


def test_the_prediction_asks_with_the_measured_accuracy() -> None:
    first = next(row for row in cached_crops.rows("cifar") if row.scheme == "one")
    for lang in text.LANGUAGES:
        assert f" {100 * first.score.accuracy:.0f}%" in text.say(lang, "crops.predict")


def test_the_numbers_of_the_lesson_are_the_measured_ones() -> None:
    said = text.lesson("en", "pages", "crops")["look"]
    lite = {(row.model[-1], row.scheme): row for row in cached_crops.rows("lite")}
    one = [f"{100 * lite[number, 'one'].score.accuracy:.1f}%" for number in "012"]
    assert all(accuracy in " ".join(said.split()) for accuracy in one)
    gains = sorted(100 * lite[number, "multi"].change.gain for number in "012")
    assert f"{gains[0]:.1f} to {gains[-1]:.1f} points" in said
    assert all(lite[n, "multi"].change.gain > lite[n, s].change.gain for n in "012" for s in ("flip", "ten"))
    first = recorded_averages()["cifar"].members[0].model
    cifar = {row.scheme: 100 * row.change.gain for row in cached_crops.rows("cifar") if row.model == first}
    assert f"gains {cifar['flip']:.1f} points" in said
    assert cifar["ten"] <= cifar["flip"]
    assert all(row.change.gain < 0 for row in cached_crops.rows("cifar") if row.scheme == "multi")
