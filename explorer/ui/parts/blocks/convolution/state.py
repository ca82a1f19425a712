"""What is chosen on the page *Convolution*."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.blocks.setups import PATTERNS, SETUPS
from explorer.fields import Field, Grid, choice, flag, matrix, number, slug
from explorer.images import PHOTOGRAPHS
from explorer.ui.parts.blocks.convolution.dense import state as dense
from explorer.ui.parts.blocks.convolution.dense.state import DenseFields
from explorer.ui.parts.blocks.convolution.field import state as fields
from explorer.ui.parts.blocks.convolution.field.state import FieldFields
from explorer.ui.parts.blocks.convolution.photograph import state as photograph
from explorer.ui.parts.blocks.convolution.photograph.state import PhotographFields

VIEWS = ("cells", "photograph", "transposed", "field", "dense", "shift", "odd")
MOST_CELLS, MOST_WINDOW, MOST_CHANNELS, MOST_FILTERS = 16, 7, 3, 4

Grids = tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class CellsFields:
    """A convolution cell by cell: a named state, and whatever is changed of it.

    Every field but the first has its default from the named state. `alike`: rows and columns have the same kernel,
    stride, dilation and padding, those of the columns. `fill` and `kernel` say where numbers come from, `x`, `w` and
    `bias` are numbers of one's own, `at` is the cell that is chosen, `steps` how long a kernel is learned.
    """

    case: Field[str] = choice("case", tuple(SETUPS), named="convolution.case", label="convolution.setup")
    operation: Field[str] = choice(
        "op", ("correlation", "convolution"), named="convolution.op", label="convolution.does"
    )
    mode: Field[str] = choice(
        "pad", ("valid", "same", "full", "any"), named="convolution.mode", label="convolution.pad"
    )
    odd: Field[str] = choice("odd", ("end", "start"), named="convolution.odd", label="convolution.odd_zero")
    line: Field[bool] = flag("line", label="convolution.line")
    alike: Field[bool] = flag("alike", True, label="convolution.alike")
    rows: Field[int] = number("rows", 1, MOST_CELLS, 6, label="convolution.rows")
    columns: Field[int] = number("columns", 1, MOST_CELLS, 6, label="convolution.columns")
    channels: Field[int] = number("channels", 1, MOST_CHANNELS, 1, label="convolution.channels")
    filters: Field[int] = number("filters", 1, MOST_FILTERS, 1, label="convolution.filters")
    groups: Field[int] = number("groups", 1, MOST_CHANNELS, 1, label="convolution.groups")
    f_h: Field[int] = number("fh", 1, MOST_WINDOW, 3, label="convolution.f_h")
    f_w: Field[int] = number("f", 1, MOST_WINDOW, 3, label="convolution.f_w")
    s_h: Field[int] = number("sh", 1, 4, 1, label="convolution.s_h")
    s_w: Field[int] = number("s", 1, 4, 1, label="convolution.s_w")
    d_h: Field[int] = number("dh", 1, 3, 1, label="convolution.d_h")
    d_w: Field[int] = number("d", 1, 3, 1, label="convolution.d_w")
    p_h: Field[int] = number("ph", 0, MOST_WINDOW, 0, label="convolution.p_h")
    p_w: Field[int] = number("p", 0, MOST_WINDOW, 0, label="convolution.p_w")
    fill: Field[str] = choice("fill", ("given", *PATTERNS), named="convolution.fill", label="convolution.numbers")
    kernel: Field[str] = slug("kernel", "given", label="convolution.kernel")
    x: Field[Grids] = matrix("x", MOST_CELLS, MOST_CELLS, MOST_CHANNELS, label="convolution.input")
    w: Field[Grids] = matrix("w", MOST_WINDOW, MOST_WINDOW, MOST_CHANNELS * MOST_FILTERS, label="convolution.kernel")
    bias: Field[Grids] = matrix("b", 1, MOST_FILTERS, label="convolution.bias")
    at: Field[str] = slug("at", label="convolution.chosen", longest=20)
    steps: Field[int] = number("steps", 0, 200, 40, step=5, label="convolution.steps")


@dataclass(frozen=True, slots=True)
class TransposedFields:
    """A transposed convolution in three ways, and below it what uneven overlaps do to a photograph.

    `x` and `w` are numbers of one's own, `at` is the cell that is chosen. `weights` are those that a photograph is
    enlarged by.
    """

    line: Field[bool] = flag("tline", label="convolution.line")
    n: Field[int] = number("tn", 1, 6, 2, label="convolution.t_n")
    f: Field[int] = number("tf", 1, 5, 3, label="convolution.t_f")
    s: Field[int] = number("ts", 1, 4, 2, label="convolution.t_s")
    p: Field[int] = number("tp", 0, 4, 1, label="convolution.t_p")
    extra: Field[int] = number("te", 0, 3, 0, label="convolution.t_extra")
    x: Field[Grids] = matrix("tx", 6, 6, label="convolution.input")
    w: Field[Grids] = matrix("tw", 5, 5, label="convolution.kernel")
    at: Field[str] = slug("tat", label="convolution.chosen", longest=20)
    photograph: Field[str] = slug("tphoto", PHOTOGRAPHS[0].slug, label="control.image")
    weights: Field[str] = choice(
        "tweights", ("ones", "bilinear"), named="convolution.weights", label="convolution.t_weights"
    )


@dataclass(frozen=True, slots=True)
class ConvolutionState:
    """Which view is open, and what is chosen in each."""

    view: Field[str] = choice("view", VIEWS, named="convolution.view", label="convolution.show")
    cells: CellsFields = field(default_factory=CellsFields)
    photograph: PhotographFields = photograph.FIELDS
    transposed: TransposedFields = field(default_factory=TransposedFields)
    field: FieldFields = fields.FIELDS
    dense: DenseFields = dense.FIELDS


STATE = ConvolutionState()
