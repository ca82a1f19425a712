"""What is chosen on the page *Non-linearities, pooling, normalisation*."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.blocks.activations import ACTIVATIONS
from explorer.fields import Family, Field, choice, decimal, flag, number, one_of, several, slug
from explorer.ui.cached.blocks.nonlinearities import PHOTOGRAPHS

VIEWS = ("functions", "dying", "depth", "pooling", "batchnorm")
NETS = ("lenet-tanh-raw", "lenet-tanh", "lenet-relu", "lenet-relu-raw", "resnet20", "lite0")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
SHIFTED = ("relu-max", "relu-avg", "tanh-max", "tanh-avg")
MOST_CELLS = 12

Grid = tuple[tuple[float, ...], ...]


def knob(function: str, name: str) -> Field[float]:
    """The field of one knob of a function."""
    declared = next(each for each in ACTIVATIONS[function].knobs if each.name == name)
    label = f"nonlinearities.knob.{name}"
    step = 0.05 if declared.high > 1 else 0.01
    return decimal(f"k.{function}.{name}", declared.low, declared.high, declared.usual, step=step, label=label)


def _knobs() -> tuple[Field[float], ...]:
    return tuple(knob(entry.slug, each.name) for entry in ACTIVATIONS.values() for each in entry.knobs)


def _read_grid(raw: str) -> Grid:
    """Rows separated by semicolons, numbers by commas."""
    if len(raw) > 2_000:
        raise ValueError(raw[:40])
    rows = tuple(tuple(float(cell) for cell in row.split(",")) for row in raw.split(";"))
    if not is_grid(rows):
        raise ValueError(raw[:40])
    return rows


def is_grid(rows: Grid) -> bool:
    """Whether these are 2 to 12 rows, all of the same 2 to 12 numbers, none beyond a million."""
    wide = {len(row) for row in rows}
    fits = 2 <= len(rows) <= MOST_CELLS and len(wide) == 1 and 2 <= max(wide) <= MOST_CELLS
    return fits and all(abs(value) < 1e6 for row in rows for value in row)  # NaN is not below anything


def _write_grid(grid: Grid) -> str:
    return ";".join(",".join(f"{value:.6g}" for value in row) for row in grid)


FIRST: Grid = ((1.0, 3.0, 2.0, 1.0), (2.0, 9.0, 1.0, 1.0), (1.0, 3.0, 2.0, 3.0), (5.0, 6.0, 1.0, 2.0))
GRID: Field[Grid] = Field("grid", FIRST, _read_grid, _write_grid, label="nonlinearities.grid")


@dataclass(frozen=True, slots=True)
class NonlinearitiesState:
    """Which part is open, and what is chosen in each.

    Functions: one, another beside it, a place, its knobs; a trained network and one of its layers; the rate of a small
    network that is trained too fast, what is counted of it, and whether and with which seed it is trained here. Depth:
    functions, a start, whether the weights count. Pooling: grid, window, cell, shift, network. Batch normalisation: the
    batch, the channel, gamma and beta; the scale of random weights; two photographs and who is asked.
    """

    view: Field[str] = choice("view", VIEWS, named="nonlinearities.view", label="nonlinearities.part")
    function: Field[str] = one_of("fn", tuple(ACTIVATIONS), "sigmoid", label="nonlinearities.function")
    beside: Field[str] = one_of("beside", ("", *ACTIVATIONS), "", label="nonlinearities.beside")
    at: Field[float] = decimal("x", -5.0, 5.0, 3.0, step=0.1, label="nonlinearities.at")
    knobs: Family = Family("k.", _knobs)
    net: Field[str] = choice("of", NETS, named="nonlinearities.net", label="nonlinearities.network")
    layer: Field[str] = slug("layer", label="nonlinearities.layer")
    rate: Field[float] = one_of("rate", RATES, 0.1, label="nonlinearities.rate")
    counted: Field[str] = choice(
        "counted", ("stuck", "silent", "accuracy"), named="nonlinearities.counted", label="nonlinearities.count"
    )
    seed: Field[int] = number("seed", 0, 9_999, 3, label="nonlinearities.seed")
    live: Field[bool] = flag("live", label="nonlinearities.live")
    lines: Field[tuple[str, ...]] = several("lines", label="nonlinearities.lines")
    start: Field[str] = choice(
        "start", ("xavier", "he", "one", "small"), named="nonlinearities.start", label="nonlinearities.start_label"
    )
    factors: Field[str] = choice(
        "factors", ("both", "slopes"), named="nonlinearities.factors", label="nonlinearities.factors_label"
    )
    depth: Field[int] = number("k", 2, 50, 50, label="nonlinearities.k")
    grid: Field[Grid] = GRID
    operation: Field[str] = choice("pool", ("max", "mean"), named="nonlinearities.pool", label="nonlinearities.pooling")
    whole: Field[bool] = flag("global", label="nonlinearities.whole")
    side: Field[int] = number("f", 1, 6, 2, label="nonlinearities.side")
    stride: Field[int] = number("s", 1, 6, 2, label="nonlinearities.stride")
    padding: Field[int] = number("p", 0, 3, 0, label="nonlinearities.padding")
    cell: Field[str] = slug("cell", "y,0,0", label="nonlinearities.cell", longest=20)
    by: Field[int] = number("by", 1, 4, 1, label="nonlinearities.by")
    shifted: Field[str] = choice("lenet", SHIFTED, named="nonlinearities.lenet", label="nonlinearities.shifted")
    batch: Field[str] = choice(
        "batch", ("photographs", "digits", "shapes"), named="nonlinearities.batch", label="nonlinearities.batch_label"
    )
    channel: Field[int] = number("channel", 0, 63, 1, label="nonlinearities.channel")
    affine: Field[str] = choice(
        "affine", ("initial", "own", "undo"), named="nonlinearities.affine", label="nonlinearities.affine_label"
    )
    gamma: Field[float] = decimal("gamma", -3.0, 3.0, 2.0, step=0.1, label="nonlinearities.gamma")
    beta: Field[float] = decimal("beta", -3.0, 3.0, 1.0, step=0.1, label="nonlinearities.beta")
    scale: Field[float] = one_of("scale", (0.5, 1.0, 1.5, 2.0, 5.0), 5.0, label="nonlinearities.scale")
    asked: Field[str] = choice("who", ("cifar", "lite0"), named="nonlinearities.asked", label="nonlinearities.network")
    image: Field[str] = one_of("image", PHOTOGRAPHS, "cat", label="nonlinearities.image")
    companion: Field[str] = one_of("companion", PHOTOGRAPHS, "coffee", label="nonlinearities.companion")


STATE = NonlinearitiesState()
