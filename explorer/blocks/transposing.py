"""A transposed convolution in three ways, and the pattern that uneven overlaps leave.

Plain Python for the grids; photographs go through `torch.nn.functional.conv_transpose2d`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.arithmetic.sizes import output_size, transposed_size
from explorer.arithmetic.taps import Axis, Spread, outcome, spread_taps, window_taps
from explorer.blocks.convolving import flat, shaped, tensor_text
from explorer.blocks.kernels import turned
from explorer.records import Formula, LinkedStep, LinkedView, Plane
from explorer.records.convolving import Grid, Misfit, Transposed

if TYPE_CHECKING:
    import numpy as np
    import torch

Words = Mapping[str, str]

_ONE = Spread(1, 1)
_ALONE = ((0, 0, 0),)


def spreads(given: Transposed) -> tuple[Spread, Spread]:
    """How cells are spread along the rows and along the columns."""
    how = {"s": given.stride, "p": given.padding, "extra": given.extra}
    columns = Spread(len(given.inputs[0]), len(given.kernel[0]), **how)
    return _ONE if given.line else Spread(len(given.inputs), len(given.kernel), **how), columns


def size(given: Transposed) -> Formula:
    """The formula of the output's width with the numbers of this one."""
    n, f = len(given.inputs[0]), len(given.kernel[0])
    return transposed_size(n, f, s=given.stride, p=given.padding, extra=given.extra)


def back(given: Transposed) -> Formula:
    """The size that a convolution with the same settings makes of the output: that of the input again."""
    n, f = size(given).value, len(given.kernel[0])
    return output_size(n, f, s=given.stride, p=given.padding)


def most_padding(given: Transposed) -> int:
    """The largest padding that leaves the output a cell; 0 leaves it at least as many as the kernel has."""
    return (size(replace(given, padding=0)).value - 1) // 2


def misfit(f: int, stride: int, padding: int, extra: int) -> Misfit | None:
    """Why a transposed convolution cannot be, and the nearest that can; None where it can.

    PyTorch wants `extra` below the stride. It would take a padding of f and more; there is then no convolution over
    stuffed zeros that gives the same, as its own padding, f - 1 - p, would be negative.
    """
    if padding > f - 1:
        return Misfit("cut", (("padding", padding), ("f", f)), "padding", f - 1)
    if extra >= stride:
        return Misfit("extra", (("extra", extra), ("stride", stride)), "extra", stride - 1)
    return None


# --- three ways -------------------------------------------------------------------------------------------------------


def three_ways(given: Transposed, words: Words) -> LinkedView:
    """One transposed convolution as stamps, as a convolution over stuffed zeros, and as a product with a matrix.

    The planes of the three show the same cells (`alias`). `words` has the titles: `input`, `kernel`, `output`,
    `stuffed`, `turned`, `matrix`, `vector`, `result`, and those of the steps: `stamp`, `stuff`, `multiply`.
    """
    rows, columns = spreads(given)
    x, w = flat(given.inputs), flat(given.kernel)
    taps = spread_taps(rows, columns)
    stamp = LinkedStep(inputs=("x",), weights=("w",), outputs=("y",), pairs=_ALONE, taps=taps, title=words["stamp"])
    cells = rows.out * columns.out
    (y,) = outcome(stamp, {"x": x, "w": w}, cells)
    planes = [
        Plane(key="x", title=words["input"], rows=rows.n, columns=columns.n, values=x, editable=True, alias="x"),
        Plane(key="w", title=words["kernel"], rows=rows.f, columns=columns.f, values=w, editable=True, alias="w"),
        Plane(key="y", title=words["output"], rows=rows.out, columns=columns.out, values=y, alias="y"),
    ]
    stuffing, stuffed = _stuffed(given, rows, columns, words)
    multiplying, multiplied = _multiplied(taps, planes, words)
    steps = (stamp, stuffing, multiplying)
    return LinkedView(planes=(*planes, *stuffed, *multiplied), steps=steps, walk=("x",))


def _stuffed(given: Transposed, rows: Spread, columns: Spread, words: Words) -> tuple[LinkedStep, list[Plane]]:
    """The convolution of stride 1 over an input with s - 1 zeros between its cells, by the kernel turned."""
    down, across = _stuffed_axis(rows), _stuffed_axis(columns)
    places = _places(rows, columns, down, across)
    values = flat(given.inputs)
    z = tuple(values[cell] if cell >= 0 else 0 for cell in places)
    v = flat(turned(given.kernel))
    step = LinkedStep(
        inputs=("z",),
        weights=("v",),
        outputs=("yz",),
        pairs=_ALONE,
        taps=window_taps(down, across),
        title=words["stuff"],
    )
    (y,) = outcome(step, {"z": z, "v": v}, down.out * across.out)
    rim = (down.before, down.after, across.before, across.after)
    planes = [
        Plane(
            key="z",
            title=words["stuffed"],
            rows=down.padded,
            columns=across.padded,
            values=z,
            rim=rim,
            alias="x",
            cells=places,
        ),
        Plane(
            key="v",
            title=words["turned"],
            rows=rows.f,
            columns=columns.f,
            values=v,
            alias="w",
            cells=tuple(reversed(range(len(v)))),
        ),
        Plane(key="yz", title=words["output"], rows=down.out, columns=across.out, values=y, alias="y"),
    ]
    return step, planes


def _stuffed_axis(axis: Spread) -> Axis:
    rim = axis.f - 1 - axis.p
    return Axis((axis.n - 1) * axis.s + 1, axis.f, before=rim, after=rim + axis.extra)


def _places(rows: Spread, columns: Spread, down: Axis, across: Axis) -> tuple[int, ...]:
    """Which input cell each cell of the stuffed input is, -1 for a zero."""
    found = [-1] * (down.padded * across.padded)
    for i in range(rows.n):
        for j in range(columns.n):
            at = (down.before + i * rows.s) * across.padded + across.before + j * columns.s
            found[at] = i * columns.n + j
    return tuple(found)


def _multiplied(
    taps: Sequence[tuple[int, int, int]], planes: Sequence[Plane], words: Words
) -> tuple[LinkedStep, list[Plane]]:
    """The product of the matrix C^T, a row for each output and a column for each input, with the input as a vector."""
    x, w, y = planes
    n, out = len(x.values), len(y.values)
    places = [-1] * (out * n)
    for target, source, weight in taps:
        places[target * n + source] = weight
    values = tuple(w.values[cell] if cell >= 0 else 0 for cell in places)
    links = tuple((target, target * n + source, source) for target, source, _ in taps)
    step = LinkedStep(  # the matrix stands before the vector, so it is what is weighted
        inputs=("m",), weights=("xm",), outputs=("ym",), pairs=_ALONE, taps=links, title=words["multiply"]
    )
    (result,) = outcome(step, {"xm": x.values, "m": values}, out)
    found = [
        Plane(key="m", title=words["matrix"], rows=out, columns=n, values=values, alias="w", cells=tuple(places)),
        Plane(key="xm", title=words["vector"], rows=n, columns=1, values=x.values, alias="x"),
        Plane(key="ym", title=words["result"], rows=out, columns=1, values=result, alias="y"),
    ]
    return step, found


def output(given: Transposed) -> Grid:
    """What a transposed convolution gives."""
    rows, columns = spreads(given)
    step = LinkedStep(inputs=("x",), weights=("w",), outputs=("y",), pairs=_ALONE, taps=spread_taps(rows, columns))
    (y,) = outcome(step, {"x": flat(given.inputs), "w": flat(given.kernel)}, rows.out * columns.out)
    return shaped(y, rows.out, columns.out)


def pytorch(given: Transposed) -> str:
    """PyTorch code with these numbers: the transposed convolution, and the convolution over stuffed zeros in `same`."""
    of, f, s, p = 1 if given.line else 2, len(given.kernel[0]), given.stride, given.padding
    x, w = ([[given.inputs[0]]], [[given.kernel[0]]]) if given.line else ([[given.inputs]], [[given.kernel]])
    stuffed, flips = ("z[:, :, ::s] = x", "-1") if given.line else ("z[:, :, ::s, ::s] = x", "-2, -1")
    rim, sides = f - 1 - p, ", ".join([f"{f - 1 - p}, {f - 1 - p + given.extra}"] * of)
    return "\n".join(
        [
            "import torch",
            "from torch.nn import functional as F",
            "",
            f"x = {tensor_text(x)}  # {'(B, C, N)' if given.line else '(B, C, H, W)'}",
            f"w = {tensor_text(w)}  # (C, C', {'f' if given.line else 'f, f'})",
            f"y = F.conv_transpose{of}d(x, w, stride={s}, padding={p}, output_padding={given.extra})",
            "",
            f"s = {s}",
            f"z = torch.zeros(1, 1, {_stuffed_sides(given)})",
            stuffed,
            f"z = F.pad(z, ({sides}))  # f - 1 - p = {rim} zeros around",
            f"same = F.conv{of}d(z, w.flip({flips}))",
            "print(y, same)",
        ]
    )


def _stuffed_sides(given: Transposed) -> str:
    sides = [len(given.inputs[0])] if given.line else [len(given.inputs), len(given.inputs[0])]
    return ", ".join(str((n - 1) * given.stride + 1) for n in sides)


# --- the checkerboard -------------------------------------------------------------------------------------------------


def counts(n: int, f: int, s: int, *, line: bool = False) -> Grid:
    """How often each output cell is written by the stamps of n cells, or n x n, without padding."""
    ones: Grid = ((1,) * n,) if line else ((1,) * n,) * n
    kernel: Grid = ((1,) * f,) if line else ((1,) * f,) * f
    return output(Transposed(inputs=ones, kernel=kernel, stride=s, line=line))


def inner_counts(f: int, s: int) -> tuple[int, ...]:
    """How many stamps cover the cells of one period far from the ends, along one axis: all equal where s divides f."""
    return tuple(len(range(at, f, s)) for at in range(s))


def bilinear(f: int) -> tuple[float, ...]:
    """The weights of linear interpolation along one axis, as Long et al. (2015) start their upsampling with."""
    factor = (f + 1) // 2
    middle = factor - 1 if f % 2 else factor - 0.5
    return tuple(1 - abs(i - middle) / factor for i in range(f))


def uneven(f: int, s: int, kernel: str) -> tuple[float, float]:
    """The smallest and the largest output far from the rim where all inputs are 1: equal where nothing is left of the
    stamps. With the weights of `upsampled`, so that the mean is 1.
    """
    row = _weights(f, s, kernel)
    sums = [sum(row[at::s]) for at in range(s)]  # the weights that meet in one output cell, along one axis
    return min(sums) ** 2, max(sums) ** 2


def _weights(f: int, s: int, kernel: str) -> tuple[float, ...]:
    row = bilinear(f) if kernel == "bilinear" else (1.0,) * f
    return tuple(weight * s / sum(row) for weight in row)


def upsampled(pixels: np.ndarray, f: int, s: int, kernel: str) -> tuple[np.ndarray, np.ndarray]:
    """A grey image, (H, W) from 0 to 1, enlarged s times: by a transposed convolution, and by resizing and convolution.

    `kernel` is "ones" or "bilinear" for the first, scaled so that the brightness stays on average; the second repeats
    every pixel s times and slides a mean of f x f over that.
    """
    import torch
    from torch.nn import functional as F

    x = torch.from_numpy(pixels).to(torch.float64)[None, None]  # (B, C, H, W)
    weights = torch.tensor(_weights(f, s, kernel), dtype=torch.float64)
    padding = max(0, (f - s) // 2)
    stamped = F.conv_transpose2d(x, torch.outer(weights, weights)[None, None], stride=s, padding=padding)
    large = F.interpolate(x, scale_factor=s, mode="nearest")
    mean = torch.full((1, 1, f, f), 1 / f**2, dtype=torch.float64)
    smooth = F.conv2d(F.pad(large, ((f - 1) // 2, f // 2) * 2, mode="replicate"), mean)
    return _pixels(stamped), _pixels(smooth)


def _pixels(x: torch.Tensor) -> np.ndarray:
    found: np.ndarray = x[0, 0].clamp(0, 1).numpy()
    return found
