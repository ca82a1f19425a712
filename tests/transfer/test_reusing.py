"""Kept features are those of the network, and a head on them is the head that the frozen network would have got."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks.transfer import both
from explorer import datasets
from explorer.datasets import ImageData, select
from explorer.errors import BadOption
from explorer.models import Model, pretrained_model
from explorer.training import Normalizer
from explorer.transfer import compute, feature_cache, key_of, split, train_head
from explorer.transfer.feature_cache import StoredFeatures, digest_of
from explorer.transfer.reusing import head_recipe, head_setup, images_kept

FEW = replace(datasets.load("digits"), test_images=datasets.load("digits").test_images[:30])
DATA = replace(FEW, test_labels=FEW.test_labels[:30])


@pytest.fixture(scope="module")
def known(model: Model) -> StoredFeatures:
    torch.set_num_threads(1)
    return compute(model.instantiate(), model.meta, DATA)


def test_features_are_those_of_the_stages(model: Model, known: StoredFeatures) -> None:
    chosen, tested = images_kept(DATA)
    assert torch.bincount(known.train_labels).tolist() == [50] * 10
    assert known.test_labels.tolist() == DATA.test_labels.tolist()
    x = Normalizer.of(model.meta.normalize)(DATA.train_images[chosen[:7]])
    x = torch.nn.functional.interpolate(x, model.instance.size, mode="bilinear", align_corners=False)
    with torch.inference_mode():
        for stage, rows in zip(split(model.instantiate(), model.spec)[:-1], known.train, strict=True):
            x = stage(x)
            expected = x.mean((2, 3)) if x.ndim == 4 else x
            torch.testing.assert_close(rows[:7], expected, atol=1e-5, rtol=1e-4)
    assert len(tested) == len(known.test[0]) == 30
    assert known.train_seconds > 0


def test_it_says_how_far_it_is_and_can_be_stopped(model: Model) -> None:
    class Stopped(Exception):
        pass

    steps: list[tuple[int, int]] = []

    def stops(done: int, total: int) -> None:
        steps.append((done, total))
        if done > 40:
            raise Stopped

    with pytest.raises(Stopped):
        compute(model.instantiate(), model.meta, DATA, stops)
    assert steps == [(0, 530), (32, 530), (64, 530)]


def test_the_head_on_features_is_that_of_a_frozen_pass_in_every_epoch(model: Model, known: StoredFeatures) -> None:
    """The benchmark's two ways, on 20 images: the same weights, which have moved."""
    _, _, first, second = both(model, DATA, known, len(known.train), 2, 6)
    start = head_setup(known, model.meta, DATA.classes, stages=5, per_class=2, seed=0).net
    for ours, theirs, initial in zip(first.parameters(), second.parameters(), start.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)
        assert float((ours - initial).detach().abs().max()) > 1e-3


def test_what_is_said_of_a_head_is_so(model: Model, known: StoredFeatures) -> None:
    from explorer.training import train

    found = train_head(known, model.meta, DATA.classes, "digits", stages=3, per_class=5, seed=1)
    setup = head_setup(known, model.meta, DATA.classes, stages=3, per_class=5, seed=1)
    list(train(head_recipe("cifar-resnet20", "digits", 50, 1), device="cpu", setup=setup))
    x = (known.test[2] - torch.tensor(setup.normalize.mean)) / torch.tensor(setup.normalize.std)
    weight, bias = setup.net.parameters()
    right = (x @ weight.T + bias).argmax(1) == known.test_labels
    assert found.accuracy == pytest.approx(float(right.float().mean()), abs=1e-6)
    assert (found.images, found.tested, found.features, found.parameters) == (50, 30, 32, 33 * 10)
    assert found.epochs == 500


@pytest.mark.parametrize(("stages", "per_class"), [(0, 5), (6, 5), (2, 51)])
def test_more_than_there_is_is_refused(model: Model, known: StoredFeatures, stages: int, per_class: int) -> None:
    with pytest.raises(BadOption):
        head_setup(known, model.meta, DATA.classes, stages=stages, per_class=per_class, seed=0)


def test_the_key_names_weights_data_and_transform(model: Model) -> None:
    key = key_of(model.meta, digest_of(model.state), "digits", "", DATA)
    assert (key.train, key.test, key.weights) == (500, 30, digest_of(model.state))
    other = replace(model.meta, normalize=replace(model.meta.normalize, mean=(1.0, 2.0, 3.0)))
    assert key_of(other, key.weights, "digits", "", DATA).name != key.name
    small = replace(model.meta, instance=replace(model.instance, input_shape=(3, 28, 28)))
    assert key_of(small, key.weights, "digits", "", DATA).name != key.name
    with pytest.raises(BadOption, match="channel"):
        key_of(
            replace(model.meta, instance=replace(model.instance, input_shape=(1, 28, 28))),
            key.weights,
            "cifar10",
            "",
            datasets.load("shapes"),
        )


def test_an_entry_survives_the_disk(
    model: Model, known: StoredFeatures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    feature_cache.write("a", known)
    again = feature_cache.read("a")
    assert again
    usual, kept = (
        train_head(each, model.meta, DATA.classes, "digits", stages=5, per_class=10, seed=0) for each in (known, again)
    )
    assert replace(usual, seconds=0) == replace(kept, seconds=0)


def test_of_many_classes_fewer_images_are_kept_and_of_too_few_none(data: ImageData) -> None:
    many = replace(
        data,
        train_images=torch.zeros(2000, 3, 1, 1, dtype=torch.uint8),
        train_labels=torch.arange(2000) % 100,
        classes=tuple(map(str, range(100))),
    )
    assert torch.bincount(many.train_labels[images_kept(many)[0]]).tolist() == [10] * 100
    for wrong in (
        replace(data, classes=(*data.classes, "without an image")),
        replace(data, train_labels=torch.zeros(36, dtype=torch.int64), classes=("one",)),
        replace(data, test_labels=data.test_labels[:0]),
    ):
        with pytest.raises(BadOption, match="two classes"):
            images_kept(wrong)


def test_what_the_lesson_says_of_digits_is_so() -> None:
    """With five of each class: after stage7 a softmax is far better than after the last stage."""
    torch.set_num_threads(1)
    model, digits = pretrained_model("efficientnet-lite0"), datasets.load("digits")
    chosen = select(digits.train_labels, 5, 0)
    few = replace(
        digits,
        train_images=digits.train_images[chosen],
        train_labels=digits.train_labels[chosen],
        test_images=digits.test_images[:100],
        test_labels=digits.test_labels[:100],
    )
    features = compute(model.instantiate(), model.meta, few)
    seventh, last = (
        train_head(features, model.meta, digits.classes, "digits", stages=k, per_class=5, seed=0) for k in (7, 9)
    )
    assert model.spec.stages[6].name == "stage7"
    assert seventh.accuracy > last.accuracy + 0.1
