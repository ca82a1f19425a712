"""The graph of one block: operations as boxes, skips and concats as the lines they are."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from explorer.figures.theme import MONO, Theme, bare_axis, colour_of_kind, figure, mixed
from explorer.figures.words import operation_text, shape_text
from explorer.records import BlockGraph, GraphNode

_Spot = tuple[float, float]


def block_graph(graph: BlockGraph, *, theme: Theme, words: Mapping[str, str], title: str = "") -> go.Figure:
    """Draw a block from left to right; parallel branches lie one under the other, an edge that skips is an arc.

    `words`: "input" and one per kind of operation.
    """
    spots = _layout(graph)
    rows = max(y for _, y in spots.values()) - min(y for _, y in spots.values()) + 1
    fig = figure(theme, height=int(130 + 86 * rows), title=title, dragmode="pan", showlegend=False)
    for i, node in enumerate(graph.nodes):
        for source in node.inputs:
            _edge(fig, spots[source], spots[i], spots, theme)
    for i, node in enumerate(graph.nodes):
        _node(fig, spots[i], _title(node), shape_text(node.out_shape), colour_of_kind(node.kind), theme)
    for k, shape in enumerate(graph.entries):
        name = words["input"] if len(graph.entries) == 1 else f"{words['input']} {k + 1}"
        _node(fig, spots[-1 - k], name, shape_text(shape), theme.muted, theme)
    xs, ys = zip(*spots.values(), strict=True)
    fig.update_layout(
        xaxis=bare_axis(range=[min(xs) - 0.62, max(xs) + 0.62]),
        yaxis=bare_axis(range=[min(ys) - 0.75, max(ys) + 0.95], fixedrange=True),
    )
    return fig


def _title(node: GraphNode) -> str:
    return " · ".join(operation_text(layer) for layer in node.layers)


def _layout(graph: BlockGraph) -> dict[int, _Spot]:
    """(column, row) of every node: columns by longest path from the entries, rows so that branches do not cross."""
    column: dict[int, int] = {-1 - k: 0 for k in range(len(graph.entries))}
    for i, node in enumerate(graph.nodes):
        column[i] = 1 + max(column[s] for s in node.inputs)
    # A branch starts as late as it can, so that a short one stands next to the merge that reads it.
    lane: dict[int, float] = {-1 - k: -float(k) for k in range(len(graph.entries))}
    taken: dict[int, set[float]] = {}
    for i, node in enumerate(graph.nodes):
        wanted = sum(lane[s] for s in node.inputs) / len(node.inputs)
        wanted = round(wanted) if len(node.inputs) == 1 else _between(wanted)
        row = wanted
        steps = iter(range(1, 99))
        while row in taken.setdefault(column[i], set()):
            step = next(steps)
            row = wanted - (step + 1) // 2 if step % 2 else wanted + step // 2
        taken[column[i]].add(row)
        lane[i] = row
    return {key: (float(column[key]), float(lane[key])) for key in column}


def _between(row: float) -> float:
    return round(row)


def _edge(fig: go.Figure, start: _Spot, end: _Spot, spots: Mapping[int, _Spot], theme: Theme) -> None:
    (x0, y0), (x1, y1) = start, end
    left, right = x0 + 0.42, x1 - 0.42
    blocked = any(y == y0 == y1 and x0 < x < x1 for x, y in spots.values())
    if blocked:  # a skip: over everything between
        path = f"M {x0},{y0 + 0.3} C {x0 + 0.2},{y0 + 0.95} {x1 - 0.2},{y1 + 0.95} {x1},{y1 + 0.3}"
    else:
        bend = (right - left) / 2
        path = f"M {left},{y0} C {left + bend},{y0} {right - bend},{y1} {right},{y1}"
    colour = mixed(colour_of_kind("add"), theme.ink, 0.1) if blocked else theme.muted
    fig.add_shape(type="path", path=path, line={"color": colour, "width": 2.4 if blocked else 1.6}, layer="below")


def _node(fig: go.Figure, spot: _Spot, name: str, shape: str, colour: str, theme: Theme) -> None:
    x, y = spot
    fill = mixed(theme.paper, colour, 0.22)
    fig.add_shape(
        type="rect", x0=x - 0.43, x1=x + 0.43, y0=y - 0.3, y1=y + 0.3, fillcolor=fill, line={"color": colour, "width": 1.6}
    )
    words = name.split(" · ")
    lines = "<br>".join([f"<b>{words[0]}</b>", " · ".join(words[1:])] if len(words) > 1 else [f"<b>{name}</b>"])
    size = f'<span style="font-family:{MONO};font-size:11px;color:{theme.muted}">{shape}</span>'
    fig.add_annotation(x=x, y=y, text=f"{lines}<br>{size}", showarrow=False, font={"size": 12, "color": theme.ink})
