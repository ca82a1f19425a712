"""What the page on non-linearities inspects, computed another way: networks cut in two, numpy, loops."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from explorer import datasets, inspection
from explorer.blocks.activations import ACTIVATIONS
from explorer.images import load
from explorer.models import Model, shipped_model
from explorer.ui.cached.blocks.nonlinearities import model_id


def lenet(code: str) -> Model:
    return shipped_model(model_id(code).removeprefix("recorded:"))


def resnet() -> Model:
    return shipped_model("shapes-short-cifar-resnet20-seed0")


DIGITS = datasets.load("digits28").test_images[:40]


def test_pre_activations_are_what_the_convolution_gives() -> None:
    model = lenet("lenet-tanh")
    assert inspection.activation_layers(model) == ("a1", "a3", "a5", "a6")
    net = model.instantiate()
    with torch.no_grad():
        z = net.c5(net.flatten(net.s4(net.a3(net.c3(net.s2(net.a1(net.c1(model.scale(DIGITS)))))))))
        first = net.c1(model.scale(DIGITS))
    assert inspection.pre_activations(model, DIGITS, "a5") == pytest.approx(z.numpy(), abs=1e-5)
    found = inspection.pre_activations(model, DIGITS, "a1")
    step = round((first.numel() / 120_000) ** 0.5)
    assert found == pytest.approx(first[:, :, ::step, ::step].permute(0, 2, 3, 1).reshape(-1, 6).numpy(), abs=1e-5)


@pytest.mark.parametrize("slug", ACTIVATIONS)
def test_shares_are_counted(slug: str) -> None:
    entry, z = ACTIVATIONS[slug], np.random.default_rng(0).normal(0, 3, (500, 7)).astype(np.float32)
    z[:, 0] = -50 - abs(z[:, 0])
    found = inspection.through(z, slug, entry.usual)
    x = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(entry.value(x.detach().numpy(), entry.usual))
    grid = np.linspace(-6, 6, 4001)
    limit = 0.05 * abs(entry.slope(grid, entry.usual)).max()
    flat = abs(entry.slope(z.astype(float), entry.usual)) < limit
    assert found.zeros == pytest.approx(float((y == 0).double().mean()))
    assert found.negative == pytest.approx(float((z < 0).mean()))
    assert found.flat == pytest.approx(float(flat.mean()), abs=2e-3)
    assert found.dead == pytest.approx(flat.all(0).mean())
    assert sum(found.before) == sum(found.after) == found.count == z.size
    assert (found.mean, found.std) == pytest.approx((z.mean(), z.std()), rel=1e-4)


def test_raw_pixels_saturate_a_tanh_and_standardised_ones_do_not() -> None:
    raw, standard = (
        inspection.through(inspection.pre_activations(lenet(code), DIGITS, "a1"), "tanh", {}).flat
        for code in ("lenet-tanh-raw", "lenet-tanh")
    )
    assert raw > 0.5 > 0.1 > standard


@pytest.mark.parametrize("by", [1, 3])
def test_a_shift_is_measured_image_by_image(by: int) -> None:
    model, data = lenet("relu-max"), datasets.load("digits28")
    found = inspection.shifted_answers(model, data, by, images=30)
    net, images = model.instantiate(), data.test_images[:30]
    moved = torch.zeros_like(images)
    moved[..., by:] = images[..., :-by]
    changes, same = [], 0
    with torch.no_grad():
        for one, other in zip(images, moved, strict=True):
            a, b = (torch.relu(net.c1(model.scale(each[None]))) for each in (one, other))
            p, q = (torch.nn.functional.max_pool2d(each, 2) for each in (a, b))
            changes.append(
                [float((x - y).norm() / x.norm()) for x, y in ((a, b), (p, q), (a[..., ::2, ::2], b[..., ::2, ::2]))]
            )
            same += int(net(model.scale(one[None])).argmax() == net(model.scale(other[None])).argmax())
    assert [each.change for each in found.changes[1:4]] == pytest.approx(np.mean(changes, 0), rel=1e-4)
    assert [each.pooled for each in found.changes[1:4]] == ["conv", "pool", "skip"]
    assert found.same == pytest.approx(same / 30)


def test_what_the_lesson_says_of_a_shift_by_one_pixel() -> None:
    data = datasets.load("digits28")
    relu, tanh = (
        [each.change for each in inspection.shifted_answers(lenet(code), data, 1).changes]
        for code in ("relu-max", "tanh-max")
    )
    assert [round(100 * relu[k]) for k in (2, 3, 5, 6)] == [26, 29, 17, 20]  # pooled, thinned out; twice
    assert tanh[2] == pytest.approx(tanh[3], abs=0.005)


def test_channels_are_normalised_by_their_own_statistics() -> None:
    model, images = resnet(), datasets.load("shapes").test_images[:12]
    found = inspection.normalized_batch(model, images)
    with torch.no_grad():
        z = model.instantiate().conv1(model.scale(images))
    var, mean = torch.var_mean(z, (0, 2, 3), correction=0)
    assert [each.mean for each in found.channels] == pytest.approx(mean.tolist(), abs=1e-5)
    assert [each.variance for each in found.channels] == pytest.approx(var.tolist(), rel=1e-4)
    assert found.shape == tuple(z.shape)
    norm = model.instantiate().bn1
    assert [kept for kept, _ in found.running] == norm.running_mean.tolist()
    normed = nn.functional.batch_norm(z, None, None, training=True)
    one = found.channels[3]
    hat = (one.first - one.mean) / (one.variance + found.epsilon) ** 0.5
    assert hat == pytest.approx(float(normed[0, 3, 16, 16]), abs=1e-4)
    gamma, beta = (one.variance + found.epsilon) ** 0.5, one.mean
    assert gamma * hat + beta == pytest.approx(one.first)  # those that undo it


def test_the_same_image_gets_two_answers_and_the_shared_weights_stay() -> None:
    model = shipped_model("cifar-he-cifar-resnet20-seed0")
    kept = {name: value.clone() for name, value in model.state.items()}
    found = inspection.two_modes(model, load("cat"), load("coffee"))
    assert all(torch.equal(value, model.state[name]) for name, value in kept.items())
    net = deepcopy(model.instantiate())
    batch = torch.cat([model.preprocess(load(name)) for name in ("cat", "coffee")])
    with torch.no_grad():
        usual = net(batch)[0].softmax(0)
        alone = net.train()(batch)[0].softmax(0)  # this network has no dropout
    assert found.evaluation[0] == (int(usual.argmax()), pytest.approx(float(usual.max()), abs=1e-5))
    assert found.training[0] == (int(alone.argmax()), pytest.approx(float(alone.max()), abs=1e-5))
    assert found.distance == pytest.approx(float((usual - alone).abs().sum() / 2), abs=1e-5)
    assert found.evaluation[0][0] != found.training[0][0]
    assert 0 < found.moved < 1


def test_larger_batches_come_nearer_to_the_running_statistics() -> None:
    model, data = resnet(), datasets.load("shapes")
    found = inspection.batch_accuracy(model, data)
    net = deepcopy(model.instantiate()).train()
    with torch.no_grad():
        said = torch.cat([net(model.scale(data.test_images[i : i + 4])).argmax(1) for i in range(0, 128, 4)])
    assert dict(found.training)[4] == pytest.approx(float((said == data.test_labels[:128]).double().mean()))
    assert dict(found.training)[2] < dict(found.training)[16] < dict(found.training)[64] < found.evaluation
