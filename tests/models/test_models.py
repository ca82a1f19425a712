"""Models: shipped weights have their recorded accuracy, random ones are deterministic."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from safetensors.torch import load_file

from explorer import datasets
from explorer.errors import UnknownEntry
from explorer.images import load
from explorer.models import random_model, shipped_model
from explorer.networks import network, networks
from explorer.training import evaluate
from explorer.weights import recorded_runs, shipped, weights_file

SHIPPED = [name for name, run in recorded_runs().items() if run.weights]
LENET = shipped()["lenet5"].removeprefix("recorded:")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_its_card(name: str) -> None:
    model, run = shipped_model(name), recorded_runs()[name]
    assert model.spec.slug == run.config.network
    assert model.categories == run.classes
    assert dict(model.instance.options) == network(run.config.network).options(dict(run.config.options))
    assert {value.dtype for value in model.state.values()} <= {torch.float32, torch.int64}
    assert sum(p.numel() for p in model.instantiate().parameters()) == run.parameters


def test_lenet_reads_the_bundled_digits_as_one_put_together_by_hand() -> None:
    """Other people's digits, enlarged from 8 x 8: the network was trained on MNIST, so half of them are wrong."""
    model, data = shipped_model(LENET), datasets.load("digits28")
    judged = evaluate(model.instantiate(), data.test_images, data.test_labels, model.scale)
    by_hand = network("lenet5").build(classes=10, activation="tanh", pooling="max").eval()
    by_hand.load_state_dict(load_file(weights_file(LENET)))
    with torch.inference_mode():
        answers = by_hand(data.test_images.float()).argmax(1)
    assert judged.accuracy == float((answers == data.test_labels).float().mean()) == pytest.approx(0.49, abs=0.02)
    image = data.test_images[3, 0].numpy()[..., None].repeat(3, 2)  # (28, 28, 3)
    alone = model.instantiate()(model.preprocess(image)).softmax(1)[0]
    assert torch.allclose(alone, judged.probabilities[3], atol=1e-5)


def test_the_shipped_residual_network_sees_a_cat() -> None:
    model = shipped_model("cifar-short-cifar-resnet20-seed0")
    probabilities = model.instantiate()(model.preprocess(load("cat"))).softmax(1)[0]
    assert model.categories[int(probabilities.argmax())] == "cat"
    assert float(probabilities.max()) == pytest.approx(0.82, abs=0.01)


def test_an_image_arrives_as_the_network_wants_it() -> None:
    for model, shape in ((shipped_model(LENET), (28, 28, 1)), (random_model("alexnet"), (227, 227, 3))):
        assert model.resize_crop(load("cat")).shape == shape
        assert model.preprocess(load("cat")).shape == (1, shape[2], *shape[:2])


def test_random_weights_are_the_same_whatever_the_thread() -> None:
    torch.manual_seed(123)
    before = torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        all_of_them = list(pool.map(random_model, ["lenet5", "cifar-resnet20"] * 8))
    assert torch.equal(before, torch.get_rng_state()), "nobody else's random numbers change"
    for each in all_of_them:
        first = all_of_them[0 if each.spec.slug == "lenet5" else 1]
        assert all(torch.equal(each.state[key], first.state[key]) for key in first.state)
    other = random_model("lenet5", seed=1)
    assert not all(torch.equal(other.state[key], all_of_them[0].state[key]) for key in other.state)


def test_the_control_differs_from_what_ships_in_its_weights_only() -> None:
    for slug, model_id in shipped().items():
        trained, control = shipped_model(model_id.removeprefix("recorded:")), random_model(slug)
        assert control.meta == trained.meta


@pytest.mark.parametrize("slug", ["alexnet-torchvision", "mobilenet-v3-small", "densenet-bc-100-12", "lenet5-1998"])
def test_a_network_of_every_kind_runs_with_random_weights(slug: str) -> None:
    model = random_model(slug)
    logits = model.instantiate()(model.preprocess(load("coffee")))
    assert logits.shape == (1, networks()[slug].classes)
    assert torch.isfinite(logits).all()


def test_two_shells_share_weights_and_nothing_else() -> None:
    model = random_model("lenet5")
    first, second = model.instantiate(), model.instantiate()
    assert first is not second
    assert not first.training
    assert not any(p.requires_grad for p in first.parameters())
    seen: list[int] = []
    first.c1.register_forward_hook(lambda *args: seen.append(1))  # type: ignore[union-attr, operator]
    second(model.preprocess(load("cat")))
    assert not seen


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry):
        shipped_model("nothing")
    with pytest.raises(UnknownEntry, match="resnet50"):
        random_model("resnet5")
