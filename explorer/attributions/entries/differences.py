"""Methods that share out a difference: the logit of the image minus that of an image that shows nothing.

That image is zero everywhere after scaling: the mean colour of the training set where pixels are standardised. What
is shared out should add up to the difference; by how much it does not is the delta.
"""

from __future__ import annotations

import torch
from captum.attr import DeepLift, IntegratedGradients
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared, batch
from explorer.records import Control


def integrated_gradients(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """(x - x0) times the mean gradient on the straight line from x0 to x (Gauss-Legendre, `steps` points)."""
    method = IntegratedGradients(network.module)
    steps = int(options["steps"])
    shares, delta = method.attribute(
        x,
        torch.zeros_like(x),
        target,
        n_steps=steps,
        internal_batch_size=min(steps, batch(network, x)),
        return_convergence_delta=True,
    )
    return MethodOutput(shares, float(delta))


def deeplift(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """The rescale rule: behind every non-linearity the slope is change of output over change of input.

    Where a network multiplies two volumes (squeeze and excitation) or bends in a way captum has no rule for (SiLU,
    Hardswish), the gradient stands in and the delta grows.
    """
    shares, delta = DeepLift(network.module).attribute(x, torch.zeros_like(x), target, return_convergence_delta=True)
    return MethodOutput(shares, float(delta))


SPECS = (
    MethodSpec(
        "integrated-gradients",
        integrated_gradients,
        "Sundararajan et al.",
        2017,
        "1703.01365",
        signed=True,
        controls=(Control("steps", 32, (2, 16, 32, 64, 128, 256)),),
    ),
    MethodSpec("deeplift", deeplift, "Shrikumar et al.", 2017, "1704.02685", signed=True),
)
