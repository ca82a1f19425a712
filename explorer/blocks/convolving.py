"""A convolution cell by cell: its output, the view of its links, what cannot be, and PyTorch that gives the same.

Plain Python; whole numbers stay whole. Tests hold it equal to `torch.nn.functional.conv1d` and `conv2d` and to SciPy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd

from explorer.arithmetic.sizes import output_size, same_padding
from explorer.arithmetic.taps import Axis, channel_pairs, outcome, window_taps
from explorer.blocks.kernels import turned
from explorer.records import Formula, LinkedStep, LinkedView, Plane
from explorer.records.convolving import Convolution, Grid, Grids, Misfit, Padding

Words = Mapping[str, str]


def padding_of(
    n: int, f: int, s: int, d: int, mode: Padding, p: int = 0, *, odd_at_end: bool = True
) -> tuple[int, int]:
    """Zeros before and after an axis: none, `p` at both ends, "same" (ceil(n / s) outputs), or every overlap ("full").

    An even kernel leaves "same" an odd number of zeros: PyTorch and TensorFlow put the odd one at the end, SciPy's
    `convolve` at the start.
    """
    span = d * (f - 1) + 1
    if mode == "same":
        total = same_padding(n, span, s).value
        less, more = total // 2, total - total // 2
        return (less, more) if odd_at_end else (more, less)
    both = {"valid": 0, "full": span - 1, "any": p}[mode]
    return both, both


def axes(given: Convolution) -> tuple[Axis, Axis]:
    """The window along the rows and along the columns."""
    rows, columns = (
        Axis(
            given.size[i],
            given.window[i],
            s=given.stride[i],
            before=given.before[i],
            after=given.after[i],
            d=given.dilation[i],
        )
        for i in (0, 1)
    )
    return rows, columns


def sizes(given: Convolution) -> tuple[Formula, Formula]:
    """The formulas of n_H' and n_W' with the numbers of this convolution."""
    rows, columns = (
        output_size(each.n, each.f, s=each.s, p=each.before, d=each.d, end=each.after) for each in axes(given)
    )
    return rows, columns


# --- what cannot be ---------------------------------------------------------------------------------------------------


def misfit(axes: Sequence[Axis], channels: int, filters: int, groups: int) -> Misfit | None:
    """Why a convolution cannot be, and the nearest one that can; None where it can."""
    common = gcd(channels, filters)
    if common % groups:
        fits = [g for g in range(1, common + 1) if common % g == 0]
        nearest = min(fits, key=lambda g: (abs(g - groups), g))
        numbers = (("groups", groups), ("channels", channels), ("filters", filters))
        return Misfit("groups", numbers, "groups", nearest)
    for name, axis in zip(("rows", "columns"), axes, strict=True):
        span = axis.d * (axis.f - 1) + 1
        if span > axis.padded:
            told = (("span", span), ("padded", axis.padded))
            closer = (axis.padded - 1) // (axis.f - 1)  # the largest dilation with which this kernel fits
            if axis.d > 1 and closer:
                return Misfit("window", told, "dilation", closer, name)
            return Misfit("window", told, "kernel", (axis.padded - 1) // axis.d + 1, name)
    return None


# --- cell by cell -----------------------------------------------------------------------------------------------------


def view_of(given: Convolution, words: Words) -> LinkedView:
    """The planes of a convolution and their links: walk over the outputs. `words` hold the titles of the planes:
    `input`, `kernel` and `output`, each followed by the number of its channel and filter where there are several.

    Inputs are `x0`, `x1`, ..., outputs `y0`, ...; the kernels `w0`, ... filter by filter, as they are slid: those of a
    true convolution are turned by 180 degrees.
    """
    rows, columns = axes(given)
    slid = [turned(grid) if given.flipped else grid for kernel in given.kernels for grid in kernel]
    step = LinkedStep(
        inputs=tuple(f"x{c}" for c in range(len(given.inputs))),
        weights=tuple(f"w{i}" for i in range(len(slid))),
        outputs=tuple(f"y{k}" for k in range(len(given.kernels))),
        pairs=channel_pairs(len(given.inputs), len(given.kernels), given.groups),
        taps=window_taps(rows, columns),
        bias=given.bias,
    )
    values = {f"x{c}": _padded(grid, rows, columns) for c, grid in enumerate(given.inputs)}
    values |= {f"w{i}": flat(grid) for i, grid in enumerate(slid)}
    values |= dict(zip(step.outputs, outcome(step, values, rows.out * columns.out), strict=True))
    sizes = {"x": (rows.padded, columns.padded), "w": given.window, "y": (rows.out, columns.out)}
    titles = _titles(step, words)
    planes = tuple(
        Plane(
            key=key,
            title=titles[key],
            rows=sizes[key[0]][0],
            columns=sizes[key[0]][1],
            values=plane,
            rim=(rows.before, rows.after, columns.before, columns.after) if key[0] == "x" else (0, 0, 0, 0),
            editable=key[0] != "y",
        )
        for key, plane in values.items()
    )
    return LinkedView(planes=planes, steps=(step,), walk=step.outputs)


def outputs(given: Convolution) -> Grids:
    """What a convolution gives, a grid for each filter."""
    view = view_of(given, dict.fromkeys(("input", "kernel", "output"), ""))
    return tuple(shaped(p.values, p.rows, p.columns) for p in view.planes if p.key in view.walk)


def _titles(step: LinkedStep, words: Words) -> dict[str, str]:
    """The titles of all planes, with numbers from 1 where there are several channels or filters."""
    channels, filters = len(step.inputs) > 1, len(step.outputs) > 1
    found = {key: _numbered(words["input"], c if channels else None) for c, key in enumerate(step.inputs)}
    found |= {key: _numbered(words["output"], k if filters else None) for k, key in enumerate(step.outputs)}
    for k, c, i in step.pairs:
        found[step.weights[i]] = _numbered(words["kernel"], k if filters else None, c if channels else None)
    return found


def _numbered(words: str, *numbers: int | None) -> str:
    told = "·".join(f"{number + 1}" for number in numbers if number is not None)
    return f"{words} {told}".strip()


def _padded(grid: Grid, rows: Axis, columns: Axis) -> tuple[float, ...]:
    """A grid with its rim of zeros, row by row."""
    wide = [(0,) * columns.before + tuple(row) + (0,) * columns.after for row in grid]
    empty = (0,) * columns.padded
    return tuple(value for row in [empty] * rows.before + wide + [empty] * rows.after for value in row)


# --- the same in PyTorch ----------------------------------------------------------------------------------------------


def pytorch(given: Convolution) -> str:
    """PyTorch code with these numbers; it leaves the output in `y`."""
    of = 1 if given.line else 2
    x = [[grid[0] for grid in given.inputs]] if given.line else [given.inputs]
    w = [[grid[0] for grid in kernel] for kernel in given.kernels] if given.line else given.kernels
    shape = "(B, C, N)" if given.line else "(B, C, H, W)"
    lines = ["import torch", "from torch.nn import functional as F", ""]
    lines += [
        f"x = {tensor_text(x)}  # {shape}",
        f"w = {tensor_text(w)}  # (filters, C / groups, {'f' if given.line else 'f, f'})",
    ]
    bias = f"torch.tensor({[float(b) for b in given.bias]})" if any(given.bias) else "None"
    even = given.before == given.after
    if not even:
        (top, left), (bottom, right) = given.before, given.after
        ends = (left, right) if given.line else (left, right, top, bottom)
        lines.append(f"x = F.pad(x, {ends})")
    if given.flipped:
        lines.append(f"w = w.flip({'-1' if given.line else '-2, -1'})  # a convolution turns its kernel")
    pick = (lambda pair: pair[1]) if given.line else tuple
    options = {
        "bias": bias,
        "stride": pick(given.stride),
        "padding": pick(given.before) if even else 0,
        "dilation": pick(given.dilation),
        "groups": given.groups,
    }
    lines.append(f"y = F.conv{of}d(x, w, {', '.join(f'{name}={value}' for name, value in options.items())})")
    return "\n".join([*lines, "print(y)"])


def tensor_text(nested: Sequence[object]) -> str:
    """A tensor written out, a line for each row of its last axis."""
    return f"torch.tensor({_listed(nested, 1)})"


def _listed(nested: object, depth: int) -> str:
    if not isinstance(nested, Sequence):
        return repr(nested + 0.0) if isinstance(nested, float | int) else str(nested)
    if nested and not isinstance(nested[0], Sequence):
        return f"[{', '.join(_listed(each, depth) for each in nested)}]"
    inner = f",\n{' ' * (len('x = torch.tensor(') + depth)}".join(_listed(each, depth + 1) for each in nested)
    return f"[{inner}]"


# --- grids ------------------------------------------------------------------------------------------------------------


def flat(grid: Grid) -> tuple[float, ...]:
    """The values of a grid, row by row."""
    return tuple(value for row in grid for value in row)


def shaped(values: Sequence[float], rows: int, columns: int) -> Grid:
    """Values row by row as a grid."""
    return tuple(tuple(values[row * columns : (row + 1) * columns]) for row in range(rows))
