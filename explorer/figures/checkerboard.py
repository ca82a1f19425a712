"""Grids of numbers side by side, and grey images: how often cells are written, kernels that were learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.figures.palette import SIGNED, VIRIDIS
from explorer.figures.raster import enlarged, image_of, png
from explorer.figures.theme import Theme, figure

Grid = Sequence[Sequence[float]]

_MOST_WRITTEN = 20  # columns: numbers in narrower cells cannot be read


def grids(
    titled: Sequence[tuple[str, Grid]], *, theme: Theme, title: str, signed: bool, height: int = 260
) -> go.Figure:
    """Grids of numbers in a row, on one colour scale: from blue to orange around 0 (`signed`), else dark to light."""
    values = [abs(value) for _, grid in titled for row in grid for value in row]
    most, colours = max(values, default=0) or 1, SIGNED if signed else VIRIDIS
    fig = make_subplots(rows=1, cols=len(titled), subplot_titles=[name for name, _ in titled], horizontal_spacing=0.06)
    fig.update_layout(figure(theme, height=height, title=title, margin={"l": 8, "r": 8, "t": 36, "b": 8}).layout)
    for column, (_, grid) in enumerate(titled, start=1):
        fig.add_trace(
            go.Heatmap(
                z=np.array(grid, dtype=float),
                zmin=-most if signed else 0,
                zmax=most,
                colorscale=list(colours),
                showscale=False,
                xgap=1,
                ygap=1,
                texttemplate="%{z:.3~g}" if len(grid[0]) <= _MOST_WRITTEN else "",
                hovertemplate="[%{y}, %{x}]: %{z:.4~g}<extra></extra>",
            ),
            row=1,
            col=column,
        )
        fig.update_xaxes(visible=False, row=1, col=column)
        fig.update_yaxes(
            visible=False, autorange="reversed", scaleanchor=f"x{column if column > 1 else ''}", row=1, col=column
        )
    fig.update_annotations(font={"size": 13, "color": theme.ink})
    return fig


def grey_png(pixels: np.ndarray, factor: int) -> bytes:
    """A grey image, (H, W) from 0 to 1, with every pixel as a square of `factor` pixels."""
    return png(enlarged(image_of((255 * np.clip(pixels, 0, 1)).round().astype(np.uint8)), factor))
