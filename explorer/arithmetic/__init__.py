"""Formulas of output size, parameters, multiply-adds and receptive field, in symbols and with numbers substituted.

Law: standard library and `explorer.records` only. No modules, no tensors: integers in, `Formula` or record out. The
trace in `explorer.tracing` counts independently; tests compare both for every layer of every network.
"""

from explorer.arithmetic.branches import (
    bottleneck,
    break_even,
    conv_cost,
    factorised,
    grid_reductions,
    inception_module,
    module_widths,
    weights_of,
)
from explorer.arithmetic.compound import counted, depth_on_surface, multiplied_cost
from explorer.arithmetic.cost import macs_of, parameters_of
from explorer.arithmetic.dense import dense_block, dense_network, transition
from explorer.arithmetic.receptive import (
    field_of_input,
    rf_linear,
    rf_pad,
    rf_steps,
    rf_union,
    rf_window,
    transposed_steps,
)
from explorer.arithmetic.separable import cost_ratio, depthwise, full, inverted, pointwise, separable
from explorer.arithmetic.sizes import output_size, resampled_size, same_padding, size_of
from explorer.arithmetic.working import working

__all__ = [
    "bottleneck",
    "break_even",
    "conv_cost",
    "cost_ratio",
    "counted",
    "dense_block",
    "dense_network",
    "depth_on_surface",
    "depthwise",
    "factorised",
    "field_of_input",
    "full",
    "grid_reductions",
    "inception_module",
    "inverted",
    "macs_of",
    "module_widths",
    "multiplied_cost",
    "output_size",
    "parameters_of",
    "pointwise",
    "resampled_size",
    "rf_linear",
    "rf_pad",
    "rf_steps",
    "rf_union",
    "rf_window",
    "same_padding",
    "separable",
    "size_of",
    "transition",
    "transposed_steps",
    "weights_of",
    "working",
]
