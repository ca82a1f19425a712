"""Small models and images; and module outputs, recorded by PyTorch's own hooks instead of our tracer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.images import load
from explorer.models import Model, random_model, shipped_model
from explorer.records import LayerRecord
from explorer.tracing import layers_of
from explorer.weights import shipped

ENDS = {"stem": "relu", "32x32": "layer1", "16x16": "layer2", "8x8": "layer3", "head": "fc"}
"""The modules of a CIFAR ResNet whose outputs are the ends of its stages."""


@cache
def resnet() -> Model:
    """ResNet-20, trained on CIFAR-10."""
    return shipped_model("cifar-short-cifar-resnet20-seed0")


@cache
def lenet() -> Model:
    """LeNet-5, trained on MNIST."""
    return shipped_model(shipped()["lenet5"].removeprefix("recorded:"))


@cache
def untrained() -> Model:
    """LeNet-5 with random weights: it makes many mistakes."""
    return random_model("lenet5")


@cache
def operations(model: Model) -> tuple[LayerRecord, ...]:
    """All operations of a model."""
    return layers_of(model.instance)


def outputs(model: Model, x: Tensor, modules: Sequence[str]) -> dict[str, Tensor]:
    """Outputs of modules for an input (1, C, H, W), without the batch axis; differentiable with respect to `x`."""
    net, found = model.instantiate(), {}
    for name in modules:
        net.get_submodule(name).register_forward_hook(lambda m, i, o, name=name: found.__setitem__(name, o[0]))
    net(x)
    return found


def ends_of(model: Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """The output of every stage of a CIFAR ResNet, by the stage's name."""
    with torch.no_grad():
        kept = outputs(model, model.preprocess(image), list(ENDS.values()))
    return {stage: kept[module].numpy() for stage, module in ENDS.items()}


@pytest.fixture(scope="session")
def cat() -> np.ndarray:
    """The first bundled photograph, uint8 (H, W, 3)."""
    return load("cat")


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    """A square of noise, uint8 (32, 32, 3)."""
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
