"""The gradient with a modified backward pass at every ReLU: negative gradients are set to zero."""

from __future__ import annotations

from captum.attr import Deconvolution, GuidedBackprop
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared


def guided_backprop(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """ReLU backward: keep positive gradients where the forward input was positive."""
    return MethodOutput(GuidedBackprop(network.module).attribute(x, target))


def deconvolution(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """ReLU backward: keep positive gradients, whatever the forward input."""
    return MethodOutput(Deconvolution(network.module).attribute(x, target))


SPECS = (
    MethodSpec("guided-backprop", "Springenberg et al.", 2015, "1412.6806", signed=True, run=guided_backprop),
    MethodSpec("deconvolution", "Zeiler & Fergus", 2014, "1311.2901", signed=True, run=deconvolution),
)
