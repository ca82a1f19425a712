"""Attributions of one model and one image: the map of a method, where it lies, and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from explorer import attributions
from explorer.attributions import Curves, Prepared
from explorer.models import Model
from explorer.records import Attribution, Explain, MapSummary, Pair


def _prepared(model: Model, *, randomized: bool = False) -> Prepared:
    """A network of the caller's own: methods put hooks on it."""
    torch.set_num_threads(1)  # also where nothing has run before: two threads fight with the browser for the cores
    network = model.instantiate()
    spec = model.spec
    return attributions.prepared(
        attributions.randomized(network) if randomized else network, spec.stages, spec.cam_layer
    )


def explain(model: Model, image: np.ndarray, asked: Explain) -> Attribution:
    """What a method says of a class for an image, uint8 (H, W, 3). Raises `ExplorerError`."""
    ready = _prepared(model, randomized=asked.randomized)
    options = dict(asked.options)
    return attributions.attribute(
        ready, model.preprocess(image), asked.method, asked.target, options, stage=asked.stage
    )


def relu_count(model: Model) -> int:
    """How many ReLUs a network has: guided backpropagation and deconvolution change what happens there alone."""
    return _prepared(model).relus


def grad_cam_grids(model: Model) -> Mapping[str, Pair]:
    """(rows, columns) of the map behind every stage that has one."""
    return attributions.grids(_prepared(model), torch.zeros(1, *model.input_shape))


def curves(model: Model, image: np.ndarray, values: np.ndarray | None, target: int) -> Curves:
    """Insertion and deletion in the order of a map `values` (H, W); None for a random order."""
    if values is None:
        values = np.random.default_rng(0).random(model.instance.size)
    return attributions.insertion_deletion(_prepared(model), model.preprocess(image), values, target)


def agreement(first: Attribution, second: Attribution) -> float:
    """Rank correlation of the magnitudes of two maps, -1 to 1 (Adebayo et al. 2018, section 3)."""
    return attributions.rank_correlation(first.values, second.values)


def map_summary(found: Attribution) -> MapSummary:
    """Where the magnitudes of a map lie."""
    return MapSummary(tuple(ninths(found.values).ravel().tolist()), concentration(found.values))


def ninths(values: np.ndarray) -> np.ndarray:
    """The share of the magnitudes in each ninth of a map: (3, 3), adding up to 1; even where the map is zero."""
    mass = np.abs(values.astype(float))
    rows, columns = (np.arange(n) * 3 // n for n in mass.shape)
    shares = np.zeros((3, 3))
    np.add.at(shares, (rows[:, None], columns[None, :]), mass)
    total = shares.sum()
    even: np.ndarray = shares / total if total > 0 else np.full((3, 3), 1 / 9)
    return even


def concentration(values: np.ndarray, share: float = 0.1) -> float:
    """How much of the magnitudes lies on the strongest `share` of the pixels, 0 to 1."""
    mass = np.sort(np.abs(values.astype(float)).ravel())[::-1]
    total = mass.sum()
    return float(mass[: max(1, round(share * mass.size))].sum() / total) if total > 0 else share
