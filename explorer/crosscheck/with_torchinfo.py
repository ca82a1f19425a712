"""torchinfo's own summary of a network, and the bridge from its multiply-adds to ours."""

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
        """What is left of the difference when conventions are reconciled; 0 when both counters saw the same."""
        return self.mult_adds - self.traced_macs - self.biases - self.norms


def torchinfo_check(instance: NetworkInstance, trace: ShapeTrace) -> CrossCheck:
    """Run `torchinfo.summary` on the network of a trace, on the meta device, and lay it beside the trace."""
    network = build_on_meta(instance)
    network.register_forward_pre_hook(_let_heads_run)
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
        biases=sum(map(_bias_work, trace.layers)),
        norms=sum(layer.parameters for layer in trace.layers if layer.kind == "norm"),
    )


def _let_heads_run(network: nn.Module, _: object) -> None:
    """torchinfo puts all modules in eval mode; the root's own flag lets auxiliary heads run, as in a trace."""
    network.training = True


def _bias_work(layer: LayerRecord) -> int:
    """Multiply-adds torchinfo counts for a bias: once at each output position."""
    if layer.kind not in WEIGHTED or not layer.bias:
        return 0
    return prod(layer.out_shape)
