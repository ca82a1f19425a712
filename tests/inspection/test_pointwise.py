"""A trained 1x1 convolution, branches of a trained module, and what trained kernels lose."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer import datasets, inspection
from explorer.images import load
from explorer.models import pretrained_model, random_model, shipped_model

LITE, PATH = "efficientnet-lite0", "stage2.0.project.conv"
RESNET, LAYER = "shapes-short-cifar-resnet20-seed0", "layer3.0.conv1"


def test_a_trained_pointwise_layer_is_a_product_of_matrices() -> None:
    model, image = pretrained_model(LITE), load("coffee")
    found = inspection.pointwise_layer(model, image, PATH)
    assert found.inputs.shape == (32, 112, 112)
    assert found.outputs.shape == (16, 112, 112)
    by_hand = np.einsum("kc,chw->khw", found.weights.astype(np.float64), found.inputs) + found.bias[:, None, None]
    assert np.allclose(found.outputs, by_hand, atol=1e-4)
    assert 0 <= found.difference < 1e-4
    net, seen = model.instantiate(), {}
    net.get_submodule(PATH).register_forward_hook(lambda part, read, given: seen.update(read=read[0], given=given))
    net(model.preprocess(image))
    assert np.array_equal(found.inputs, seen["read"][0].numpy())
    assert np.array_equal(found.outputs, seen["given"][0].numpy())


def test_maps_by_branch_are_the_output_of_the_module() -> None:
    model, image, seen = random_model("googlenet-torchvision"), load("cat"), {}
    found = inspection.branch_maps(model, image, "inception3a")
    net = model.instantiate()
    net.get_submodule("inception3a").register_forward_hook(lambda part, read, given: seen.update(given=given))
    net(model.preprocess(image))
    assert [len(maps) for _, maps in found.branches] == [64, 128, 32, 32]
    assert np.allclose(np.concatenate([maps for _, maps in found.branches]), seen["given"][0].numpy(), atol=1e-5)


def test_depthwise_kernels_are_all_that_there_are() -> None:
    kernels = inspection.depthwise_kernels(pretrained_model(LITE), 5)
    state = pretrained_model(LITE).state
    sizes = [len(value) for value in state.values() if value.dim() == 4 and tuple(value.shape[1:]) == (1, 5, 5)]
    assert kernels.shape == (sum(sizes), 5, 5)


def test_a_layer_behind_a_bottleneck_is_two_layers() -> None:
    """The nearest matrix is put in as what it stands for: a linear 1x1, then f x f; and the same images are asked."""
    model = shipped_model(RESNET)
    found = inspection.rank_curve(model, "shapes", LAYER)
    assert (found.n_in, found.n_out, found.kernel) == (32, 64, (3, 3))
    assert [point.width for point in found.points] == [2, 4, 8, 12, 16, 24, 32]
    point = found.points[3]
    weight = model.state[f"{LAYER}.weight"].double()
    u, s, v = torch.linalg.svd(weight.permute(1, 0, 2, 3).reshape(32, -1), full_matrices=False)
    reduce, convolve = nn.Conv2d(32, 12, 1, bias=False), nn.Conv2d(12, 64, 3, stride=2, padding=1, bias=False)
    reduce.weight.data = u[:, :12].T[:, :, None, None].float()
    convolve.weight.data = (s[:12, None] * v[:12]).view(12, 64, 3, 3).transpose(0, 1).float().contiguous()
    net = model.instantiate()
    parent = net.get_submodule("layer3.0")
    parent.conv1 = nn.Sequential(reduce, convolve)
    data = datasets.load("shapes")
    with torch.inference_mode():
        answers = net(model.scale(data.test_images[:200])).argmax(1)
    assert point.accuracy == pytest.approx(float((answers == data.test_labels[:200]).float().mean()), abs=0.0051)
    assert point.error == pytest.approx(float((s[12:].square().sum() / s.square().sum()).sqrt()))
    assert found.points[-1].error == pytest.approx(0, abs=1e-6)
    assert [p.error for p in found.points] == sorted((p.error for p in found.points), reverse=True)


def test_what_the_lesson_says_of_the_squeezed_layer_holds() -> None:
    """Half of the channels: hardly any answer lost though the kernels are off by 0.58, as random ones would be."""
    found = {
        point.width: point for point in inspection.rank_curve(shipped_model(RESNET), "shapes", "layer2.1.conv2").points
    }
    assert found[16].error == pytest.approx(0.58, abs=0.01)
    assert found[16].random_error - found[16].error < 0.05
    assert found[32].accuracy - found[12].accuracy < 0.03
    assert found[32].accuracy - found[8].accuracy > 0.2
    assert "layer2.1.conv2" in inspection.wide_layers(shipped_model(RESNET))
