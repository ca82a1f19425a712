"""Methods that attribute the difference between the logit of the image and that of a baseline.

The baseline is zero after normalisation: the mean colour of the training set where pixels are standardised. The
attributions should sum to the difference; the error is the convergence delta.
"""

from __future__ import annotations

import torch
from captum.attr import DeepLift, IntegratedGradients
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared, batch
from explorer.attributions.rescaling import rescaled
from explorer.records import Control


def integrated_gradients(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """(x - x0) times the mean gradient on the straight line from x0 to x (Gauss-Legendre, `steps` points)."""
    method = IntegratedGradients(network.module)
    steps = int(options["steps"])
    attributions, delta = method.attribute(
        x,
        torch.zeros_like(x),
        target,
        n_steps=steps,
        internal_batch_size=min(steps, batch(network, x)),
        return_convergence_delta=True,
    )
    return MethodOutput(attributions, float(delta))


def deeplift(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """The rescale rule: the slope of every non-linearity is change of output over change of input.

    Captum has it for ReLU and its like; `rescaling` has it for max pooling, products of two volumes (squeeze and
    excitation), SiLU, Hardswish, ReLU6 and local response normalisation.
    """
    with rescaled(network.module):
        attributions, delta = DeepLift(network.module).attribute(
            x, torch.zeros_like(x), target, return_convergence_delta=True
        )
    return MethodOutput(attributions, float(delta))


SPECS = (
    MethodSpec(
        "integrated-gradients",
        "Sundararajan et al.",
        2017,
        "1703.01365",
        signed=True,
        controls=(Control("steps", 32, (2, 16, 32, 64, 128, 256)),),
        run=integrated_gradients,
    ),
    MethodSpec("deeplift", "Shrikumar et al.", 2017, "1704.02685", signed=True, run=deeplift),
)
