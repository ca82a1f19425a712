"""The recorded first look equals what PyTorch computes now, and is used for nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explorer import attributions, inspection, models, paths, summaries
from explorer.images import load
from explorer.records import Explain, InputImage
from explorer.summaries import METHODS, FirstLook, first_look, looking
from explorer.tracing import layers_of
from explorer.ui.cached import maps as cached_maps, models as cached_models
from explorer.ui.widgets.model import ModelFields

_ONE_STEP = 3  # levels of 255: of the palette's neighbours, where another processor rounds otherwise


@pytest.fixture
def look() -> Iterator[FirstLook]:
    first_look.recorded.cache_clear()
    found = summaries.recorded_look()
    assert found is not None, "run python -m explorer.summaries and commit the result"
    yield found
    first_look.recorded.cache_clear()


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_its_logits_are_pytorchs(look: FirstLook) -> None:
    model = models.pretrained_model("efficientnet-lite0")
    with torch.inference_mode():
        logits = model.instantiate()(model.preprocess(load(look.image)))[0].numpy()
    assert np.allclose(look.logits, logits, atol=1e-3)
    assert (look.card.id, look.card.meta) == (model.id, model.meta)


def test_its_maps_are_pytorchs(look: FirstLook) -> None:
    now = looking.compute()
    assert len(look.stages) == len(now.stages) == 9
    for (stage, mean, channels), (stage_now, mean_now, channels_now) in zip(look.stages, now.stages, strict=True):
        assert stage.layer == stage_now.layer
        assert (stage.channels, stage.unit, stage.window) == (stage_now.channels, stage_now.unit, stage_now.window)
        assert stage.active == pytest.approx(stage_now.active, abs=1e-4)
        for png, png_now in zip((mean, *channels), (mean_now, *channels_now), strict=True):
            assert np.quantile(abs(pixels(png) - pixels(png_now)), 0.99) <= _ONE_STEP


def test_its_explanations_are_pytorchs(look: FirstLook) -> None:
    model, layers = models.pretrained_model("efficientnet-lite0"), layers_of(look.card.instance)
    best = int(look.logits.argmax())
    assert [each.found.method for each in look.maps] == list(METHODS)
    for each in look.maps:
        now = inspection.explain(model, load(look.image), Explain(each.found.method, best))
        assert (each.found.target, each.found.layer, each.found.grid) == (best, now.layer, now.grid)
        scale = np.abs(now.values).max()
        assert np.allclose(each.found.values / scale, now.values / scale, atol=2e-3)
        assert each.summary.ninths == pytest.approx(inspection.map_summary(now).ninths, abs=1e-3)
        assert each.summary.concentration == pytest.approx(inspection.map_summary(now).concentration, abs=1e-3)
        named = layers[each.opens - 1] if each.opens else None
        assert (named and named.out_shape[1:]) == now.grid
    assert {each.found.method for each in look.maps if each.opens} == {"grad-cam"}


def test_its_methods_and_filters_are_pytorchs(look: FirstLook) -> None:
    assert [card.slug for card in look.methods] == list(attributions.methods())
    for card in look.methods:
        spec = attributions.method(card.slug)
        assert (card.paper, card.year, card.arxiv, card.signed) == (spec.paper, spec.year, spec.arxiv, spec.signed)
        assert card.controls == spec.controls
    module = models.pretrained_model("efficientnet-lite0").instantiate()
    first = next(each for each in module.modules() if isinstance(each, torch.nn.Conv2d))
    assert look.relus == sum(isinstance(each, torch.nn.ReLU | torch.nn.ReLU6) for each in module.modules())
    assert np.array_equal(look.filters.weights, first.weight.detach().numpy()[list(look.filters.order)])
    assert look.filters.norms == pytest.approx(
        sorted(first.weight.detach().flatten(1).norm(dim=1).tolist(), reverse=True), abs=1e-5
    )


def test_the_strip_is_the_same_with_and_without_the_record(look: FirstLook) -> None:
    cat = InputImage(look.image, load(look.image))
    cached_maps.depth_strip.clear()
    recorded = cached_maps.depth_strip(look.card.id, cat, look.channels)
    live = cached_maps._depth_strip(look.card.id, cat, look.channels)
    for (stage, images), (stage_now, images_now) in zip(recorded, live, strict=True):
        assert stage.layer == stage_now.layer
        assert images.window == images_now.window
        assert len(images.channels) == len(images_now.channels)


@pytest.mark.parametrize(
    ("model_id", "image"), [("pretrained:efficientnet-lite0", "coffee"), ("pretrained:efficientnet-lite1", "cat")]
)
def test_another_image_or_model_is_looked_at_live(look: FirstLook, model_id: str, image: str) -> None:
    answer = cached_maps.answer(model_id, InputImage(image, load(image)))
    assert answer.maps, "not from the record"
    assert not np.allclose(answer.logits, look.logits, atol=0.1)


def test_an_image_of_ones_own_is_not_taken_for_the_recorded_one(look: FirstLook) -> None:
    black = InputImage("0" * 32, np.zeros((50, 50, 3), np.uint8), own=True)
    assert not np.allclose(cached_maps.answer(look.card.id, black).logits, look.logits, atol=0.1)


def test_it_is_what_the_page_opens_with(look: FirstLook) -> None:
    assert ModelFields().net.default == look.card.instance.slug
    assert cached_models.card(look.card.id) is look.card


@pytest.mark.parametrize("weights", [None, b"other weights"])
def test_it_is_not_shown_of_other_weights(
    weights: bytes | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, look: FirstLook
) -> None:
    file = tmp_path / "weights.pth"
    if weights is not None:
        file.write_bytes(weights)
    monkeypatch.setattr(paths, "weights_in_package", lambda package: file if weights is not None else None)
    first_look.recorded.cache_clear()
    assert summaries.recorded_look() is None
