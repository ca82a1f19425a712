"""Grad-CAM: the maps of one layer, summed with the mean gradient of each as its weight."""

from __future__ import annotations

from captum.attr import GuidedBackprop, LayerAttribution, LayerGradCam
from torch import Tensor

from explorer.attributions.contract import MethodOutput, MethodSpec, Options
from explorer.attributions.preparing import Prepared
from explorer.errors import BadOption


def grad_cam(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """relu(sum of alpha_k A_k), alpha_k the mean of dy/dA_k over the grid, upsampled bilinearly. Raises `BadOption`."""
    stage = str(options.get("stage", ""))
    module = network.stage_outputs.get(stage, "") if stage else network.cam
    if not module:
        available = ", ".join(network.stage_outputs) or "none"
        raise BadOption(f"There is no map after {stage!r}; there is one after: {available}.")
    layer = network.module.get_submodule(module)
    coarse = LayerGradCam(network.module, layer).attribute(x, target, relu_attributions=True)  # (1, 1, h, w)
    if coarse.ndim != 4:
        raise BadOption(f"What {stage!r} returns has no rows and columns: Grad-CAM needs a map.")
    fine = LayerAttribution.interpolate(coarse, tuple(x.shape[2:]), interpolate_mode="bilinear")
    return MethodOutput(fine, layer=stage or network.cam_stage, grid=(coarse.shape[2], coarse.shape[3]))


def guided_grad_cam(network: Prepared, x: Tensor, target: int, options: Options) -> MethodOutput:
    """Guided backpropagation times Grad-CAM. Raises `BadOption`."""
    cam = grad_cam(network, x, target, options)
    return MethodOutput(GuidedBackprop(network.module).attribute(x, target) * cam.map, layer=cam.layer, grid=cam.grid)


SPECS = (
    MethodSpec("grad-cam", "Selvaraju et al.", 2017, "1610.02391", signed=False, run=grad_cam),
    MethodSpec("guided-grad-cam", "Selvaraju et al.", 2017, "1610.02391", signed=True, run=guided_grad_cam),
)
