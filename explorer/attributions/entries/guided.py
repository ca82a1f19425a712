"""The gradient with another rule at every ReLU: what is negative on its way back is dropped."""

from __future__ import annotations

from captum.attr import Deconvolution, GuidedBackprop
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared


def guided_backprop(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """Back through a ReLU passes what is positive, where its input was positive as well."""
    return MethodOutput(GuidedBackprop(network.module).attribute(x, target))


def deconvolution(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """Back through a ReLU passes what is positive, whatever its input was."""
    return MethodOutput(Deconvolution(network.module).attribute(x, target))


SPECS = (
    MethodSpec("guided-backprop", guided_backprop, "Springenberg et al.", 2015, "1412.6806", signed=True),
    MethodSpec("deconvolution", deconvolution, "Zeiler & Fergus", 2014, "1311.2901", signed=True),
)
