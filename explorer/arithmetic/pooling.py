"""Pooling by hand: what it makes of a grid of numbers, and where the gradient goes on its way back.

Plain Python on rows of numbers, as one would do it on paper; tests hold it equal to torch over random shapes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.records.nonlinear import PoolSetting

Rows = Sequence[Sequence[float]]
Grid = list[list[float]]
Cell = tuple[int, int]


def problem(rows: int, columns: int, setting: PoolSetting) -> str:
    """Why a setting cannot be: "padding" over half a window, "window" larger than the grid; "" where it can be."""
    if setting.whole:
        return ""
    if 2 * setting.padding > setting.side:
        return "padding"
    return "window" if setting.side > min(rows, columns) + 2 * setting.padding else ""


def nearest(rows: int, columns: int, setting: PoolSetting) -> PoolSetting:
    """The nearest setting that can be: with less padding, then with a smaller window."""
    padding = min(setting.padding, setting.side // 2)
    side = min(setting.side, min(rows, columns) + 2 * padding)
    return PoolSetting(side, setting.stride, min(padding, side // 2), setting.operation, setting.whole)


def size(length: int, setting: PoolSetting) -> int:
    """Outputs along an axis of `length`: floor((n + 2p - f) / s) + 1; a window that does not fit is left out."""
    return 1 if setting.whole else (length + 2 * setting.padding - setting.side) // setting.stride + 1


def windows(rows: int, columns: int, setting: PoolSetting) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
    """Every output cell with the input cells of its window, row by row; padding is left out."""
    for i in range(size(rows, setting)):
        for j in range(size(columns, setting)):
            yield (i, j), tuple(_window(i, j, rows, columns, setting))


def _window(i: int, j: int, rows: int, columns: int, setting: PoolSetting) -> Iterator[Cell]:
    if setting.whole:
        yield from ((r, c) for r in range(rows) for c in range(columns))
        return
    top, left = i * setting.stride - setting.padding, j * setting.stride - setting.padding
    for r in range(max(top, 0), min(top + setting.side, rows)):
        for c in range(max(left, 0), min(left + setting.side, columns)):
            yield r, c


def divisor(rows: int, columns: int, setting: PoolSetting) -> int:
    """By how much a mean is divided: the whole window, padding included, as torch does it by default."""
    return rows * columns if setting.whole else setting.side**2


def pool(grid: Rows, setting: PoolSetting) -> Grid:
    """The pooled grid. A maximum never looks at padding, a mean counts it as zeros."""
    rows, columns = len(grid), len(grid[0])
    out = [[0.0] * size(columns, setting) for _ in range(size(rows, setting))]
    for (i, j), window in windows(rows, columns, setting):
        values = [grid[r][c] for r, c in window]
        out[i][j] = max(values) if setting.operation == "max" else sum(values) / divisor(rows, columns, setting)
    return out


def chosen(grid: Rows, window: Sequence[Cell]) -> Cell:
    """The cell that a maximum is taken from: of equal ones the first, row by row, as in torch."""
    return max(window, key=lambda cell: (grid[cell[0]][cell[1]], -cell[0], -cell[1]))


def backward(grid: Rows, gradient: Rows, setting: PoolSetting) -> Grid:
    """What of the outputs' gradient reaches each input: all of it the largest one, or an equal share everyone."""
    rows, columns = len(grid), len(grid[0])
    back = [[0.0] * columns for _ in range(rows)]
    for (i, j), window in windows(rows, columns, setting):
        if setting.operation == "max":
            r, c = chosen(grid, window)
            back[r][c] += gradient[i][j]
        else:
            for r, c in window:
                back[r][c] += gradient[i][j] / divisor(rows, columns, setting)
    return back


def ties(grid: Rows, setting: PoolSetting) -> int:
    """How many windows hold their largest value more than once."""
    found = 0
    for _, window in windows(len(grid), len(grid[0]), setting):
        values = [grid[r][c] for r, c in window]
        found += values.count(max(values)) > 1
    return found


def readers(rows: int, columns: int, setting: PoolSetting) -> list[list[int]]:
    """How many windows read each input cell: more than one where they overlap, none where no window reaches."""
    count = [[0] * columns for _ in range(rows)]
    for _, window in windows(rows, columns, setting):
        for r, c in window:
            count[r][c] += 1
    return count


def shifted(grid: Rows, by: int) -> Grid:
    """A grid shifted to the right by `by` columns; what enters on the left is 0."""
    return [[0.0] * min(by, len(row)) + [float(value) for value in row[: len(row) - by]] for row in grid]
