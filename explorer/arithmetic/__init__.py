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
from explorer.arithmetic.cost import macs_of, parameters_of
from explorer.arithmetic.receptive import field_of_input, rf_linear, rf_pad, rf_union, rf_window
from explorer.arithmetic.sizes import output_size, same_padding, size_of
from explorer.arithmetic.working import working

__all__ = [
    "bottleneck",
    "break_even",
    "conv_cost",
    "factorised",
    "field_of_input",
    "grid_reductions",
    "inception_module",
    "macs_of",
    "module_widths",
    "output_size",
    "parameters_of",
    "rf_linear",
    "rf_pad",
    "rf_union",
    "rf_window",
    "same_padding",
    "size_of",
    "weights_of",
    "working",
]
