"""Pure formulas: output size, parameters, multiply-adds, receptive field; each with its numbers put in.

Law: standard library and `explorer.records` only. No modules, no tensors: integers in, `Formula` or record out. The
trace in `explorer.tracing` counts by itself; tests hold it equal to what stands here, for every layer of every network.
"""

from explorer.arithmetic.cost import macs_of, parameters_of
from explorer.arithmetic.receptive import field_of_input, full, shifted, slid, united
from explorer.arithmetic.sizes import output_size, size_of
from explorer.arithmetic.working import working

__all__ = [
    "field_of_input",
    "full",
    "macs_of",
    "output_size",
    "parameters_of",
    "shifted",
    "size_of",
    "slid",
    "united",
    "working",
]
