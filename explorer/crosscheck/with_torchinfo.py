"""torchinfo's summary of a network, and the difference between its multiply-adds and ours."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
import torchinfo
from torch import nn

from explorer.records import WEIGHTED, LayerRecord, NetworkInstance, ShapeTrace
from explorer.tracing import build_on_meta


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """torchinfo's totals beside the trace's. Its multiply-adds are ours + `biases` + `norms` + `unexplained`."""

    text: str
    parameters: int
    mult_adds: int
    traced_parameters: int
    traced_macs: int
    biases: int
    norms: int

    @property
    def unexplained(self) -> int:
        """The difference that remains after the conventions are reconciled; 0 when both counters agree."""
        return self.mult_adds - self.traced_macs - self.biases - self.norms


def torchinfo_check(instance: NetworkInstance, trace: ShapeTrace) -> CrossCheck:
    """Run `torchinfo.summary` on the network of a trace, on the meta device, and compare the totals."""
    network = build_on_meta(instance)
    network.register_forward_pre_hook(_enable_heads)
    result = torchinfo.summary(
        network,
        input_data=torch.empty(1, *trace.input_shape, device="meta"),
        col_names=("input_size", "output_size", "num_params", "mult_adds"),
        depth=3,
        verbose=0,
        device="meta",
        mode="eval",
    )
    return CrossCheck(
        text=str(result),
        parameters=result.total_params,
        mult_adds=result.total_mult_adds,
        traced_parameters=trace.parameters,
        traced_macs=trace.macs,
        biases=sum(map(_bias_macs, trace.layers)),
        norms=sum(layer.parameters for layer in trace.layers if layer.kind == "norm"),
    )


def _enable_heads(network: nn.Module, _: object) -> None:
    """torchinfo puts all modules in eval mode; the root's `training` flag makes auxiliary heads run, as in a trace."""
    network.training = True


def _bias_macs(layer: LayerRecord) -> int:
    """Multiply-adds torchinfo counts for a bias: once at each output position."""
    if layer.kind not in WEIGHTED or not layer.bias:
        return 0
    return prod(layer.out_shape)
