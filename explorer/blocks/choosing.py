"""From what is chosen on the page to a convolution: a named state, its sizes changed, its numbers replaced."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.arithmetic.cost import filter_weights
from explorer.arithmetic.taps import ONE, Axis
from explorer.blocks.convolving import axes, misfit, padding_of
from explorer.blocks.kernels import KERNELS
from explorer.blocks.setups import SETUPS, Setup, filters_of, fitted, patterned
from explorer.records import Formula
from explorer.records.convolving import Convolution, Grid, Grids, Misfit, Padding

GIVEN = "given"
"""Of an input or a kernel: the one of the named state."""


LARGEST = 9_999
"""No number of one's own is beyond it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """All that is chosen of a convolution; pairs are (rows, columns).

    `fill` is a pattern of the input, `kernel` the code of a kernel with a name, or `GIVEN`. `x` (a grid for each
    channel), `w` (one for each filter and channel) and `bias` are numbers of one's own, empty where there are none.
    """

    case: str
    size: tuple[int, int]
    window: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    mode: Padding = "valid"
    padding: tuple[int, int] = (0, 0)
    odd_at_end: bool = True
    channels: int = 1
    filters: int = 1
    groups: int = 1
    flipped: bool = False
    line: bool = False
    fill: str = GIVEN
    kernel: str = GIVEN
    x: Grids = ()
    w: Grids = ()
    bias: tuple[float, ...] = ()


def usual_window(case: str, kernel: str, *, line: bool) -> tuple[int, int]:
    """Rows and columns of a named state's kernel, or of a kernel with a name."""
    grid = SETUPS[case].kernels[0][0] if kernel == GIVEN else KERNELS[kernel]
    rows, columns = len(grid), len(grid[0])
    return (1 if line else columns if SETUPS[case].line and rows == 1 else rows), columns


def usual_size(case: str, *, line: bool) -> tuple[int, int]:
    """Rows and columns of a named state's input; a signal becomes a square image where there are to be two axes."""
    setup = SETUPS[case]
    columns = len(setup.inputs[0][0])
    return (1 if line else columns if setup.line else len(setup.inputs[0])), columns


def usual_bias(case: str, filters: int) -> tuple[float, ...]:
    """The bias of a named state, 0 for each filter that it does not have."""
    known = SETUPS[case].bias
    return (known + (0.0,) * filters)[:filters]


def misfit_of(chosen: Chosen) -> Misfit | None:
    """Why this cannot be, and the nearest that can; None where it can."""
    return misfit(_axes(chosen), chosen.channels, chosen.filters, chosen.groups)


def convolution_of(chosen: Chosen) -> Convolution:
    """The convolution that is chosen, with all its numbers; `misfit_of` it must be None."""
    setup, reads = SETUPS[chosen.case], chosen.channels // chosen.groups
    rows, columns = _axes(chosen)
    return Convolution(
        inputs=_inputs(chosen, setup),
        kernels=_kernels(chosen, setup, reads),
        bias=(chosen.bias + (0.0,) * chosen.filters)[: chosen.filters] if any(chosen.bias) else (),
        stride=(rows.s, columns.s),
        dilation=(rows.d, columns.d),
        before=(rows.before, columns.before),
        after=(rows.after, columns.after),
        groups=chosen.groups,
        flipped=chosen.flipped,
        line=chosen.line,
    )


def _axes(chosen: Chosen) -> tuple[Axis, Axis]:
    rows, columns = (_axis(chosen, i) for i in (0, 1))
    return (ONE if chosen.line else rows), columns


def _axis(chosen: Chosen, i: int) -> Axis:
    n, f, s, d = chosen.size[i], chosen.window[i], chosen.stride[i], chosen.dilation[i]
    before, after = padding_of(n, f, s, d, chosen.mode, chosen.padding[i], odd_at_end=chosen.odd_at_end)
    return Axis(n, f, s=s, before=before, after=after, d=d)


def _inputs(chosen: Chosen, setup: Setup) -> Grids:
    rows, columns = 1 if chosen.line else chosen.size[0], chosen.size[1]
    if chosen.x or chosen.fill == GIVEN:
        return fitted(chosen.x or setup.inputs, chosen.channels, rows, columns)
    return patterned(chosen.fill, chosen.channels, rows, columns)


def _kernels(chosen: Chosen, setup: Setup, reads: int) -> tuple[Grids, ...]:
    rows, columns = 1 if chosen.line else chosen.window[0], chosen.window[1]
    if chosen.w:
        own = fitted(chosen.w, chosen.filters * reads, rows, columns)
        return tuple(own[k * reads : (k + 1) * reads] for k in range(chosen.filters))
    given = setup.kernels if chosen.kernel == GIVEN else ((KERNELS[chosen.kernel],),)
    return filters_of(given, chosen.filters, reads, rows, columns)


def replaced(grids: Grids, index: int, rows: Grid, most: int) -> Grids:
    """Grids of which one has new numbers; of another size, at most `most` x `most`, all of them have that."""
    high, wide = min(len(rows), most), min(len(rows[0]), most)
    new = tuple(tuple(max(-LARGEST, min(LARGEST, value)) for value in row[:wide]) for row in rows[:high])
    others = fitted(grids, len(grids), high, wide)
    return (*others[:index], new, *others[index + 1 :])


# --- what it costs ----------------------------------------------------------------------------------------------------


def parameters(given: Convolution) -> Formula:
    """Weights and biases of a convolution, a bias for each filter."""
    weights, symbols, numbers = _weights(given)
    n = len(given.kernels)
    return Formula(weights + n, f"{symbols} + n_C′", f"{numbers} + {n}")


def macs(given: Convolution) -> Formula:
    """Multiply-adds: every weight once for every output cell; biases are not counted."""
    weights, symbols, numbers = _weights(given)
    rows, columns = (axis.out for axis in axes(given))
    if given.line:
        return Formula(weights * columns, f"n′·{symbols}", f"{columns}·{numbers}")
    return Formula(weights * rows * columns, f"n_H′·n_W′·{symbols}", f"{rows}·{columns}·{numbers}")


def _weights(given: Convolution) -> tuple[int, str, str]:
    window = given.window[1:] if given.line else given.window
    return filter_weights(window, len(given.inputs), len(given.kernels), given.groups)
