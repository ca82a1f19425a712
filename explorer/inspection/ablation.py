"""What a model answers with parts switched off, on which data set that can be measured, and which pair to compare."""

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

WHOLE = Lesion()


def probabilities(
    model: Model, image: np.ndarray, lesion: Lesion = WHOLE, blocks: tuple[Block, ...] = ()
) -> tuple[float, ...]:
    """The probability of every class for an image, uint8 (H, W, 3), with the parts in `lesion` switched off.

    `blocks` are those of the network. Raises `ExplorerError` for a block that cannot be bypassed.
    """
    with units.lesioned(model.instantiate(), lesion, blocks) as net, torch.inference_mode():
        logits = net(model.preprocess(image))  # (1, classes)
    return tuple(logits.double().softmax(1)[0].tolist())


def accuracy(
    model: Model, data: datasets.ImageData, lesion: Lesion, blocks: tuple[Block, ...], most: int
) -> tuple[float, int]:
    """Accuracy (0 to 1) on the first `most` test images with parts switched off, and how many these are.

    Raises `ExplorerError`.
    """
    images, labels = data.test_images[:most], data.test_labels[:most]
    with units.lesioned(model.instantiate(), lesion, blocks) as net:
        return units.accuracy(net, model.scale, images, labels, model.input_shape), len(labels)


def evaluation_dataset(model: Model) -> str | None:
    """A data set that is there and has the classes of a model; None where there is none."""
    declared = [dataset for slug, dataset in datasets.datasets().items() if datasets.available(slug)]
    fitting = [each for each in declared if each.classes == model.categories]
    if fitting:  # of the right size first, and the published before the bundled stand-in
        return min(fitting, key=lambda each: (each.shape != model.input_shape, each.bundled)).slug
    return next((slug for slug in datasets.own_datasets() if _fits(slug, model)), None)


def _fits(slug: str, model: Model) -> bool:
    """Whether one of the user's own sets will do: as many classes, in colour alike.

    Folders and files seldom name their classes as the paper did.
    """
    try:
        own = datasets.dataset(slug)
    except ExplorerError:
        return False
    return len(own.classes) == len(model.categories) and own.shape[0] == model.input_shape[0]


def sweep_pair(model_id: str) -> tuple[str, str] | None:
    """Ids of recorded weights of a residual network and of its plain twin, one of which `model_id` is.

    They were trained alike, on a data set that is there. None where `model_id` is no recorded run of such a pair.
    """
    kind, _, name = model_id.partition(":")
    run = recorded_runs().get(name) if kind == "recorded" else None
    twin = run and _twin(run)
    if run is None or twin is None:
        return None
    plain, residual = sorted((run, twin), key=lambda each: network(each.config.network).plain, reverse=True)
    return f"recorded:{residual.name}", f"recorded:{plain.name}"


def _twin(run: RecordedRun) -> RecordedRun | None:
    """The recorded weights that differ from a run's in their skips alone."""
    wanted = replace(run.config, network=network(run.config.network).twin or run.config.network)
    others = [
        recorded_run
        for recorded_run in recorded_runs().values()
        if recorded_run.weights and recorded_run.name != run.name
    ]
    return next((other for other in others if other.config == wanted), None)
