"""Inspect one model: stages, layers, receptive fields, units, mistakes, explanations.

Law: a `Model` and an image (or a data set) in, a record of numbers and arrays out; no PNG, no page, no cache. Records
are in `records/inspected.py`, images of them are drawn in `figures`. Every number here has a test that computes it
another way. To add an inspection, add a file with one function and a test in `tests/inspection`.
"""

from explorer.inspection.ablation import accuracy, evaluation_dataset, probabilities, sweep_pair
from explorer.inspection.augmenting import SIDE, answers, augment, augmented_sheet, drawn_numbers, square, swept
from explorer.inspection.code import code_of
from explorer.inspection.colours import colours_of_dataset, colours_of_image, shift, shifted
from explorer.inspection.depth import active_fraction, depth_summary
from explorer.inspection.digits import forward_pass
from explorer.inspection.evaluation import evaluate
from explorer.inspection.explanation import (
    agreement,
    attributed_layer,
    concentration,
    curves,
    explain,
    grad_cam_grids,
    map_summary,
    ninths,
    operation_behind,
    relu_count,
)
from explorer.inspection.fields import effective_receptive_field, projective_field, share_within
from explorer.inspection.filters import first_filters
from explorer.inspection.kernels import depthwise_kernels, rank_curve, wide_layers
from explorer.inspection.layers import (
    KEPT_MEGABYTES,
    MOST_MEGABYTES,
    grid_layers,
    layers_to_keep,
    megabytes,
    stage_ends,
)
from explorer.inspection.mirroring import mirrored_set
from explorer.inspection.normalising import batch_accuracy, normalized_batch, two_modes
from explorer.inspection.painting import first_and_mean_maps, mean_maps
from explorer.inspection.pointwise import branch_maps, pointwise_layer
from explorer.inspection.preactivations import activation_layers, pre_activations, through
from explorer.inspection.sheet import layer_sheet
from explorer.inspection.shifting import shifted_answers
from explorer.inspection.top_patches import living_channels, patch_windows, top_patches

__all__ = [
    "KEPT_MEGABYTES",
    "MOST_MEGABYTES",
    "SIDE",
    "accuracy",
    "activation_layers",
    "active_fraction",
    "agreement",
    "answers",
    "attributed_layer",
    "augment",
    "augmented_sheet",
    "batch_accuracy",
    "branch_maps",
    "code_of",
    "colours_of_dataset",
    "colours_of_image",
    "concentration",
    "curves",
    "depth_summary",
    "depthwise_kernels",
    "drawn_numbers",
    "effective_receptive_field",
    "evaluate",
    "evaluation_dataset",
    "explain",
    "first_and_mean_maps",
    "first_filters",
    "forward_pass",
    "grad_cam_grids",
    "grid_layers",
    "layer_sheet",
    "layers_to_keep",
    "living_channels",
    "map_summary",
    "mean_maps",
    "megabytes",
    "mirrored_set",
    "ninths",
    "normalized_batch",
    "operation_behind",
    "patch_windows",
    "pointwise_layer",
    "pre_activations",
    "probabilities",
    "projective_field",
    "rank_curve",
    "relu_count",
    "share_within",
    "shift",
    "shifted",
    "shifted_answers",
    "square",
    "stage_ends",
    "sweep_pair",
    "swept",
    "through",
    "top_patches",
    "two_modes",
    "wide_layers",
]
