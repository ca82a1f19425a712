"""Explanations: a gradient by autograd, shares by summation, rank correlation by scipy, curves by replacing pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from explorer import attributions, inspection, models
from explorer.models import random_model
from explorer.records import Attribution, Explain
from explorer.tracing import capture, layers_of
from tests.inspection.conftest import ENDS, lenet, outputs, resnet

CAT = 3


def saliency(net: nn.Module, x: torch.Tensor) -> np.ndarray:
    """The largest magnitude of the gradient over the channels."""
    x = x.clone().requires_grad_(True)
    net(x)[0, CAT].backward()
    assert x.grad is not None
    return x.grad[0].abs().amax(0).numpy()


def test_a_map_is_of_the_model_and_the_control_of_random_weights(cat: np.ndarray) -> None:
    model = resnet()
    x = model.preprocess(cat)
    maps = {}
    for randomized in (False, True):
        net = attributions.randomized(model.instantiate()) if randomized else model.instantiate()
        maps[randomized] = inspection.explain(model, cat, Explain("saliency", CAT, randomized=randomized))
        expected = saliency(net, x)
        np.testing.assert_allclose(maps[randomized].values, expected, rtol=1e-3, atol=1e-5 * expected.max())
    agreement = inspection.agreement(maps[False], maps[True])
    assert agreement == pytest.approx(spearmanr(*(abs(each.values).ravel() for each in maps.values()))[0])
    assert agreement < 0.9


def test_options_and_stage_are_handed_on(cat: np.ndarray) -> None:
    model = resnet()
    few, many = (
        inspection.explain(model, cat, Explain("integrated-gradients", CAT, (("steps", n),))) for n in (16, 128)
    )
    assert abs(many.delta or 0) < abs(few.delta or 0), "more steps, a smaller error of the sum"
    early = inspection.explain(model, cat, Explain("grad-cam", CAT, stage="16x16"))
    assert (early.layer, early.grid) == ("16x16", (16, 16))


def test_relus_and_grids_are_the_networks() -> None:
    assert (inspection.relu_count(resnet()), inspection.relu_count(lenet())) == (19, 0)
    lite = models.pretrained_model("efficientnet-lite0")
    sixes = sum(isinstance(module, nn.ReLU6) for module in lite.instantiate().modules())
    assert inspection.relu_count(lite) == sixes > 0, "a ReLU6 is a ReLU with a ceiling"
    shapes = outputs(resnet(), torch.zeros(1, 3, 32, 32), list(ENDS.values()))
    expected = {stage: tuple(shapes[module].shape[1:]) for stage, module in ENDS.items() if stage != "head"}
    assert dict(inspection.grad_cam_grids(resnet())) == expected


@pytest.mark.parametrize("slug", ["lenet5", "cifar-resnet20", "squeezenet1-1", "mobilenet-v3-small", "googlenet"])
def test_the_operation_behind_a_map_gives_what_the_method_reads(slug: str, cat: np.ndarray) -> None:
    """The maps that Grad-CAM weights, from its own copy of the network, against those that a trace keeps."""
    model = random_model(slug)
    ready = attributions.prepared(model.instantiate(), model.spec.stages, model.spec.cam_layer)
    layers, x, read = layers_of(model.instance), model.preprocess(cat), dict[str, torch.Tensor]()
    for stage, module in {**ready.stage_outputs, "": ready.cam}.items():
        keep = lambda m, i, o, stage=stage: read.__setitem__(stage, o[0])  # noqa: E731
        ready.module.get_submodule(module).register_forward_hook(keep)
    with torch.no_grad():
        ready.module(x)
    found = {stage: inspection.attributed_layer(layers, model.spec, stage) for stage in read}
    names = tuple(layer.name for layer in found.values() if layer)
    kept = capture(model.instantiate(), x, layers, names).maps
    assert len(names) == len(read) > 3
    for stage, layer in found.items():
        assert layer
        np.testing.assert_allclose(kept[layer.name], read[stage].numpy(), rtol=1e-4, atol=1e-5)


def test_what_no_operation_belongs_to_has_none() -> None:
    assert inspection.attributed_layer((), resnet().spec) is None


def test_curves_move_pixels_in_the_order_of_a_map(cat: np.ndarray) -> None:
    model = resnet()
    x = model.preprocess(cat)
    values = np.random.default_rng(5).random((32, 32))
    found = inspection.curves(model, cat, values, CAT)
    step = 7
    order = sorted(range(1024), key=lambda i: -values.ravel()[i])[: round(1024 * found.share[step])]
    gone = x.clone().reshape(1, 3, -1)
    gone[..., order] = 0
    with torch.no_grad():
        expected = model.instantiate()(gone.view_as(x)).softmax(1)[0, CAT].item()
    assert found.deletion[step] == pytest.approx(expected, rel=1e-3)
    random = inspection.curves(model, cat, None, CAT)
    assert not np.allclose(random.deletion, found.deletion)
    np.testing.assert_array_equal(inspection.curves(model, cat, None, CAT).deletion, random.deletion)


def test_the_ninths_say_where_the_weight_lies() -> None:
    values = np.zeros((31, 32), np.float32)
    values[15, 16], values[0, 31] = -3, 1
    summary = inspection.map_summary(Attribution("saliency", 0, values))
    assert summary.ninths == (0, 0, 0.25, 0, 0.75, 0, 0, 0, 0)
    assert (summary.strongest, summary.concentration) == (4, 1)
    assert inspection.ninths(np.zeros((5, 5))) == pytest.approx(np.full((3, 3), 1 / 9))


def test_the_ninths_of_any_map_are_counted_pixel_by_pixel() -> None:
    values = np.random.default_rng(1).normal(size=(10, 14))
    counted = np.zeros((3, 3))
    for row in range(10):
        for column in range(14):
            counted[3 * row // 10, 3 * column // 14] += abs(values[row, column])
    np.testing.assert_allclose(inspection.ninths(values), counted / counted.sum())


def test_concentration_is_the_part_on_the_strongest_tenth() -> None:
    values = np.array([[50, -20, 5, 5, 4, 4, 4, 4, 2, 2]] * 2, float)  # of 20 pixels the strongest two
    assert inspection.concentration(values) == pytest.approx(0.5)
    assert inspection.concentration(np.ones((10, 10))) == pytest.approx(0.1)
    assert inspection.concentration(np.zeros((10, 10))) == 0.1
