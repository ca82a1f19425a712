"""A head of a few images: against scikit-learn's softmax regression, and left out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from explorer.images import load
from explorer.models import Model
from explorer.transfer import (
    MOST_PER_CLASS,
    STARTS,
    features_of,
    fit,
    leave_one_out,
    likely_range,
    nearest,
    probabilities,
    taught_model,
    without_head,
)
from explorer.transfer.teaching import DECAY
from explorer.ui.parts.training.transfer import collecting

LABELS = [0] * 4 + [1] * 5 + [2] * 3
GENERATOR = torch.Generator().manual_seed(0)
FEATURES = torch.rand(12, 40, generator=GENERATOR) + 0.4 * torch.eye(3, 40)[LABELS]


def by_sklearn(features: torch.Tensor, labels: list[int], asked: torch.Tensor, spread: float) -> np.ndarray:
    """Probabilities by another solver of the same problem: features divided by their spread, C = 1 / decay."""
    model = LogisticRegression(C=1 / DECAY, tol=1e-12, max_iter=100_000)
    model.fit(features.double().numpy() / spread, labels)
    found: np.ndarray = model.predict_proba(asked.double().numpy()[None] / spread)[0]
    return found


def spread_of(features: torch.Tensor) -> float:
    apart = features.double() - features.double().mean(0)
    return math.sqrt(float(apart.square().sum(1).mean()))


def test_the_head_is_the_best_there_is() -> None:
    head = fit(FEATURES, LABELS, 3)
    for asked in (*FEATURES[:3], torch.rand(40, generator=GENERATOR)):
        expected = by_sklearn(FEATURES, LABELS, asked, spread_of(FEATURES))
        assert probabilities(head, asked).numpy() == pytest.approx(expected, abs=2e-4)
    again = fit(FEATURES, LABELS, 3)
    assert torch.equal(again.weight, head.weight)
    assert again.digest == head.digest


def test_each_image_is_left_out_in_turn() -> None:
    found = leave_one_out(FEATURES, LABELS, 3)
    for i in range(len(LABELS)):
        others = [j for j in range(len(LABELS)) if j != i]
        expected = by_sklearn(FEATURES[others], [LABELS[j] for j in others], FEATURES[i], spread_of(FEATURES))
        assert found[i].numpy() == pytest.approx(expected, abs=2e-4)


def test_a_class_whose_only_image_is_left_out_is_unknown() -> None:
    found = leave_one_out(FEATURES[:6], [0, 0, 0, 1, 1, 2], 3)
    assert float(found[5, 2]) == 0
    assert found.sum(1).numpy() == pytest.approx(1)
    alone = leave_one_out(FEATURES[:3], [0, 0, 1], 2)
    assert alone[2].tolist() == [1, 0], "one class is left"


@pytest.mark.parametrize("labels", [[0, 0, 1, 1], [0, 1, 1, 1]])
def test_images_that_are_all_the_same_leave_their_shares(labels: list[int]) -> None:
    same = torch.ones(4, 10)
    assert probabilities(fit(same, labels, 2), same[0]).tolist() == pytest.approx(
        [labels.count(0) / 4, labels.count(1) / 4], abs=1e-4
    )
    assert bool(leave_one_out(same, labels, 2).isfinite().all())


def test_features_are_what_the_last_layer_gets(model: Model) -> None:
    image = load("cat")
    pooled = features_of(without_head(model), model, image)
    with torch.inference_mode():
        logits = model.instantiate()(model.preprocess(image))[0]
    weight, bias = model.state["fc.weight"], model.state["fc.bias"]
    torch.testing.assert_close(pooled @ weight.T + bias, logits)


def test_the_model_that_is_made_says_what_its_head_says(model: Model) -> None:
    body = without_head(model)
    features = torch.stack([features_of(body, model, load(slug)) for slug in ("cat", "coffee", "rocket")])
    head = fit(features, [0, 1, 1], 2)
    made = taught_model(model, head, ("cat", "other"))
    with torch.inference_mode():
        said = made.instantiate()(made.preprocess(load("rocket"))).softmax(1)[0]
    torch.testing.assert_close(said, probabilities(head, features[2]))
    assert made.categories == ("cat", "other")
    assert made.id.startswith("own:"), "kept for its visitor alone"
    assert made.id != taught_model(model, fit(features, [0, 1, 0], 2), ("cat", "other")).id


def test_the_nearest_are_those_with_the_largest_cosine() -> None:
    asked = torch.rand(40, generator=GENERATOR)
    a, b = FEATURES.numpy(), asked.numpy()
    cosines = a @ b / (np.linalg.norm(a, axis=1) * np.linalg.norm(b))
    found = nearest(FEATURES, asked, 4)
    assert [i for i, _ in found] == list(np.argsort(-cosines)[:4])
    assert [cosine for _, cosine in found] == pytest.approx(sorted(cosines, reverse=True)[:4], abs=1e-5)


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"), [(8, 10, 0.4902, 0.9433), (10, 10, 0.7225, 1.0), (0, 5, 0.0, 0.4345)]
)
def test_the_range_is_wilsons(right: int, asked: int, low: float, high: float) -> None:
    """Printed values of the score interval without continuity correction."""
    assert likely_range(right, asked) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("neither", [True, False])
def test_there_are_images_to_start_from(name: str, neither: bool) -> None:
    found = STARTS[name](neither=neither)
    images = [image for each in found.values() for image in each]
    assert len(found) == 2 + neither
    assert len({image.key for image in images}) == len(images)
    assert len({image.pixels.tobytes() for image in images}) == len(images)
    assert all(image.pixels.ndim == 3 and image.pixels.shape[2] == 3 and not image.own for image in images)
    assert all(len(each) <= MOST_PER_CLASS for each in found.values())


def test_the_page_takes_as_many_images_as_a_head_does() -> None:
    assert collecting.MOST == MOST_PER_CLASS
