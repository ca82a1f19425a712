"""Squeeze-and-excitation: the gates of an image, how much they differ between images, and what they are worth.

Hu, Shen, Sun 2018 (arXiv:1709.01507): a gate is one number for each channel, from the averages of all channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from explorer import datasets
from explorer.images import PHOTOGRAPHS, load
from explorer.models import Model
from explorer.records.efficient import GatedAccuracy, GateLayer
from explorer.weights import recorded_run


def gates(model: Model, image: np.ndarray, others: Tensor) -> tuple[GateLayer, ...]:
    """Every module's gates for `image`, uint8 (H, W, 3), and over `others`, uint8 (N, C, h, w) of the network's size.

    Empty for a network without such modules.
    """
    here, there = _gates(model, model.preprocess(image)), _gates(model, model.scale(others))
    return tuple(
        GateLayer(name, values[0].numpy(), there[name].mean(0).numpy(), there[name].std(0).numpy())
        for name, values in here.items()
    )


def gated_accuracy(model: Model, dataset: str, most: int = 1_000) -> GatedAccuracy:
    """Accuracy with free gates, and with each channel's mean over the same images, another image's gate, and 1."""
    data = datasets.load(dataset)
    images, labels = data.test_images[:most], data.test_labels[:most]
    free = _gates(model, model.scale(images))
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    fixed = {
        "mean": {name: each.mean(0, keepdim=True) for name, each in free.items()},
        "shuffled": {name: each[order] for name, each in free.items()},
        "opened": {name: torch.ones_like(each[:1]) for name, each in free.items()},
    }
    found = {name: _accuracy(model, images, labels, given) for name, given in fixed.items()}
    return GatedAccuracy(len(images), _accuracy(model, images, labels, {}), **found)


def _excitations(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The modules whose output are gates, (B, C, 1, 1): the last activation of torchvision's SqueezeExcitation."""
    for name, module in network.named_modules():
        if type(module).__name__ == "SqueezeExcitation":
            yield name, module.scale_activation


@torch.inference_mode()
def _gates(model: Model, x: Tensor) -> dict[str, Tensor]:
    """The gates of a batch by the name of their module, (B, C)."""
    network, found = model.instantiate(), dict[str, Tensor]()
    for name, module in _excitations(network):
        module.register_forward_hook(lambda _, __, out, name=name: found.__setitem__(name, out.flatten(1)))
    network(x)
    return found


@contextmanager
def _fixed(network: nn.Module, given: dict[str, Tensor]) -> Iterator[None]:
    """The network with its gates replaced by `given`, (1 or B, C) each."""
    handles = [
        module.register_forward_hook(lambda _, __, out, name=name: given[name][..., None, None].expand_as(out))
        for name, module in _excitations(network)
        if name in given
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@torch.inference_mode()
def _accuracy(model: Model, images: Tensor, labels: Tensor, given: dict[str, Tensor]) -> float:
    """Share of right answers, in one batch, as gates of other images are given in their order."""
    network = model.instantiate()
    with _fixed(network, given):
        answers = network(model.scale(images)).argmax(1)
    return float((answers == labels).double().mean())


def other_images(model: Model) -> Tensor:
    """What gates are compared with, uint8 (N, C, h, w): 200 shapes where the network knows them, else photographs."""
    shapes = tuple(datasets.dataset("shapes").classes)
    return datasets.load("shapes").test_images[:200] if model.categories == shapes else _photographs(model)


def test_set(model_id: str) -> str:
    """The test set of a recorded model, where it is here: bundled, or among the user's own; "" where it is not."""
    if not model_id.startswith("recorded:"):
        return ""
    dataset = recorded_run(model_id.removeprefix("recorded:")).config.dataset
    return next((slug for slug in (dataset, f"own:{dataset}") if slug in datasets.present()), "")


def _photographs(model: Model) -> Tensor:
    cut = [model.resize_crop(load(photograph.slug)) for photograph in PHOTOGRAPHS]
    return torch.from_numpy(np.stack(cut).transpose(0, 3, 1, 2).copy())
