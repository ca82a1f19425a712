"""Evaluation of a model on a whole test set: confusion matrix, loss, accuracy, and the images behind each cell."""

from __future__ import annotations

from collections import Counter

from explorer import datasets, training
from explorer.models import Model
from explorer.records import Evaluation, Judged


def evaluate(model: Model, dataset: str, most: int = 24) -> Evaluation:
    """Evaluate on the test images of a data set; keep the `most` of largest loss of every cell of the confusion matrix.

    Raises `ExplorerError`.
    """
    data = datasets.load(dataset)
    images, labels = data.test_images, data.test_labels
    predictions = training.evaluate(model.instantiate(), images, labels, model.scale)
    answers, truths = predictions.probabilities.argmax(1).tolist(), labels.tolist()
    losses = -predictions.probabilities.gather(1, labels[:, None])[:, 0].clamp_min(1e-30).log()
    judged, kept = list[Judged](), Counter[tuple[int, int]]()
    for number in losses.argsort(descending=True, stable=True).tolist():
        truth, answer = truths[number], answers[number]
        if kept[truth, answer] < most:
            kept[truth, answer] += 1
            pixels, share = images[number].permute(1, 2, 0).numpy(), float(predictions.probabilities[number, answer])
            judged.append(Judged(number, pixels, truth, answer, share))
    counts = tuple(tuple(row) for row in predictions.confusion(labels).tolist())
    return Evaluation(dataset, model.categories, counts, predictions.loss, predictions.accuracy, tuple(judged))
