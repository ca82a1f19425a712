"""Evaluation of a model on a whole test set: confusion matrix, loss, accuracy, worst mistakes."""

from __future__ import annotations

import torch

from explorer import datasets, training
from explorer.models import Model
from explorer.records import Evaluation, Mistake


def evaluate(model: Model, dataset: str, most: int = 24) -> Evaluation:
    """Evaluate on the test images of a data set; keep the `most` mistakes of largest loss. Raises `ExplorerError`."""
    data = datasets.load(dataset)
    images, labels = data.test_images, data.test_labels
    predictions = training.evaluate(model.instantiate(), images, labels, model.scale)
    predicted = predictions.probabilities.argmax(1)
    losses = -predictions.probabilities.gather(1, labels[:, None])[:, 0].clamp_min(1e-30).log()
    worst = torch.where(predicted != labels, losses, -1.0).argsort(descending=True, stable=True)[:most]
    mistakes = tuple(
        Mistake(
            images[i].permute(1, 2, 0).numpy(),
            model.categories[int(labels[i])],
            model.categories[int(predicted[i])],
            float(predictions.probabilities[i, predicted[i]]),
        )
        for i in worst.tolist()
        if predicted[i] != labels[i]
    )
    counts = tuple(tuple(row) for row in predictions.confusion(labels).tolist())
    return Evaluation(dataset, model.categories, counts, predictions.loss, predictions.accuracy, mistakes)
