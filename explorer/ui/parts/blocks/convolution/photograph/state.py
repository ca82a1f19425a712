"""What is chosen where a kernel slides over a photograph."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.blocks.kernels import KERNELS
from explorer.fields import Field, cell, choice, flag, matrix, number, one_of
from explorer.records.convolving import Grids
from explorer.ui.widgets.image import ImageFields

OWN = "own"
LARGEST = 11
"""Rows and columns of a kernel of one's own."""


@dataclass(frozen=True, slots=True)
class PhotographFields:
    """An image; a kernel that has a name, or one of one's own; how it slides and over what; how values are coloured.

    `at` is the output, (row, column), whose numbers are shown.
    """

    image: ImageFields = field(default_factory=ImageFields)
    kernel: Field[str] = one_of("filter", (*KERNELS, OWN), "sobel-vertical", label="convolution.photo.filter")
    own: Field[Grids] = matrix("filter-own", LARGEST, LARGEST, label="convolution.photo.own_kernel")
    over: Field[str] = choice(
        "filter-over", ("grey", "each", "sum"), label="convolution.photo.colours", named="convolution.over"
    )
    magnitude: Field[bool] = flag("filter-magnitude", label="convolution.photo.magnitude")
    stride: Field[int] = number("filter-s", 1, 8, 1, label="convolution.photo.stride")
    padding: Field[int] = number("filter-p", 0, 20, 0, label="convolution.photo.padding")
    dilation: Field[int] = number("filter-d", 1, 16, 1, label="convolution.photo.dilation")
    everything: Field[bool] = flag("filter-range", label="convolution.photo.everything")
    at: Field[tuple[int, int]] = cell("filter-at", label="convolution.photo.at")


FIELDS = PhotographFields()
