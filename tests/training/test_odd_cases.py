"""Data and batches that are unusual, and none of the visitor's mistakes: they train, or are refused in one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.datasets import ImageData, select
from explorer.datasets._declared import split
from explorer.errors import BadOption
from explorer.networks import network
from explorer.records import ModelMeta, NetworkInstance, Normalize, TrainConfig, TrainPoint
from explorer.training import train
from explorer.training.building import build_for, check_batch, instance_for
from explorer.training.setup import Setup
from explorer.training.stepping import AUXILIARY, judged

SMALL = TrainConfig(
    network="thin-resnet", dataset="digits", steps=4, lr=0.01, batch=16, options=(("depth", 8), ("base", 4))
)


def images(train_labels: list[int], test_labels: list[int], side: int = 12, channels: int = 3) -> ImageData:
    generator = torch.Generator().manual_seed(0)
    shape = (channels, side, side)
    labels = [torch.tensor(each) for each in (train_labels, test_labels)]
    pixels = [torch.randint(0, 256, (len(each), *shape), generator=generator, dtype=torch.uint8) for each in labels]
    classes = tuple(map(str, range(1 + max(train_labels + test_labels))))
    return ImageData(
        train_images=pixels[0],
        train_labels=labels[0],
        test_images=pixels[1],
        test_labels=labels[1],
        classes=classes,
    )


def trained(config: TrainConfig, data: ImageData) -> list[TrainPoint]:
    """Train a configuration on these images, as `Setup.of` does it."""
    instance = instance_for(config, data.shape, len(data.classes))
    check_batch(instance, min(config.batch, len(data.train_labels)))
    normalize = Normalize.of(config.pixels, data.mean, data.std)
    meta = ModelMeta(instance, data.classes, normalize)
    setup = Setup(build_for(config, data.shape, len(data.classes)), data, normalize, meta)
    return list(train(config, device="cpu", setup=setup))


# --- a channel that never changes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_channel_that_never_changes_is_shifted_to_zero_and_the_others_are_as_ever(value: int) -> None:
    data = images([0, 1] * 20, [0, 1] * 4)
    data.train_images[:, 2] = value
    normalize = Normalize.of("standard", data.mean, data.std)
    assert normalize.std == (*data.std[:2], 1.0)
    assert data.std[2] == 0, "the statistic itself says what is"
    assert normalize.mean[2] == value
    points = trained(SMALL, data)
    assert all(0 < point.train_loss < 10 for point in points)


# --- batches of one ---------------------------------------------------------------------------------------------------


def refused_by_torch(net: nn.Module, x: Tensor) -> bool:
    try:
        net.train()(x)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(
    ("slug", "side"), [("mobilenet-v2", 32), ("mobilenet-v2", 96), ("resnet18", 32), ("resnet18", 64), ("vgg11", 32)]
)
def test_a_batch_of_one_is_refused_where_torch_would_fail(slug: str, side: int) -> None:
    config = replace(SMALL, network=slug, options=(), batch=1)
    instance = instance_for(config, (3, side, side), 2)
    if refused_by_torch(build_for(config, (3, side, side), 2), torch.zeros(1, 3, side, side)):
        with pytest.raises(BadOption, match="two or more"):
            check_batch(instance, 1)
    else:
        check_batch(instance, 1)
    check_batch(instance, 2)


def test_both_happen() -> None:
    at = {side: instance_for(replace(SMALL, network="resnet18", options=()), (3, side, side), 2) for side in (32, 64)}
    with pytest.raises(BadOption, match=r"layer4\.0\.bn1"):
        check_batch(at[32], 1)
    check_batch(at[64], 1)


@pytest.mark.parametrize(("count", "batch"), [(17, 16), (9, 4), (5, 2)])
def test_an_image_that_is_left_over_is_no_batch_of_its_own(count: int, batch: int) -> None:
    data = images([0, 1, *([0] * (count - 2))], [0, 1], side=8)
    points = trained(replace(SMALL, batch=batch, steps=6), data)
    assert points[-1].step == 6


# --- auxiliary heads --------------------------------------------------------------------------------------------------


def test_auxiliary_losses_count_as_in_the_paper() -> None:
    generator = torch.Generator().manual_seed(0)
    main, first, second = torch.randn(3, 4, 5, generator=generator)
    target = torch.tensor([0, 4, 2, 1])
    loss, logits = judged((main, first, second), target, SMALL)
    assert logits is main
    losses = [F.cross_entropy(each, target) for each in (main, first, second)]
    assert float(loss) == pytest.approx(float(losses[0] + 0.3 * (losses[1] + losses[2])))
    assert AUXILIARY == 0.3
    alone, _ = judged(main, target, SMALL)
    assert torch.equal(alone, losses[0])


@pytest.mark.parametrize("slug", ["googlenet-torchvision", "googlenet"])
def test_networks_with_auxiliary_heads_are_trained(slug: str) -> None:
    config = replace(SMALL, network=slug, options=(("aux", True),), batch=4, steps=1)
    data = images([0, 1] * 4, [0, 1], side=network(slug).input_shape[1] if slug == "googlenet" else 64)
    heads = [f"aux{number}" for number in (1, 2)]
    instance = instance_for(config, data.shape, 2)
    normalize = Normalize.of("standard", data.mean, data.std)
    net = build_for(config, data.shape, 2)
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    points = list(
        train(config, device="cpu", setup=Setup(net, data, normalize, ModelMeta(instance, ("a", "b"), normalize)))
    )
    assert points[-1].step == 1
    assert points[-1].test_accuracy is not None
    after = dict(net.named_parameters())
    for head in heads:
        assert any(not torch.equal(p, after[name]) for name, p in before.items() if name.startswith(head)), head


# --- epochs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "batch", "epochs"), [(10, 128, 4.0), (10, 10, 4.0), (20, 10, 2.0), (40, 16, 1.6)])
def test_an_epoch_is_a_pass_over_the_images_that_are_there(count: int, batch: int, epochs: float) -> None:
    points = trained(replace(SMALL, batch=batch), images([0, 1] * (count // 2), [0, 1], side=8))
    assert points[-1].step == 4
    assert points[-1].epoch == pytest.approx(epochs)


# --- classes that are missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_class_that_occurs_only_in_the_test_is_one_to_be_wrong_about(missing: int) -> None:
    learned = [label for label in range(3) if label != missing]
    data = images(learned * 10, [0, 1, 2] * 3, side=8)
    points = trained(SMALL, replace_classes(data, ("a", "b", "c")))
    assert points[-1].test_loss is not None
    assert points[-1].test_loss > 0
    with pytest.raises(BadOption, match="one class has 0"):
        select(data.train_labels, 2, seed=0, classes=3)


def replace_classes(data: ImageData, classes: tuple[str, ...]) -> ImageData:
    return ImageData(
        train_images=data.train_images,
        train_labels=data.train_labels,
        test_images=data.test_images,
        test_labels=data.test_labels,
        classes=classes,
    )


def test_training_images_of_one_class_train() -> None:
    points = trained(SMALL, images([1] * 20, [0, 1], side=8))
    assert all(0 <= point.train_loss < 10 for point in points)


@pytest.mark.parametrize("counts", [(1, 9), (9, 1), (1, 1, 8), (1, 1, 1, 1, 6), (5, 5), (1, 1)])
def test_a_random_split_leaves_no_class_without_an_image_to_learn_from(counts: tuple[int, ...]) -> None:
    labels = torch.tensor([label for label, count in enumerate(counts) for _ in range(count)])
    pixels = torch.arange(len(labels), dtype=torch.uint8)[:, None, None, None]
    train_share = max(1, round(0.8 * len(labels)))
    data = split(pixels, labels, train_share, tuple(map(str, counts)))
    assert (len(data.train_labels), len(data.test_labels)) == (train_share, len(labels) - train_share)
    both = [*data.train_images.flatten().tolist(), *data.test_images.flatten().tolist()]
    assert sorted(both) == list(range(len(labels))), "every image once"
    assert torch.equal(labels[data.train_images.flatten().long()], data.train_labels)
    assert torch.equal(labels[data.test_images.flatten().long()], data.test_labels)
    assert set(data.train_labels.tolist()) == set(range(len(counts))) or train_share < len(counts)


def test_a_split_that_has_every_class_is_the_one_that_is_drawn() -> None:
    labels = torch.tensor([0, 1] * 10)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(0))
    data = split(torch.arange(20, dtype=torch.uint8)[:, None, None, None], labels, 16, ("a", "b"))
    assert torch.equal(data.train_images.flatten().long(), order[:16])


def test_an_instance_for_the_whole_catalogue_can_be_asked() -> None:
    """A network without batch normalisation takes any batch."""
    check_batch(NetworkInstance.of(network("lenet5")), 1)
