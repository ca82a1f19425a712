"""Squeeze-and-excitation gates: computed from the weights by hand, and what the accuracy is without them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer import datasets, training
from explorer.images import PHOTOGRAPHS, load
from explorer.inspection.gates import gated_accuracy, gates, other_images, test_set as set_of
from explorer.models import Model, shipped_model
from explorer.weights import lab_runs


@pytest.fixture(scope="module")
def model() -> Model:
    return shipped_model(lab_runs("shapes-gates")[0].name)


def test_gates_are_the_formula_of_the_paper(model: Model) -> None:
    others = other_images(model)[:20]
    found = gates(model, load("cat"), others)
    assert len(found) == 9
    module = model.instantiate()
    before = torch.nn.Sequential(module.features[0], module.features[1].block[0])
    volume = before(model.preprocess(load("cat")))
    squeeze = module.features[1].block[1]
    mean = volume.mean((2, 3))
    hidden = (mean @ squeeze.fc1.weight[:, :, 0, 0].T + squeeze.fc1.bias).relu()
    raw = hidden @ squeeze.fc2.weight[:, :, 0, 0].T + squeeze.fc2.bias
    expected = (raw / 6 + 0.5).clamp(0, 1)[0]
    assert np.allclose(found[0].here, expected.numpy(), atol=1e-5)
    assert found[0].name == "features.1.block.1"


def test_mean_and_deviation_are_over_the_other_images(model: Model) -> None:
    others = other_images(model)[:8]
    found = gates(model, load("cat"), others)
    each = [gates(model, image.permute(1, 2, 0).numpy(), others[:2])[0].here for image in others]
    assert np.allclose(found[0].mean, np.mean(each, 0), atol=1e-4)
    assert np.allclose(found[0].deviation, np.std(each, 0, ddof=1), atol=1e-4)


def test_a_network_without_gates_has_none() -> None:
    plain = shipped_model("cifar-short-cifar-resnet20-seed0")
    photographs = other_images(plain)
    assert len(photographs) == len(PHOTOGRAPHS)
    assert gates(plain, load("cat"), photographs) == ()


def test_accuracies_without_gates(model: Model) -> None:
    found = gated_accuracy(model, "shapes", most=200)
    data = datasets.load("shapes")
    free = training.evaluate(model.instantiate(), data.test_images[:200], data.test_labels[:200], model.scale)
    assert found.images == 200
    assert found.free == pytest.approx(free.accuracy)
    opened = model.instantiate()
    for module in opened.modules():
        if type(module).__name__ == "SqueezeExcitation":
            module.scale_activation = torch.nn.Threshold(float("inf"), 1.0)
    with torch.inference_mode():
        answers = opened(model.scale(data.test_images[:200])).argmax(1)
    assert found.opened == pytest.approx(float((answers == data.test_labels[:200]).double().mean()))
    assert found.shuffled <= found.free


def test_the_test_set_of_a_model() -> None:
    assert set_of(f"recorded:{lab_runs('shapes-gates')[0].name}") == "shapes"
    assert set_of("pretrained:mobilenet-v3-small") == ""
