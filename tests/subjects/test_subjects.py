"""Subjects: shipped weights are as good as their cards say, random ones are the same for everybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from explorer import datasets
from explorer.errors import UnknownEntry
from explorer.networks import network, networks
from explorer.pictures import load
from explorer.subjects import random_subject, recorded_subject, subject_of
from explorer.training import judge
from explorer.weights import recorded_runs, weights_file

SHIPPED = [name for name, run in recorded_runs().items() if run.weights]
LENET = next(name for name in SHIPPED if recorded_runs()[name].config.network == "lenet5")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_subject_is_its_card(name: str) -> None:
    subject, run = recorded_subject(name), recorded_runs()[name]
    assert subject.spec.slug == run.config.network
    assert subject.classes == run.classes
    assert dict(subject.options) == dict(run.config.options)
    assert {value.dtype for value in subject.state.values()} <= {torch.float32, torch.int64}
    assert sum(p.numel() for p in subject.network().parameters()) == run.parameters


def test_lenet_reads_the_bundled_digits_as_one_put_together_by_hand() -> None:
    """Other people's digits, enlarged from 8 x 8: the network was trained on MNIST, so half of them are wrong."""
    subject, data = recorded_subject(LENET), datasets.load("digits28")
    judged = judge(subject.network(), data.test_images, data.test_labels, subject.scale)
    by_hand = network("lenet5").build(classes=10, activation="tanh", pooling="max").eval()
    by_hand.load_state_dict(load_file(weights_file(LENET)))
    with torch.inference_mode():
        answers = by_hand(data.test_images.float()).argmax(1)
    assert judged.accuracy == float((answers == data.test_labels).float().mean()) == pytest.approx(0.49, abs=0.02)
    picture = data.test_images[3, 0].numpy()[..., None].repeat(3, 2)  # (28, 28, 3)
    alone = subject.network()(subject.tensor(picture)).softmax(1)[0]
    assert torch.allclose(alone, judged.probabilities[3], atol=1e-5)


def test_the_shipped_residual_network_sees_a_cat() -> None:
    subject = recorded_subject("cifar-short-cifar-resnet20-seed0")
    probabilities = subject.network()(subject.tensor(load("cat"))).softmax(1)[0]
    assert subject.classes[int(probabilities.argmax())] == "cat"
    assert float(probabilities.max()) == pytest.approx(0.82, abs=0.01)


def test_a_picture_arrives_as_the_network_wants_it() -> None:
    for subject, shape in ((recorded_subject(LENET), (28, 28, 1)), (random_subject("alexnet"), (227, 227, 3))):
        assert subject.pixels(load("cat")).shape == shape
        assert subject.tensor(load("cat")).shape == (1, shape[2], *shape[:2])


def test_random_weights_are_the_same_whatever_the_thread() -> None:
    torch.manual_seed(123)
    before = torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        all_of_them = list(pool.map(random_subject, ["lenet5", "cifar-resnet20"] * 8))
    assert torch.equal(before, torch.get_rng_state()), "nobody else's random numbers change"
    for one in all_of_them:
        first = all_of_them[0 if one.spec.slug == "lenet5" else 1]
        assert all(torch.equal(one.state[key], first.state[key]) for key in first.state)
    other = random_subject("lenet5", seed=1)
    assert not all(torch.equal(other.state[key], all_of_them[0].state[key]) for key in other.state)


def test_the_control_differs_from_what_ships_in_its_weights_only() -> None:
    first = {recorded_runs()[name].config.network: name for name in reversed(SHIPPED)}
    for slug, name in first.items():
        trained, control = recorded_subject(name), random_subject(slug)
        assert dict(control.options) == dict(trained.options)
        assert control.classes == trained.classes
        assert torch.equal(control.scale.mean, trained.scale.mean)


@pytest.mark.parametrize("slug", ["alexnet-torchvision", "mobilenet-v3-small", "densenet-bc-100-12", "lenet5-1998"])
def test_a_network_of_every_kind_runs_with_random_weights(slug: str) -> None:
    subject = random_subject(slug)
    logits = subject.network()(subject.tensor(load("coffee")))
    assert logits.shape == (1, networks()[slug].classes)
    assert torch.isfinite(logits).all()


def test_two_shells_share_weights_and_nothing_else() -> None:
    subject = random_subject("lenet5")
    first, second = subject.network(), subject.network()
    assert first is not second
    assert not first.training
    assert not any(p.requires_grad for p in first.parameters())
    seen: list[int] = []
    first.c1.register_forward_hook(lambda *args: seen.append(1))  # type: ignore[union-attr, operator]
    second(subject.tensor(load("cat")))
    assert not seen


def test_what_was_trained_here_is_a_subject() -> None:
    run = recorded_runs()[LENET]
    state = recorded_subject(LENET).state
    subject = subject_of("run:1", run.config, state, run.classes, run.mean, run.std)
    assert subject.source == "run:1"
    picture = np.zeros((28, 28, 3), np.uint8)
    assert torch.equal(subject.tensor(picture), torch.zeros(1, 1, 28, 28)), "its pixels are taken raw"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry):
        recorded_subject("nothing")
    with pytest.raises(UnknownEntry, match="resnet50"):
        random_subject("resnet5")
