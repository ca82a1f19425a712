"""The graph of one block: operations as boxes, skips and concats as edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from math import prod
from typing import Any

import plotly.graph_objects as go

from explorer.figures.clickable import areas, opens
from explorer.figures.notation import operation_text, shape_text
from explorer.figures.theme import MONO, Theme, bare_axis, colour_of_kind, figure, mixed
from explorer.records import BlockGraph, GraphNode

_Spot = tuple[float, float]


def block_graph(graph: BlockGraph, *, theme: Theme, labels: Mapping[str, str], title: str = "") -> go.Figure:
    """Draw a block from left to right; parallel branches are one below the other, a skip is an arc.

    Where the block adds its own input to what it computes, both are called as in He et al. 2015: x and F(x).
    `labels`: "input" and one per kind of operation.
    """
    spots = _layout(graph)
    xs, ys = zip(*spots.values(), strict=True)
    edges = [
        _edge(spots[source], spots[i], spots, theme) for i, node in enumerate(graph.nodes) for source in node.inputs
    ]
    adds = graph.residual_sum
    titles = ["F(x) + x" + _title(n, labels)[1:] if i == adds else _title(n, labels) for i, n in enumerate(graph.nodes)]
    half = 0.43 if max(xs) < 6 else 0.485  # of a node's width: of seven columns or more, each is narrow
    boxes = [
        _node(spots[i], titles[i], shape_text(node.out_shape), colour_of_kind(node.kind), theme, half)
        for i, node in enumerate(graph.nodes)
    ]
    for k, shape in enumerate(graph.entries):
        name = labels["input"] if len(graph.entries) == 1 else f"{labels['input']} {k + 1}"
        name = name if adds is None else f"x · {name}"
        boxes.append(_node(spots[-1 - k], name, shape_text(shape), theme.muted, theme, half))
    rows = max(ys) - min(ys) + 1
    above = 0.95 if any(edge["line"]["width"] > 2 for edge in edges) else 0.45  # room for arcs only where there are any
    below = 0.45 if adds is None else 0.75
    fig = figure(
        theme,
        height=int((130 + 86 * rows) / (rows + 0.7) * (rows - 1 + above + below)),
        title=title,
        showlegend=False,
        hovermode="closest",
        shapes=[*edges, *(rectangle for rectangle, _ in boxes)],
        annotations=[note for _, note in boxes],
        xaxis=bare_axis(range=[min(xs) - 0.52, max(xs) + 0.52]),
        yaxis=bare_axis(range=[min(ys) - below, max(ys) + above], fixedrange=True),
    )
    fig.add_trace(_areas(graph, spots, titles))
    return fig if adds is None else fig.add_trace(_terms(spots[-1], spots[adds], theme))


def _areas(graph: BlockGraph, spots: Mapping[int, _Spot], titles: Sequence[str]) -> go.Bar:
    """The boxes once more, to be clicked: each opens its first operation."""
    rectangles = [(x - 0.43, y - 0.3, x + 0.43, y + 0.3) for x, y in (spots[i] for i in range(len(graph.nodes)))]
    texts = [
        f"{title}<br>{' + '.join(map(shape_text, node.layers[0].in_shapes))} → {shape_text(node.out_shape)}"
        for title, node in zip(titles, graph.nodes, strict=True)
    ]
    return areas(rectangles, [opens(node.layers[0].index) for node in graph.nodes], texts)


def _terms(start: _Spot, end: _Spot, theme: Theme) -> go.Scatter:
    """The two terms of the sum, on their way: x over the arc, F(x) below the operations that compute it."""
    font = {"size": 15, "color": [mixed(colour_of_kind("add"), theme.ink, 0.5), theme.ink], "family": MONO}
    return go.Scatter(
        x=[(start[0] + end[0]) / 2] * 2,
        y=[start[1] + 0.88, start[1] - 0.52],
        text=["x", "F(x)"],
        mode="text",
        textfont=font,
        textposition="middle center",
        hoverinfo="skip",
    )


def columns(graph: BlockGraph) -> int:
    """Number of columns, i.e. operations on the longest path: it determines the width of the drawing."""
    return int(max(x for x, _ in _layout(graph).values())) + 1


def _title(node: GraphNode, labels: Mapping[str, str]) -> str:
    return " · ".join(operation_text(layer, labels) for layer in node.layers)


def _layout(graph: BlockGraph) -> dict[int, _Spot]:
    """(column, row) of every node: the column is its longest path from outside, the row close to its inputs'.

    Branches that start at one node are in execution order, the first on top, as papers draw them. What computes a gate
    hangs below the volume that it weighs, from where it leaves to where it is multiplied.
    """
    entries = range(len(graph.entries))
    column = {-1 - k: 0 for k in entries}
    row = {-1 - k: -k for k in entries}
    taken: set[tuple[int, int]] = {(0, -k) for k in entries}
    offsets, gates = _branch_offsets(graph), _gates(graph)
    hanging = {i: (volume, k) for volume, chain in gates.values() for k, i in enumerate(chain)}
    for i, node in enumerate(graph.nodes):
        if i in gates or i in hanging:
            volume, along = hanging[i] if i in hanging else (gates[i][0], max(len(gates[i][1]) - 1, 1))
            column[i], row[i] = column[volume] + along, row[volume] - (i in hanging)
            taken.add((column[i], row[i]))
            continue
        column[i] = 1 + max(column[s] for s in node.inputs)
        preferred = round(sum(row[s] for s in node.inputs) / len(node.inputs)) + offsets.get(i, 0)
        row[i] = next(r for r in _outwards(preferred) if (column[i], r) not in taken)
        taken.add((column[i], row[i]))
    return {key: (float(column[key]), float(row[key])) for key in column}


def _gates(graph: BlockGraph) -> dict[int, tuple[int, list[int]]]:
    """{the multiplication: (the volume, what computes its weights, in order)}, where that is a chain of its own."""
    found = {}
    for i, node in enumerate(graph.nodes):
        shapes = node.layers[0].in_shapes
        if node.kind == "multiply" and len(shapes) == 2 and prod(shapes[1]) < prod(shapes[0]):
            volume, at = node.inputs
            chain: list[int] = []
            while at > volume and len(graph.nodes[at].inputs) == 1:
                chain.insert(0, at)
                at = graph.nodes[at].inputs[0]
            if at == volume >= 0:
                found[i] = volume, chain
    return found


def _branch_offsets(graph: BlockGraph) -> dict[int, int]:
    """Rows of a single-input node relative to its input: branches of one node share the rows around it."""
    branches: dict[int, list[int]] = {}
    for i, node in enumerate(graph.nodes):
        if len(node.inputs) == 1:
            branches.setdefault(node.inputs[0], []).append(i)
    rows: dict[int, int] = {}  # that a branch needs, with the branches that start in it
    for i in reversed(range(len(graph.nodes))):
        rows[i] = max(1, sum(rows[branch] for branch in branches.get(i, ())))
    offsets = {}
    for siblings in branches.values():
        top = (sum(rows[branch] for branch in siblings) - 1) // 2
        for branch in siblings:
            offsets[branch] = top - (rows[branch] - 1) // 2
            top -= rows[branch]
    return offsets


def _outwards(start: int) -> Iterator[int]:
    """start, start - 1, start + 1, start - 2 ..."""
    yield start
    for step in count(1):
        yield start - step
        yield start + step


def _edge(start: _Spot, end: _Spot, spots: Mapping[int, _Spot], theme: Theme) -> dict[str, Any]:
    (x0, y0), (x1, y1) = start, end
    if x0 == x1:  # to a gate that hangs below, and back up
        side = 0.3 if y1 > y0 else -0.3
        return {
            "type": "path",
            "path": f"M {x0},{y0 + side} L {x1},{y1 - side}",
            "line": {"color": theme.muted, "width": 1.6},
            "layer": "below",
        }
    left, right = x0 + 0.42, x1 - 0.42
    blocked = any(y == y0 == y1 and x0 < x < x1 for x, y in spots.values())
    if blocked:  # a skip: over everything between
        path = f"M {x0},{y0 + 0.3} C {x0 + 0.2},{y0 + 0.95} {x1 - 0.2},{y1 + 0.95} {x1},{y1 + 0.3}"
    else:
        turn = right - 0.16  # along its own row as far as it goes, then into the node through the gap before it
        path = f"M {left},{y0} L {turn},{y0} C {right - 0.04},{y0} {turn + 0.04},{y1} {right},{y1}"
    colour = mixed(colour_of_kind("add"), theme.ink, 0.1) if blocked else theme.muted
    return {"type": "path", "path": path, "line": {"color": colour, "width": 2.4 if blocked else 1.6}, "layer": "below"}


def _node(
    spot: _Spot, name: str, shape: str, colour: str, theme: Theme, half: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(rectangle, text) of a node: the operation, what follows it, the output shape."""
    x, y = spot
    rectangle = {
        "type": "rect",
        "x0": x - half,
        "x1": x + half,
        "y0": y - 0.3,
        "y1": y + 0.3,
        "fillcolor": mixed(theme.paper, colour, 0.22),
        "line": {"color": colour, "width": 1.6},
    }
    first, *trailing = name.split(" · ")
    lines = [f"<b>{first}</b>", *([" · ".join(trailing)] if trailing else [])]
    lines.append(f'<span style="font-family:{MONO};font-size:12px;color:{theme.muted}">{shape}</span>')
    font = {"size": 12, "color": theme.ink}
    return rectangle, {"x": x, "y": y, "text": "<br>".join(lines), "showarrow": False, "font": font}
