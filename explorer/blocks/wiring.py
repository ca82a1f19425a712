"""A small layer as a matrix, cell by cell: a convolution beside its Toeplitz matrix, or one of weights of its own."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from explorer.arithmetic.sharing import weight_matrices
from explorer.arithmetic.taps import ONE, Axis, window_taps
from explorer.records import LinkedStep, LinkedView, Plane
from explorer.records.sharing import WeightMatrix, Wiring

_DIGITS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3)
"""The input: digits of pi, so that no two windows are alike."""


def weights_of(wiring: Wiring, matrix: WeightMatrix) -> tuple[int, ...]:
    """The weights of a wiring: 1, -2, 3 and so on where few are shared, else drawn once from -9 to 9 without zero."""
    if wiring == "conv":
        return tuple((k + 1) * (-1) ** k for k in range(matrix.weights))
    draw = Random(0)
    return tuple(draw.choice([value for value in range(-9, 10) if value]) for _ in range(matrix.weights))


def wired(wiring: Wiring, n: int, f: int, s: int, *, planar: bool, words: Mapping[str, str]) -> LinkedView:
    """The input, n cells or n x n with `planar`, times the matrix of a wiring; a convolution also as it slides.

    `words` are titles: "input", "kernel", "matrix", "output", and of the two steps "sliding" and "product". Raises
    `ValueError` where the window does not fit.
    """
    matrix = next(each for each in weight_matrices(n, f, s, planar=planar) if each.wiring == wiring)
    weights = weights_of(wiring, matrix)
    x = tuple(map(float, _DIGITS[: matrix.columns]))
    y = [0.0] * matrix.rows
    for row, column, weight in matrix.entries:
        y[row] += x[column] * weights[weight]
    flat = _product(matrix, weights, x, tuple(y), words)
    if wiring != "conv":
        return LinkedView(planes=flat[0], steps=(flat[1],), walk=("v",))
    rows, columns = (n, n) if planar else (1, n)
    axis = Axis(n, f, s)
    down = axis if planar else ONE
    planes = (
        Plane(key="x0", title=words["input"], rows=rows, columns=columns, values=x, alias="x"),
        Plane(
            key="w0",
            title=words["kernel"],
            rows=f if planar else 1,
            columns=f,
            values=tuple(map(float, weights)),
            alias="w",
        ),
        Plane(key="y0", title=words["output"], rows=down.out, columns=axis.out, values=tuple(y), alias="y"),
    )
    sliding = LinkedStep(
        inputs=("x0",),
        weights=("w0",),
        outputs=("y0",),
        pairs=((0, 0, 0),),
        taps=window_taps(down, axis),
        title=words["sliding"],
    )
    return LinkedView(planes=(*planes, *flat[0]), steps=(sliding, flat[1]), walk=("y0",))


def _product(
    matrix: WeightMatrix, weights: tuple[int, ...], x: tuple[float, ...], y: tuple[float, ...], words: Mapping[str, str]
) -> tuple[tuple[Plane, ...], LinkedStep]:
    """Input, matrix and output of a matrix product, the vectors as columns."""
    cells = [-1] * (matrix.rows * matrix.columns)
    values = [0.0] * len(cells)
    for row, column, weight in matrix.entries:
        place = row * matrix.columns + column
        cells[place], values[place] = weight, float(weights[weight])
    planes = (
        Plane(key="u", title=words["input"], rows=matrix.columns, columns=1, values=x, alias="x"),
        Plane(
            key="m",
            title=words["matrix"],
            rows=matrix.rows,
            columns=matrix.columns,
            values=tuple(values),
            alias="w",
            cells=tuple(cells),
        ),
        Plane(key="v", title=words["output"], rows=matrix.rows, columns=1, values=y, alias="y"),
    )
    taps = tuple((row, column, row * matrix.columns + column) for row, column, _ in matrix.entries)
    step = LinkedStep(
        inputs=("u",), weights=("m",), outputs=("v",), pairs=((0, 0, 0),), taps=taps, title=words["product"]
    )
    return planes, step


def code(n: int, f: int, s: int, *, planar: bool) -> str:
    """Python that makes the matrix of the convolution that is shown, and compares its product with torch's answer."""
    matrix = next(each for each in weight_matrices(n, f, s, planar=planar) if each.wiring == "conv")
    shape, convolve = ((n, n), "conv2d") if planar else ((n,), "conv1d")
    kernel = (f, f) if planar else (f,)
    return "\n".join(
        [
            "import torch",
            "import torch.nn.functional as F",
            "",
            f"x = torch.tensor({list(_DIGITS[: matrix.columns])}).float().reshape({shape})",
            f"w = torch.tensor({list(weights_of('conv', matrix))}).float().reshape({kernel})",
            "",
            "",
            "def convolution(x):",
            f"    return F.{convolve}(x[None, None], w[None, None], stride={s}).flatten()",
            "",
            "",
            "matrix = torch.autograd.functional.jacobian(convolution, x).flatten(1)  # a row for each output",
            "print(matrix)",
            "assert torch.equal(matrix @ x.flatten(), convolution(x))",
        ]
    )
