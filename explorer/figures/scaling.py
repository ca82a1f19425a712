"""The surface alpha beta^2 gamma^2 = 2 as a map to move on, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from explorer.figures.palette import VIRIDIS
from explorer.figures.raster import colour_scale


def surface(
    betas: Sequence[float],
    gammas: Sequence[float],
    alphas: Sequence[Sequence[float]],
    *,
    here: tuple[float, float],
    paper: tuple[float, float],
    words: Mapping[str, str],
    title: str,
) -> str:
    """For every beta (columns) and gamma (rows, from below) the alpha that costs twice as much, as a table.

    A cell opens its number (`components.opening`), counted from 1 along the rows, from the lowest gamma. `here` is the
    chosen (beta, gamma), `paper` the published one; each is marked at its nearest cell. Colours are the lighter half of
    viridis, on which dark figures are read. `words`: "beta", "gamma", "here", "paper".
    """
    said = {name: escape(each) for name, each in words.items()}
    marks = {"here": _nearest(here, betas, gammas), "paper": _nearest(paper, betas, gammas)}
    shades = _shades(alphas)
    rows = []
    for i in reversed(range(len(gammas))):
        cells = []
        for j, alpha in enumerate(alphas[i]):
            marked = " ".join(name for name, place in marks.items() if place == (j, i))
            kind = f' class="{marked}"' if marked else ""
            opens = f'data-opens="{i * len(betas) + j + 1}"'
            cells.append(f'<td{kind} {opens} style="background:{shades[i][j]}">{alpha:.2f}</td>')
        side = f'<th rowspan="{len(gammas)}"><span>{said["gamma"]}</span></th>' if i == len(gammas) - 1 else ""
        rows.append(f'<tr>{side}<th scope="row">{gammas[i]:.2f}</th>{"".join(cells)}</tr>')
    below = "".join(f'<th scope="col">{beta:.2f}</th>' for beta in betas)
    legend = "".join(f'<span><i class="{name}"></i>{said[name]}</span>' for name in marks)
    return (
        f'<table class="atlas-surface"><caption>{escape(title)}<small>{legend}</small></caption><tbody>{"".join(rows)}'
        f'<tr><td colspan="2"></td>{below}</tr>'
        f'<tr><td colspan="2"></td><th colspan="{len(betas)}">{said["beta"]}</th></tr></tbody></table>'
    )


def _shades(alphas: Sequence[Sequence[float]]) -> list[list[str]]:
    values, scale = np.array(alphas, dtype=float), colour_scale(VIRIDIS[5:])
    shares = (values - values.min()) / max(float(np.ptp(values)), 1e-12)
    return [[f"#{bytes(scale[place]).hex()}" for place in row] for row in (255 * shares).round().astype(int)]


def _nearest(place: tuple[float, float], betas: Sequence[float], gammas: Sequence[float]) -> tuple[int, int]:
    beta, gamma = place
    return (
        min(range(len(betas)), key=lambda j: abs(betas[j] - beta)),
        min(range(len(gammas)), key=lambda i: abs(gammas[i] - gamma)),
    )
