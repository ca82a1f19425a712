"""Drawings of the page about 1x1 convolutions and Inception: a module with its concat, maps, fields, kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from explorer.figures import palette
from explorer.figures.inception_curves import BRANCH_COLOURS
from explorer.figures.maps import scaled
from explorer.figures.raster import colour_scale, enlarged, image_of, png
from explorer.figures.theme import MONO, Theme, bare_axis, figure, mixed
from explorer.records import Pair
from explorer.records.inception import BranchCost, BranchMaps

_LANE, _TALL = 1.0, 3.4  # of a branch, and of the whole concat, in units of the drawing
_WIDEST = 1460  # pixels


def module_drawing(
    branches: Sequence[BranchCost], size: Pair, n_in: int, *, theme: Theme, words: Mapping[str, str], title: str
) -> go.Figure:
    """A module from left to right: its input, a lane for every branch, the concat as high as its parts have channels.

    `words`: "input", "concat", "pool" (the operation), "channels".
    """
    fig = figure(theme, height=330, title=title, showlegend=False, hovermode="closest")
    shapes, notes = [], [_note(0, 0, f"<b>{words['input']}</b><br>{_volume(size, n_in)}", theme)]
    total = sum(branch.n_out for branch in branches)
    top = _TALL / 2
    for number, branch in enumerate(branches):
        y = (1.5 - number) * _LANE
        colour = BRANCH_COLOURS[branch.name]
        boxes = [words["pool"]] if branch.name == "pool" else []
        boxes += [f"{conv.kernel[0]}×{conv.kernel[1]}<br>{conv.n_in} → {conv.n_out}" for conv in branch.convs]
        left = 0.55
        for place, name in enumerate(boxes):
            x = 1.5 + 1.5 * place
            shapes.append(_line(left, 0 if left < 1 else y, x - 0.55, y, theme.muted))
            shapes.append(_box(x - 0.55, y - 0.34, x + 0.55, y + 0.34, colour, theme))
            notes.append(_note(x, y, name, theme))
            left = x + 0.55
        high = _TALL * branch.n_out / total
        shapes.append(_line(left, y, 4.45, top - high / 2, colour))
        shapes.append(_box(4.45, top - high, 5.0, top, colour, theme, share=0.75))
        notes.append(_note(5.08, top - high / 2, f"{branch.n_out}", theme, anchor="left"))
        top -= high
    notes.append(_note(5.5, 0, f"<b>{words['concat']}</b><br>{_volume(size, total)}", theme, anchor="left"))
    fig.update_layout(
        shapes=shapes,
        annotations=notes,
        xaxis=bare_axis(range=[-0.6, 6.7], fixedrange=True),
        yaxis=bare_axis(range=[-2.1, 2.1], fixedrange=True),
    )
    fig.add_scatter(x=[0], y=[0], mode="markers", marker={"color": palette.CLEAR}, hoverinfo="skip")
    return fig


def _volume(size: Pair, channels: int) -> str:
    return f'<span style="font-family:{MONO}">{size[0]}×{size[1]}×{channels}</span>'


def _box(
    x0: float, y0: float, x1: float, y1: float, colour: str, theme: Theme, share: float = 0.22
) -> dict[str, object]:
    fill, line = mixed(theme.paper, colour, share), {"color": colour, "width": 1.4}
    return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "fillcolor": fill, "line": line}


def _line(x0: float, y0: float, x1: float, y1: float, colour: str) -> dict[str, object]:
    style = {"color": colour, "width": 1.6}
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": style, "layer": "below"}


def _note(x: float, y: float, words: str, theme: Theme, anchor: str = "center") -> dict[str, object]:
    font = {"size": 12, "color": theme.ink}
    return {"x": x, "y": y, "text": words, "showarrow": False, "font": font, "xanchor": anchor}


def branch_sheet(found: BranchMaps, columns: int) -> bytes:
    """All maps of a module as one PNG, branch after branch, each from black to the colour of its branch.

    Every branch begins a new row. A map has the scale of its own values.
    """
    rows: list[np.ndarray] = []
    for name, maps in found.branches:
        scale = colour_scale((palette.BLACK, BRANCH_COLOURS[name], palette.WHITE))
        pixels = scale[scaled(maps, shared=False)]  # (C, H, W, 3)
        side = pixels.shape[1:3]
        for start in range(0, len(pixels), columns):
            row = np.zeros((side[0] + 2, columns * (side[1] + 2), 4), np.uint8)
            for place, each in enumerate(pixels[start : start + columns]):
                left = place * (side[1] + 2)
                row[: side[0], left : left + side[1], :3] = each
                row[: side[0], left : left + side[1], 3] = 255
            rows.append(row)
    whole = np.concatenate(rows)[:-2, :-2]
    return png(enlarged(Image.fromarray(whole), max(1, _WIDEST // whole.shape[1])))


def path_counts(kernels: Sequence[Pair]) -> np.ndarray:
    """How many paths lead from each input cell to one output cell through a chain of kernels: (rows, columns)."""
    counts = np.ones((1, 1), np.int64)
    for f_h, f_w in kernels:
        rows, columns = counts.shape
        wider = np.zeros((rows + f_h - 1, columns + f_w - 1), np.int64)
        for i in range(f_h):
            for j in range(f_w):
                wider[i : i + rows, j : j + columns] += counts
        counts = wider
    return counts


def field_grid(kernels: Sequence[Pair], *, theme: Theme, title: str) -> go.Figure:
    """The input cells that one output cell depends on through a chain of kernels, with the number of paths in each."""
    counts = path_counts(kernels)
    rows, columns = counts.shape
    fig = figure(theme, height=300, title=title)
    fig.add_heatmap(
        z=counts.tolist(),
        text=counts.tolist(),
        texttemplate="%{text}",
        colorscale=[[0, mixed(theme.paper, palette.BLUE, 0.25)], [1, mixed(theme.paper, palette.BLUE, 0.85)]],
        zmin=1,
        zmax=max(2, int(counts.max())),
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{z}<extra></extra>",
    )
    side = max(rows, columns)
    fig.update_layout(
        xaxis=bare_axis(range=[columns / 2 - 0.5 - side / 2, columns / 2 - 0.5 + side / 2], fixedrange=True),
        yaxis=bare_axis(autorange="reversed", scaleanchor="x", fixedrange=True),
    )
    return fig


def kernel_png(kernel: Sequence[Sequence[float]], limit: float) -> bytes:
    """A kernel in signed colours from -limit to limit, enlarged."""
    values = np.array(kernel)
    places = np.clip((values / (limit or 1.0) + 1) / 2 * 255, 0, 255).round().astype(np.uint8)
    return png(enlarged(image_of(colour_scale(palette.SIGNED)[places]), 22))
