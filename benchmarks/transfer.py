"""A new head on frozen stages: on features that were computed once, against the frozen network in every epoch.

Both train the same softmax on the same batches, one after the other in one run on one thread, and their weights are
compared. Prints the ratio of the training times (aim: at least 20), and with the features counted in.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import replace

import torch
from torch import nn

from benchmarks._size import size
from explorer import datasets
from explorer.datasets import ImageData, select
from explorer.models import Model, pretrained_model, random_model
from explorer.networks import network
from explorer.training import Normalizer, Setup, train
from explorer.transfer import Frozen, split
from explorer.transfer.feature_cache import StoredFeatures
from explorer.transfer.preparing import Resize
from explorer.transfer.reusing import compute, head_recipe, head_setup, images_kept

PER_CLASS, STEPS, TESTED = size((5, 10, 100), tiny=(2, 3, 20))  # of the digits: 50 images, 10 epochs


class Standardised(nn.Module):
    """Averaged maps (B, D, h, w), or vectors, scaled as the features that a head is trained on."""

    def __init__(self, scale: Normalizer) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        values = x.mean((2, 3), keepdim=True) if x.ndim == 4 else x[..., None, None]
        return self.scale(values)  # (B, D, 1, 1)


def through_the_network(setup: Setup, model: Model, data: ImageData, stages: int, chosen: torch.Tensor) -> Setup:
    """`setup` of a head on features once more, where every image passes the frozen stages every time."""
    net, spec = model.instantiate(), network(model.instance.slug)
    frozen = Frozen(nn.Sequential(Resize(model.instance.size), *split(net, spec)[:stages]))
    standardised = Standardised(Normalizer.of(setup.normalize))
    whole = nn.Sequential(OrderedDict(frozen=frozen, standardised=standardised, head=setup.net))
    train_images, test_images = images_kept(data)
    images = replace(
        data,
        train_images=data.train_images[train_images][chosen],
        train_labels=data.train_labels[train_images][chosen],
        test_images=data.test_images[test_images],
        test_labels=data.test_labels[test_images],
    )
    return Setup(whole, images, model.meta.normalize, setup.meta)


def both(
    model: Model, data: ImageData, features: StoredFeatures, stages: int, per_class: int, steps: int
) -> tuple[float, float, nn.Module, nn.Module]:
    """Seconds of training on features, and through the network; and the two heads."""
    found: list[tuple[float, nn.Module]] = []
    chosen = select(features.train_labels, per_class, 0)
    for every_epoch in (False, True):
        setup = head_setup(features, model.meta, data.classes, stages=stages, per_class=per_class, seed=0)
        head = setup.net
        if every_epoch:
            setup = through_the_network(setup, model, data, stages, chosen)
        recipe = head_recipe(model.instance.slug, "digits", len(chosen), 0, steps)
        start = time.perf_counter()
        list(train(recipe, device="cpu", setup=setup))
        found.append((time.perf_counter() - start, head))
    (quick, first), (slow, second) = found
    return quick, slow, first, second


def main() -> None:
    torch.set_num_threads(1)
    model = size(pretrained_model, tiny=random_model)(size("efficientnet-lite0", tiny="cifar-resnet20"))
    data = datasets.load("digits")
    few = replace(data, test_images=data.test_images[:TESTED], test_labels=data.test_labels[:TESTED])
    features = compute(model.instantiate(), model.meta, few)
    stages = len(features.train)
    both(model, few, features, stages, PER_CLASS, 1)  # warms up
    quick, slow, first, second = both(model, few, features, stages, PER_CLASS, STEPS)
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    apart = max(float((a - b).detach().abs().max()) for a, b in pairs)
    once = features.train_seconds * PER_CLASS * len(data.classes) / len(features.train_labels) + features.test_seconds
    print(f"{model.spec.title} on digits: a head on features {quick:.2f} s, the features once {once:.1f} s,", end=" ")
    print(f"a frozen pass each epoch {slow:.1f} s; weights differ by at most {apart:.1g}")
    print(f"each epoch / on features = {slow / quick:.1f} (aim: at least 20)")
    print(f"each epoch / features once and head = {slow / (once + quick):.2f}")


if __name__ == "__main__":
    main()
