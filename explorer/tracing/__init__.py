"""Trace the forward pass of a network: shapes, costs, receptive fields, feature maps.

Law: torch and torchvision only. `trace_shapes` runs a network on the meta device (shapes without values) and returns
a `ShapeTrace`; `outline` folds it into stages and blocks. `capture` runs it on an image and keeps the output of each
operation; `effective_receptive_fields` and `pixel_influence` measure which pixels a unit depends on and which units a
pixel affects. To support another operation, add a line to `operations.py`.
"""

from explorer.tracing.building import build_on_meta
from explorer.tracing.capturing import capture, layers_of
from explorer.tracing.fields import cell_at, effective_receptive_fields, pixel_influence, projective_window
from explorer.tracing.first_layer import first_layer_maps
from explorer.tracing.outline import block_graph, longest_route, outline
from explorer.tracing.places import PLACES, parameters_by_place
from explorer.tracing.recorder import OperationFailed, trace_module
from explorer.tracing.shapes import trace_shapes
from explorer.tracing.smallest import sizes_at, smallest_side
from explorer.tracing.telling import TellingBlock, telling_block

__all__ = [
    "PLACES",
    "OperationFailed",
    "TellingBlock",
    "block_graph",
    "build_on_meta",
    "capture",
    "cell_at",
    "effective_receptive_fields",
    "first_layer_maps",
    "layers_of",
    "longest_route",
    "outline",
    "parameters_by_place",
    "pixel_influence",
    "projective_window",
    "sizes_at",
    "smallest_side",
    "telling_block",
    "trace_module",
    "trace_shapes",
]
