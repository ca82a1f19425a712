"""The surface alpha beta^2 gamma^2 = 2 as a map to move on, as a Plotly figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from explorer.figures import palette
from explorer.figures.theme import Theme, axis, figure


def surface(
    betas: Sequence[float],
    gammas: Sequence[float],
    alphas: Sequence[Sequence[float]],
    *,
    here: tuple[float, float],
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> go.Figure:
    """For every beta (columns) and gamma (rows) the alpha that costs twice as much; every point can be clicked.

    `here` is the (beta, gamma) that is chosen. `words`: "here", "paper".
    """
    fig = figure(theme, height=360, title=title, margin={"l": 8, "r": 8, "t": 30, "b": 8})
    fig.add_contour(
        x=list(betas),
        y=list(gammas),
        z=[list(row) for row in alphas],
        contours={"coloring": "heatmap", "showlabels": True, "start": 0.6, "end": 2, "size": 0.2},
        colorscale=[[i / (len(palette.VIRIDIS) - 1), colour] for i, colour in enumerate(palette.VIRIDIS)],
        colorbar={"title": {"text": "α"}, "thickness": 12, "tickfont": {"color": theme.muted}},
        hoverinfo="skip",
    )
    grid = [(beta, gamma, row[j]) for gamma, row in zip(gammas, alphas, strict=True) for j, beta in enumerate(betas)]
    fig.add_scatter(
        x=[beta for beta, _, _ in grid],
        y=[gamma for _, gamma, _ in grid],
        mode="markers",
        marker={"size": 7, "color": palette.WHITE, "opacity": 0.35},
        customdata=[[f"{beta:.2f},{gamma:.2f}"] for beta, gamma, _ in grid],
        text=[f"α = {alpha:.2f}" for _, _, alpha in grid],
        hovertemplate="β = %{x:.2f}, γ = %{y:.2f}<br>%{text}<extra></extra>",
        showlegend=False,
    )
    _mark(fig, words["paper"], (1.1, 1.15), "star", palette.AMBER)
    _mark(fig, words["here"], here, "circle-open", palette.ORANGE)
    fig.update_layout(
        xaxis=axis(theme, words["beta"]),
        yaxis=axis(theme, words["gamma"]),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return fig


def _mark(fig: go.Figure, name: str, place: tuple[float, float], symbol: str, colour: str) -> None:
    """One named point."""
    look = {"size": 15, "symbol": symbol, "color": colour, "line": {"width": 3, "color": colour}}
    fig.add_scatter(x=[place[0]], y=[place[1]], mode="markers", name=name, marker=look, hoverinfo="skip")
