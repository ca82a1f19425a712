"""Attributions of one model and one image: the map of a method, its distribution, and checks of its faithfulness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from explorer import attributions
from explorer.attributions import Curves, Prepared
from explorer.models import Model
from explorer.records import Attribution, Explain, LayerRecord, MapSummary, NetworkSpec, Pair


def _prepared(model: Model, *, randomized: bool = False) -> Prepared:
    """A prepared network that no other thread uses: methods put hooks on it."""
    torch.set_num_threads(1)  # also in a fresh process: two threads compete with the browser for the cores
    network = model.instantiate()
    spec = model.spec
    return attributions.prepared(
        attributions.randomized(network) if randomized else network, spec.stages, spec.cam_layer
    )


def explain(model: Model, image: np.ndarray, request: Explain) -> Attribution:
    """Attribution of a class for an image, uint8 (H, W, 3). Raises `ExplorerError`."""
    network, x = _prepared(model, randomized=request.randomized), model.preprocess(image)
    options = dict(request.options)
    return attributions.attribute(network, x, request.method, request.target, options, stage=request.stage)


def relu_count(model: Model) -> int:
    """Number of ReLUs of a network: guided backpropagation and deconvolution differ from the gradient only there."""
    return _prepared(model).relus


def grad_cam_grids(model: Model) -> Mapping[str, Pair]:
    """(rows, columns) of the output map of every stage that has one."""
    return attributions.grids(_prepared(model), torch.zeros(1, *model.input_shape))


def attributed_layer(layers: Sequence[LayerRecord], spec: NetworkSpec, stage: str = "") -> LayerRecord | None:
    """The operation whose maps a class map is made of: the last that modules of a stage run; of none, the `cam_layer`.

    `layers` are the operations of the network. None where no operation is theirs.
    """
    modules = next((each.modules for each in spec.stages if each.name == stage), (spec.cam_layer,))
    inside = (layer for layer in layers if any(f"{layer.module}.".startswith(f"{module}.") for module in modules))
    return max(inside, key=lambda layer: layer.index, default=None)


def operation_behind(layers: Sequence[LayerRecord], spec: NetworkSpec, stage: str, grid: Pair | None) -> int:
    """The number, from 1, of the operation whose maps (rows, columns) a class map is made of; 0 where there is none."""
    layer = attributed_layer(layers, spec, stage) if grid else None
    return layer.index + 1 if layer and layer.out_shape[1:] == grid else 0


def curves(model: Model, image: np.ndarray, values: np.ndarray | None, target: int) -> Curves:
    """Insertion and deletion in the order of a map `values` (H, W); None for a random order."""
    if values is None:
        values = np.random.default_rng(0).random(model.instance.size)
    return attributions.insertion_deletion(_prepared(model), model.preprocess(image), values, target)


def agreement(first: Attribution, second: Attribution) -> float:
    """Rank correlation of the magnitudes of two maps, -1 to 1 (Adebayo et al. 2018, section 3)."""
    return attributions.rank_correlation(first.values, second.values)


def map_summary(attribution: Attribution) -> MapSummary:
    """Spatial distribution of the magnitudes of a map."""
    return MapSummary(tuple(ninths(attribution.values).ravel().tolist()), concentration(attribution.values))


def ninths(values: np.ndarray) -> np.ndarray:
    """The fraction of the magnitudes in each cell of a 3 x 3 grid: (3, 3), sum 1; uniform where the map is zero."""
    mass = np.abs(values.astype(float))
    rows, columns = (np.arange(n) * 3 // n for n in mass.shape)
    shares = np.zeros((3, 3))
    np.add.at(shares, (rows[:, None], columns[None, :]), mass)
    total = shares.sum()
    normalized: np.ndarray = shares / total if total > 0 else np.full((3, 3), 1 / 9)
    return normalized


def concentration(values: np.ndarray, share: float = 0.1) -> float:
    """Fraction of the magnitudes on the strongest `share` of the pixels, 0 to 1."""
    mass = np.sort(np.abs(values.astype(float)).ravel())[::-1]
    total = mass.sum()
    return float(mass[: max(1, round(share * mass.size))].sum() / total) if total > 0 else share
