"""What is chosen where a fully connected layer stands beside a convolution."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.blocks.shifting import MOST
from explorer.fields import Field, choice, number
from explorer.records.sharing import WIRINGS
from explorer.ui.widgets.image import ImageFields

MOST_CELLS = {"line": 10, "plane": 5}
"""The longest side of the small input that is drawn as a matrix: ten cells, or five times five."""


@dataclass(frozen=True, slots=True)
class DenseFields:
    """The layer that is counted (n x n x c to c_out channels by f, s, p); a small one drawn as a matrix; a scene that
    moves, and the weights drawn for it; the side of a kernel with or without a middle.
    """

    n: Field[int] = number("wiring-n", 1, 512, 32, label="convolution.wiring.n")
    c: Field[int] = number("wiring-c", 1, 2048, 3, label="convolution.wiring.c")
    f: Field[int] = number("wiring-f", 1, 15, 5, label="convolution.wiring.f")
    s: Field[int] = number("wiring-s", 1, 8, 1, label="convolution.wiring.s")
    p: Field[int] = number("wiring-p", 0, 7, 0, label="convolution.wiring.p")
    c_out: Field[int] = number("wiring-cout", 1, 2048, 6, label="convolution.wiring.c_out")
    wiring: Field[str] = choice(
        "matrix", WIRINGS[::-1], label="convolution.wiring.which", named="convolution.wiring.name"
    )
    shape: Field[str] = choice(
        "matrix-of", tuple(MOST_CELLS), label="convolution.wiring.shape", named="convolution.wiring.shapes"
    )
    side: Field[int] = number("matrix-n", 1, 10, 7, label="convolution.wiring.side")
    window: Field[int] = number("matrix-f", 1, 5, 3, label="convolution.wiring.window")
    step: Field[int] = number("matrix-s", 1, 3, 1, label="convolution.wiring.s")
    image: ImageFields = field(default_factory=ImageFields)
    shift: Field[int] = number("shift", 1, MOST, 1, label="convolution.shift.by")
    seed: Field[int] = number("shift-seed", 0, 999, 0, label="convolution.shift.seed")
    even: Field[int] = number("same-f", 1, 8, 4, label="convolution.even.f")


FIELDS = DenseFields()
