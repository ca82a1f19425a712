"""A few images of each of a few classes, and a head that tells them apart: softmax regression on pooled features.

The features are those of the last weight layer's input, so a head is one linear layer in place of that one. With so few
images it has one best solution, found exactly by Newton's method: no seed, no learning rate, no number of epochs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.models import Model
from explorer.transfer.splitting import last_layer

MOST_PER_CLASS = 12
"""Images of a class. Every image is left out once, and a head is trained without it: twice as many take eight times as
long."""

DECAY = 0.1
"""Lambda of the penalty lambda/2 · |W|² beside the summed cross-entropy, for features of unit spread. A larger one
holds all probabilities near the middle, a smaller one makes a head of ten images certain of everything."""

_STEPS, _EXACT = 50, 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A linear layer on pooled features: logits = features @ weight.T + bias; float32 (classes, D) and (classes,)."""

    weight: Tensor
    bias: Tensor

    @property
    def digest(self) -> str:
        """Identifies its numbers."""
        parts = (self.weight, self.bias)
        return hashlib.sha256(b"".join(part.contiguous().numpy().tobytes() for part in parts)).hexdigest()[:32]


def without_head(model: Model) -> nn.Module:
    """The model's network without its last weight layer: what it returns is that layer's input, (B, D)."""
    net = model.instantiate()
    parent, _, name = last_layer(net).rpartition(".")
    setattr(net.get_submodule(parent), name, nn.Identity())
    return net


@torch.inference_mode()
def features_of(body: nn.Module, model: Model, image: np.ndarray) -> Tensor:
    """Pooled features of an image, uint8 (H, W, 3), by `without_head`: float32 (D,)."""
    pooled: Tensor = body(model.preprocess(image))  # (1, D)
    return pooled[0].clone()


def fit(features: Tensor, labels: Sequence[int], classes: int, decay: float = DECAY) -> Head:
    """The head for features (N, D) of images of the classes `labels`; every class needs one."""
    rows, directions, centre, spread = _reduced(features)
    solved = _solve(rows, torch.tensor(labels), classes, decay)  # (r + 1, classes)
    weight = (directions @ solved[:-1]).T / spread  # (classes, D)
    return Head(weight.float().contiguous(), (solved[-1] - weight @ centre).float())


def leave_one_out(features: Tensor, labels: Sequence[int], classes: int, decay: float = DECAY) -> Tensor:
    """For each image, the probabilities (N, classes) by a head that was trained on all others.

    A class whose only image is left out is unknown to that head: its probability is 0.
    """
    rows, _, _, _ = _reduced(features)
    known, answers = torch.tensor(labels), torch.zeros(len(labels), classes, dtype=torch.float64)
    start = _solve(rows, known, classes, decay)
    for i in range(len(labels)):
        others = torch.arange(len(labels)) != i
        present = torch.bincount(known[others], minlength=classes).nonzero().flatten()
        places = torch.searchsorted(present, known[others])
        solved = _solve(rows[others], places, len(present), decay, start[:, present])
        answers[i, present] = (rows[i] @ solved[:-1] + solved[-1]).softmax(0)
    return answers


def probabilities(head: Head, features: Tensor) -> Tensor:
    """Probabilities (classes,) for the features (D,) of an image."""
    return functional.linear(features, head.weight, head.bias).softmax(0)


def nearest(features: Tensor, asked: Tensor, count: int) -> tuple[tuple[int, float], ...]:
    """The `count` rows of `features` (N, D) that are most like `asked` (D,), and the cosine of each."""
    cosines = functional.cosine_similarity(features, asked[None])
    order = torch.argsort(cosines, descending=True, stable=True)[:count]
    return tuple((int(i), float(cosines[i])) for i in order)


def taught_model(model: Model, head: Head, categories: Sequence[str]) -> Model:
    """The model with this head in place of its last layer. Its id is that of a visitor's own."""
    name = last_layer(model.instantiate())
    meta = replace(model.meta, instance=replace(model.instance, classes=len(categories)), categories=tuple(categories))
    state = {**model.state, f"{name}.weight": head.weight, f"{name}.bias": head.bias}
    return Model(f"own:taught-{head.digest}", meta, state)


def likely_range(right: int, asked: int, z: float = 1.96) -> tuple[float, float]:
    """The accuracies (0 to 1) that `right` of `asked` answers go with: 95 % interval (Wilson 1927, JASA 22:209)."""
    share, square = right / asked, z * z
    middle = (share + square / (2 * asked)) / (1 + square / asked)
    half = z * sqrt(share * (1 - share) / asked + square / (4 * asked**2)) / (1 + square / asked)
    return max(0.0, middle - half), min(1.0, middle + half)


# --- softmax regression -----------------------------------------------------------------------------------------------


def _reduced(features: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The features in the directions in which they differ: (N, r), the directions (D, r), their centre and spread.

    They are centred and divided by their root-mean-square distance from the centre. No image has anything across these
    directions, so the best weights have nothing there either.
    """
    values = features.double()
    centre = values.mean(0)
    apart = values - centre
    spread = apart.square().sum(1).mean().sqrt()
    spread = spread if spread > 0 else torch.ones_like(spread)  # all images are the same
    left, sizes, right = torch.linalg.svd(apart / spread, full_matrices=False)
    kept = sizes > 1e-10 * max(float(sizes[0]), 1e-300)
    return (left * sizes)[:, kept], right[kept].T, centre, spread


def _solve(rows: Tensor, labels: Tensor, classes: int, decay: float, start: Tensor | None = None) -> Tensor:
    """Weights and, as the last row, biases (r + 1, classes) that minimise cross-entropy + decay/2 · |weights|².

    Newton's method with halved steps; the biases are not held down, but for the direction in which they do nothing.
    """
    x = torch.cat([rows, torch.ones(len(rows), 1, dtype=rows.dtype)], 1)  # (N, r + 1)
    truth = functional.one_hot(labels, classes).to(x)
    held = torch.full((x.shape[1], 1), decay, dtype=x.dtype)
    held[-1] = 1e-9

    def loss(w: Tensor) -> float:
        logits = x @ w
        return float((logits.logsumexp(1) - (logits * truth).sum(1)).sum() + 0.5 * (held * w * w).sum())

    w = torch.zeros(x.shape[1], classes, dtype=x.dtype) if start is None else start.clone()
    least = loss(w)
    for _ in range(_STEPS):
        p = (x @ w).softmax(1)  # (N, classes)
        gradient = x.T @ (p - truth) + held * w
        if float(gradient.abs().max()) < _EXACT:
            break
        inner = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]  # (N, classes, classes)
        curvature = torch.einsum("na,ncd,nb->acbd", x, inner, x).reshape(w.numel(), w.numel())
        curvature += torch.diag(held.expand_as(w).reshape(-1))
        step = torch.linalg.solve(curvature, gradient.reshape(-1)).reshape(w.shape)
        share = 1.0
        while (after := loss(w - share * step)) > least and share > 1e-6:
            share /= 2
        w, least = w - share * step, min(after, least)
    return w
