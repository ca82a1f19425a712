"""The experiments behind *Building blocks*: a convolution cell by cell, a block, signals in depth.

Law: plain values in, a frozen record out, fast enough for a slider. Numbers come from `arithmetic` or from a real torch
module; only torch and torchvision are needed. What can be shown without torch imports it in no module at the top.
"""
