"""The model of a task, loaded in the worker process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records import ModelMeta, Shape, ShapeTrace

if TYPE_CHECKING:
    from torch import nn

    from explorer.training import Normalizer


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A network with weights that only this task uses: in evaluation mode, without gradients."""

    meta: ModelMeta
    net: nn.Module
    scale: Normalizer

    @property
    def input_shape(self) -> Shape:
        """(C, H, W)."""
        return self.meta.instance.input_shape

    def trace(self) -> ShapeTrace:
        """Trace of a forward pass."""
        from explorer.tracing import trace_shapes

        return trace_shapes(self.meta.instance)


def warm_up() -> None:
    """Import what every task needs, which takes seconds."""
    import torch

    import explorer.units  # noqa: F401

    torch.set_num_threads(1)  # pages and other tasks run at the same time


def load_model(meta_json: str, weights: bytes) -> LoadedModel:
    """The model that a `ModelMeta` written as JSON describes, with weights from safetensors bytes.

    Raises `ExplorerError`.
    """
    from safetensors.torch import load

    from explorer.tracing import build_on_meta
    from explorer.training import Normalizer

    meta = ModelMeta.from_json(meta_json)
    net = build_on_meta(meta.instance)
    net.load_state_dict(load(weights), assign=True)
    return LoadedModel(meta, net.eval().requires_grad_(False), Normalizer.of(meta.normalize))
