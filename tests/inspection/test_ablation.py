"""Ablation: an ablated channel equals zeroed weights, image by image; data sets that match a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from explorer import datasets, inspection
from explorer.models import Model, random_model, shipped_model
from explorer.records import AblatedAccuracy, AblatedAnswers, Lesion
from explorer.tracing import trace_shapes
from explorer.units import blocks_of
from explorer.weights import recorded_runs
from tests.datasets.making import folder
from tests.inspection.conftest import lenet, resnet

OFF = (0, 3, 7)
LESION = Lesion("a3", OFF)
SHAPES = "shapes-short-cifar-resnet20-seed0"


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty data directory: only bundled data sets are available."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))


def without_channels(model: Model) -> nn.Module:
    """LeNet-5 whose filters `OFF` of C3 are zero: tanh(0) = 0."""
    net = model.instantiate()
    state = {key: value.clone() for key, value in net.state_dict().items()}
    for part in ("c3.weight", "c3.bias"):
        state[part][list(OFF)] = 0
    net.load_state_dict(state, assign=True)
    return net.eval()


def answer(net: nn.Module, model: Model, images: torch.Tensor) -> torch.Tensor:
    """Probabilities (N, classes) of stored images, scaled by hand."""
    mean, std = (torch.tensor(values) for values in (model.meta.normalize.mean, model.meta.normalize.std))
    with torch.no_grad():
        return net((images.float() - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)).softmax(1)


def test_probabilities_before_and_after_are_those_of_either_network() -> None:
    model, data = lenet(), datasets.load("digits28")
    image = data.test_images[:1]
    pixels = np.repeat(image[0].permute(1, 2, 0).numpy(), 3, 2)
    whole, cut = inspection.probabilities(model, pixels), inspection.probabilities(model, pixels, LESION)
    assert whole == pytest.approx(answer(model.instantiate(), model, image)[0].tolist(), abs=1e-5)
    assert cut == pytest.approx(answer(without_channels(model), model, image)[0].tolist(), abs=1e-5)
    assert max(abs(a - b) for a, b in zip(whole, cut, strict=True)) > 1e-3, "before and after would not be told apart"


def test_a_bypassed_block_passes_its_input_on(noise: np.ndarray) -> None:
    model = resnet()
    net = model.instantiate()
    net.layer3[2] = nn.ReLU()
    with torch.no_grad():
        expected = net(model.preprocess(noise)).softmax(1)[0].tolist()
    blocks = blocks_of(model.instantiate(), trace_shapes(model.instance))
    found = inspection.probabilities(model, noise, Lesion(blocks=("layer3.2",)), blocks)
    assert found == pytest.approx(expected, abs=1e-5)


def test_accuracy_is_counted_image_by_image() -> None:
    model, data = lenet(), datasets.load("digits28")
    for lesion, net in ((Lesion(), model.instantiate()), (LESION, without_channels(model))):
        right = 0
        for image, label in zip(data.test_images[:200], data.test_labels[:200].tolist(), strict=True):
            right += int(answer(net, model, image[None]).argmax()) == label
        assert inspection.accuracy(model, data, lesion, (), 200) == (right / 200, 200)
    assert inspection.accuracy(model, data, LESION, (), 10_000)[1] == 360


def test_the_record_keeps_before_and_after_apart() -> None:
    found = AblatedAnswers((0.1, 0.7, 0.2, 0.0), (0.6, 0.1, 0.05, 0.25))
    assert (found.best_before, found.best_after) == (1, 0)
    assert found.top(3) == (1, 0, 3)
    assert AblatedAccuracy(0.9, 0.65, 360).points == pytest.approx(-25)


# --- on which data set ------------------------------------------------------------------------------------------------


def test_a_data_set_of_the_same_classes_fits_the_right_size_first() -> None:
    assert inspection.evaluation_dataset(lenet()) == "digits28", "and not the digits of 8 x 8"
    assert inspection.evaluation_dataset(shipped_model(SHAPES)) == "shapes"
    assert inspection.evaluation_dataset(resnet()) is None, "CIFAR-10 is not there"


def test_the_published_data_set_comes_before_the_bundled_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "available", lambda slug: True)
    assert inspection.evaluation_dataset(lenet()) == "mnist"


def test_a_folder_of_as_many_classes_will_do(tmp_path: Path) -> None:
    folder(tmp_path / "datasets" / "few", {f"c{i}": 3 for i in range(9)})
    assert inspection.evaluation_dataset(resnet()) is None
    folder(tmp_path / "datasets" / "mine", {f"c{i}": 3 for i in range(10)})
    assert inspection.evaluation_dataset(resnet()) == "own:mine"
    assert inspection.evaluation_dataset(random_model("resnet18")) is None


# --- residual and plain weights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("experiment", ["cifar-short", "shapes-short"])
@pytest.mark.parametrize("kind", ["resnet20", "plain20"])
def test_recorded_twins_are_found_from_either_side_the_residual_one_first(experiment: str, kind: str) -> None:
    names = tuple(f"recorded:{experiment}-cifar-{each}-seed0" for each in ("resnet20", "plain20"))
    assert inspection.sweep_pair(f"recorded:{experiment}-cifar-{kind}-seed0") == names


@pytest.mark.parametrize("model_id", ["random:cifar-resnet20", "recorded:nowhere", "own:1", ""])
def test_other_weights_have_no_recorded_twin(model_id: str) -> None:
    assert inspection.sweep_pair(model_id) is None
    assert inspection.sweep_pair("recorded:lenet-lenet5-activation-tanh-pooling-max-seed0") is None


def test_twins_that_were_trained_otherwise_are_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = dict(recorded_runs())
    plain = SHAPES.replace("resnet", "plain")
    runs[plain] = replace(runs[plain], config=replace(runs[plain].config, seed=1))
    monkeypatch.setattr("explorer.inspection.ablation.recorded_runs", lambda: runs)
    assert inspection.sweep_pair(f"recorded:{SHAPES}") is None
