"""Predictions and accuracy of an ablated model; its evaluation data set, and the residual/plain pair of a sweep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from explorer import datasets, units
from explorer.errors import ExplorerError
from explorer.models import Model
from explorer.networks import network
from explorer.records import Block, Lesion, RecordedRun
from explorer.weights import recorded_runs

INTACT = Lesion()


def probabilities(
    model: Model, image: np.ndarray, lesion: Lesion = INTACT, blocks: tuple[Block, ...] = ()
) -> tuple[float, ...]:
    """The probability of every class for an image, uint8 (H, W, 3), with the parts in `lesion` ablated.

    `blocks` are those of the network. Raises `ExplorerError` for a block that cannot be bypassed.
    """
    with units.lesioned(model.instantiate(), lesion, blocks) as net, torch.inference_mode():
        logits = net(model.preprocess(image))  # (1, classes)
    return tuple(logits.double().softmax(1)[0].tolist())


def accuracy(
    model: Model, data: datasets.ImageData, lesion: Lesion, blocks: tuple[Block, ...], most: int
) -> tuple[float, int]:
    """Accuracy (0 to 1) on the first `most` test images with parts ablated, and the number of images.

    Raises `ExplorerError`.
    """
    images, labels = data.test_images[:most], data.test_labels[:most]
    with units.lesioned(model.instantiate(), lesion, blocks) as net:
        return units.accuracy(net, model.scale, images, labels, model.input_shape), len(labels)


def evaluation_dataset(model: Model) -> str | None:
    """An available data set with the classes of a model; None where there is none."""
    declared = [dataset for slug, dataset in datasets.datasets().items() if datasets.available(slug)]
    matching = [dataset for dataset in declared if dataset.classes == model.categories]
    if matching:  # of the right size first, and the published before the bundled substitute
        return min(matching, key=lambda dataset: (dataset.shape != model.input_shape, dataset.bundled)).slug
    return next((slug for slug in datasets.own_datasets() if _is_compatible(slug, model)), None)


def _is_compatible(slug: str, model: Model) -> bool:
    """Whether a user's data set has as many classes and channels as a model.

    Names are not compared: folders and files seldom name their classes as the paper did.
    """
    try:
        dataset = datasets.dataset(slug)
    except ExplorerError:
        return False
    return len(dataset.classes) == len(model.categories) and dataset.shape[0] == model.input_shape[0]


def sweep_pair(model_id: str) -> tuple[str, str] | None:
    """Model ids of a recorded residual network and of its plain twin, one of which is `model_id`.

    Both were trained with the same configuration. None where `model_id` is no recorded run of such a pair.
    """
    kind, _, name = model_id.partition(":")
    run = recorded_runs().get(name) if kind == "recorded" else None
    twin = run and _twin(run)
    if run is None or twin is None:
        return None
    plain, residual = sorted((run, twin), key=lambda run: network(run.config.network).plain, reverse=True)
    return f"recorded:{residual.name}", f"recorded:{plain.name}"


def _twin(run: RecordedRun) -> RecordedRun | None:
    """The recorded run with weights that differs from `run` only in its skips."""
    config = replace(run.config, network=network(run.config.network).twin or run.config.network)
    others = [other for other in recorded_runs().values() if other.weights and other.name != run.name]
    return next((other for other in others if other.config == config), None)
