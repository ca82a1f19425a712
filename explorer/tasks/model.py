"""The network that a task looks into, on its way to another process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records import OptionValue, Shape, ShapeTrace

if TYPE_CHECKING:
    from torch import nn

    from explorer.training.evaluating import Scale


@dataclass(frozen=True, slots=True)
class ModelHeader:
    """All that is to know of a network but its weights.

    `shape` (C, H, W) is its input; `mean` and `std` scale its pixels, (x - mean) / std for each channel of 0 to 255.
    """

    network: str
    options: tuple[tuple[str, OptionValue], ...]
    classes: int
    shape: Shape
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network with weights, of the task's own: in evaluation mode, asking for no gradients of them."""

    header: ModelHeader
    net: nn.Module
    scale: Scale

    def trace(self) -> ShapeTrace:
        """What happens in a forward pass."""
        from explorer.networks import network
        from explorer.tracing import trace_shapes

        _, height, width = self.header.shape
        header = self.header
        return trace_shapes(network(header.network), (height, width), header.classes, dict(header.options))


def warm_up() -> None:
    """Load what every task needs: seconds in which a process does nothing else."""
    import torch

    import explorer.units  # noqa: F401

    torch.set_num_threads(1)  # beside a page, and beside each other


def load_model(header_json: str, weights: bytes) -> Model:
    """The model of a header written as JSON, with weights from safetensors bytes. Raises `ExplorerError`."""
    import torch
    from safetensors.torch import load

    from explorer.networks import network
    from explorer.tracing import build_on_meta
    from explorer.training.evaluating import Scale

    header = _header(header_json)
    net = build_on_meta(network(header.network), header.classes, dict(header.options))
    net.load_state_dict(load(weights), assign=True)
    mean, std = (torch.tensor(values)[:, None, None] for values in (header.mean, header.std))
    return Model(header, net.eval().requires_grad_(False), Scale(mean, std))


def _header(text: str) -> ModelHeader:
    values = json.loads(text)
    lists = {name: tuple(values[name]) for name in ("shape", "mean", "std")}
    return ModelHeader(**values | lists | {"options": tuple((name, value) for name, value in values["options"])})
