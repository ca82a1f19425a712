"""Who reads whom in a trained dense block; and what is left of early layers after concatenation and after addition."""

from __future__ import annotations

import numpy as np

from explorer.records import RecordedRun
from explorer.records.efficient import ReadWeights, Reuse
from explorer.weights import lab_runs, weights_file

_POSITIONS = 600


def dense_run() -> RecordedRun:
    """The recorded DenseNet-BC."""
    return lab_runs("digits-dense")[0]


def who_reads_whom(block: int) -> ReadWeights:
    """Mean absolute weight from each source to each reader in block 1, 2 or 3 of the recorded network.

    As Figure 5 of Huang et al. 2016: the readers are the first convolutions of the layers, then the transition, or the
    classifier after block 3; the sources are the block's input, then the layers, each with its k channels.
    """
    from safetensors import safe_open

    options = dict(dense_run().config.options)
    growth, layers = int(options["growth"]), (int(options["depth"]) - 4) // 6
    last = f"trans{block}.conv.weight" if block < 3 else "fc.weight"
    names = [*(f"dense{block}.{number}.conv1.weight" for number in range(layers)), last]
    with safe_open(weights_file(dense_run().name), framework="numpy") as file:
        weights = [np.abs(file.get_tensor(name).astype(np.float64)) for name in names]
    return _compared(block, by_source(weights, growth))


def untrained(block: int, seed: int = 0) -> ReadWeights:
    """The control: the same shapes as they are drawn before training, normal by fan-out."""
    options = dict(dense_run().config.options)
    growth, layers = int(options["growth"]), (int(options["depth"]) - 4) // 6
    width = 2 * growth
    for _ in range(1, block):
        width = (width + layers * growth) // 2
    ends = width + layers * growth
    shapes = [*((4 * growth, width + number * growth) for number in range(layers))]
    shapes.append((ends // 2, ends) if block < 3 else (10, ends))
    rng = np.random.default_rng(seed)
    return _compared(block, by_source([np.abs(rng.normal(0, np.sqrt(2 / s[0]), s)) for s in shapes], growth))


def _compared(block: int, weights: np.ndarray) -> ReadWeights:
    return ReadWeights(block, weights, weights / np.nanmean(weights, 0))


def by_source(weights: list[np.ndarray], growth: int) -> np.ndarray:
    """Mean of absolute weights (C', C, ...) over the channels of each source: (sources, readers), NaN for none."""
    first = weights[0].shape[1]
    sources = len(weights)
    found = np.full((sources, sources), np.nan)
    for reader, each in enumerate(weights):
        means = each.reshape(len(each), each.shape[1], -1).mean((0, 2))  # of each channel that is read
        edges = [0, *(first + growth * number for number in range(reader + 1))]
        for source in range(reader + 1):
            found[source, reader] = means[edges[source] : edges[source + 1]].mean()
    return found


def reuse(k0: int, growth: int, layers: int, seed: int) -> Reuse:
    """A dense block and one that adds, with about as many weights, at random: what of each layer is still readable.

    Each layer normalises, applies ReLU and a random 1x1; the dense one gives `growth` channels that are concatenated,
    the other gives as many as its stream has, which are added. Then every layer's own output is regressed linearly on
    the output of its block: R^2 is 1 where it is all still there.
    """
    rng = np.random.default_rng(seed)
    weights = sum((k0 + growth * number) * growth for number in range(layers))
    width = max(1, round((weights / layers) ** 0.5))
    concat, made = rng.normal(size=(_POSITIONS, k0)), []
    for _ in range(layers):
        made.append(_layer(concat, growth, rng))
        concat = np.concatenate([concat, made[-1]], 1)
    stream, added = rng.normal(size=(_POSITIONS, width)), []
    for _ in range(layers):
        added.append(_layer(stream, width, rng))
        stream = stream + added[-1]
    return Reuse(
        tuple(_readable(each, concat) for each in made),
        tuple(_readable(each, stream) for each in added),
        (concat.shape[1], width),
        (weights, layers * width * width),
    )


def _layer(x: np.ndarray, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """Batch normalisation, ReLU, 1x1: (N, C) to (N, C')."""
    normal = (x - x.mean(0)) / (x.std(0) + 1e-5)
    made: np.ndarray = np.maximum(normal, 0) @ rng.normal(0, np.sqrt(2 / x.shape[1]), (x.shape[1], n_out))
    return made


def _readable(target: np.ndarray, given: np.ndarray) -> float:
    """R^2 of the best linear read-out of `target` (N, C) from `given` (N, D), with a constant."""
    design = np.concatenate([given, np.ones((len(given), 1))], 1)
    left = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(1 - (left**2).sum() / ((target - target.mean(0)) ** 2).sum())


def mean_reuse(k0: int, growth: int, layers: int, seeds: int) -> Reuse:
    """`reuse`, with R^2 averaged over random draws."""
    found = [reuse(k0, growth, layers, seed) for seed in range(seeds)]
    concat, added = (
        tuple(float(each) for each in np.mean([getattr(one, name) for one in found], 0)) for name in ("concat", "added")
    )
    return Reuse(concat, added, found[0].channels, found[0].weights)
