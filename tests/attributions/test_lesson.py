"""The numbers that the lesson of "Why this class?" quotes are those of the networks that it names."""

from __future__ import annotations

import re

import pytest

from explorer import attributions, text
from explorer.images import load
from explorer.models import Model, pretrained_model, shipped_model

CAT, DOG = "Egyptian cat", "golden retriever"
DRAWS = range(3)
SHIPPED = "cifar-short-cifar-resnet20-seed0"


def numbers(lang: str) -> list[float]:
    """All numbers of two decimals in the answer, in their order."""
    answer = text.lesson(lang, "pages", "why")["answer"]
    return [float(found.replace("\u2212", "-")) for found in re.findall("\u2212?[01]\\.\\d\\d", answer)]


def kept(model: Model, method: str, target: int, *, other: int = -1, draws: range = range(0)) -> list[float]:
    """Rank correlation of a map with those under random weights, or with that of another class."""
    x, stages, cam = model.preprocess(load("cat")), model.spec.stages, model.spec.cam_layer
    networks = [attributions.randomized(model.instantiate(), seed) for seed in draws]
    maps = [
        attributions.attribute(attributions.prepared(network, stages, cam), x, method, asked).values
        for network, asked in [
            (model.instantiate(), target),
            *((network, target) for network in networks),
            *([(model.instantiate(), other)] if other >= 0 else []),
        ]
    ]
    return [attributions.rank_correlation(maps[0], each) for each in maps[1:]]


def test_they_are_what_is_computed() -> None:
    lite, small = pretrained_model("efficientnet-lite0"), shipped_model(SHIPPED)
    cat, dog = map(lite.categories.index, (CAT, DOG))
    best = int(small.instantiate()(small.preprocess(load("cat"))).argmax())
    expected = [
        *(n for method in ("saliency", "guided-backprop", "grad-cam") for n in kept(lite, method, cat, draws=DRAWS)),
        *(n for method in ("guided-backprop", "saliency") for n in kept(small, method, best, draws=DRAWS)),
        *(n for method in ("guided-backprop", "saliency", "grad-cam") for n in kept(lite, method, cat, other=dog)),
    ]
    assert numbers("en") == pytest.approx(expected, abs=0.011)
    assert numbers("zh") == numbers("en")
