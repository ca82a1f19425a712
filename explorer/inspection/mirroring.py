"""What a model that was trained without mirrored images says of them."""

from __future__ import annotations

import torch

from explorer import datasets, training
from explorer.models import Model
from explorer.records import MirroredSet


def mirrored_set(model: Model, dataset: str) -> MirroredSet:
    """Evaluate on the test images of a data set as they are, and mirrored left to right. Raises `ExplorerError`."""
    data = datasets.load(dataset)
    images, labels = data.test_images, data.test_labels
    network, classes = model.instantiate(), range(len(model.categories))
    straight, turned = (
        training.evaluate(network, each, labels, model.scale).probabilities.argmax(1)
        for each in (images, images.flip(3))
    )

    def count(answers: torch.Tensor, label: int) -> int:
        return int(((labels == label) & (answers == label)).sum())

    taken = (turned[labels == label].bincount(minlength=len(classes)).argmax() for label in classes)
    first = torch.stack([images[int((labels == label).nonzero()[0])] for label in classes])  # (classes, C, H, W)
    return MirroredSet(
        model.categories,
        tuple(int((labels == label).sum()) for label in classes),
        tuple(count(straight, label) for label in classes),
        tuple(count(turned, label) for label in classes),
        tuple(map(int, taken)),
        first.permute(0, 2, 3, 1).numpy(),
    )
