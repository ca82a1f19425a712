"""A shortcut between volumes of different shapes, cell by cell, and the kinds of residual blocks, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.figures.palette import SLATE
from explorer.figures.svg import Drawing, number
from explorer.figures.theme import Theme, colour_of_kind, mixed
from explorer.records.residual import BlockKind, CostedLayer, Shortcut

_CELL, _LEAST = 30.0, 760.0
_TOP = 40.0


def shortcut_maps(record: Shortcut, *, theme: Theme, words: Mapping[str, str], label: str) -> str:
    """Both channels of the input with the positions that are read in a frame, what happens, and every output channel.

    Copied channels keep the colour of the channel that they come from, channels of zeros are dashed. `words`: "input",
    "output", "copy", "zero", "mix", "weights" (the name of W_s).
    """
    side, stride = len(record.inputs[0]), record.stride
    colours = (colour_of_kind("conv"), colour_of_kind("pool"))
    after = len(record.outputs[0])
    drawing = Drawing(theme, 0, _TOP + max(side, after) * _CELL + 46)
    x = 10.0
    for index, channel in enumerate(record.inputs):
        drawing.text(x + side * _CELL / 2, _TOP - 16, f"{words['input']} {index + 1}", size=13, bold=True)
        for row, values in enumerate(channel):
            for column, value in enumerate(values):
                read = row % stride == 0 and column % stride == 0
                fill = mixed(theme.paper, colours[index], 0.3) if read else theme.paper
                line = colours[index] if read else theme.line
                at = (x + column * _CELL, _TOP + row * _CELL)
                drawing.rect(*at, _CELL, _CELL, fill=fill, line=line, width=2 if read else 1)
                ink = theme.ink if read else theme.muted
                drawing.text(at[0] + _CELL / 2, at[1] + _CELL / 2, f"{value:g}", mono=True, colour=ink)
        x += side * _CELL + 18
    middle = _TOP + side * _CELL / 2
    x = _weights(drawing, record, x, middle, words["weights"]) if record.weights else x
    drawing.line([(x, middle), (x + 34, middle)], colour=theme.muted)
    x += 48
    for index, (channel, source) in enumerate(zip(record.outputs, record.sources, strict=True)):
        colour = {-1: theme.muted, -2: colour_of_kind("linear")}.get(source, colours[max(source, 0)])
        said = {-1: words["zero"], -2: words["mix"]}.get(source, words["copy"].format(channel=source + 1))
        size = _CELL if source != -2 else 44.0
        top = middle - after * size / 2 if source != -2 else middle - after * _CELL / 2
        drawing.text(x + after * size / 2, top - 16, f"{words['output']} {index + 1}", size=13, bold=True)
        _channel(drawing, (x, top), channel, (size, _CELL), colour, source)
        drawing.text(x + after * size / 2, top + after * _CELL + 15, said, size=12, colour=theme.muted)
        x += max(after * size, 76) + 14
    drawing.width = max(x, _LEAST)
    return drawing.html(label, least=int(0.72 * x))


def _channel(
    drawing: Drawing,
    corner: tuple[float, float],
    channel: Sequence[Sequence[float]],
    cell: tuple[float, float],
    colour: str,
    source: int,
) -> None:
    (x, top), (w, h), theme = corner, cell, drawing.theme
    for row, values in enumerate(channel):
        for column, value in enumerate(values):
            at = (x + column * w, top + row * h)
            fill = theme.paper if source == -1 else mixed(theme.paper, colour, 0.3)
            drawing.rect(*at, w, h, fill=fill, line=colour, width=1.2, dash="3 3" if source == -1 else "")
            shown = number(value) if source == -2 else f"{value:g}"
            ink = theme.muted if source == -1 else theme.ink
            drawing.text(at[0] + w / 2, at[1] + h / 2, shown, size=13 if source != -2 else 12, mono=True, colour=ink)


def _weights(drawing: Drawing, record: Shortcut, x: float, middle: float, name: str) -> float:
    """W_s, a row for each output channel; returns where it ends."""
    rows, columns, w, h = len(record.weights), len(record.weights[0]), 46.0, 24.0
    top = middle - rows * h / 2
    drawing.text(x + 8 + columns * w / 2, top - 16, name, size=15, bold=True)
    for row, weights in enumerate(record.weights):
        for column, weight in enumerate(weights):
            drawing.cell(x + 8 + column * w, top + row * h, w, h, weight, most=1.0)
    return x + 16 + columns * w + 8


# --- kinds of blocks --------------------------------------------------------------------------------------------------

_BOX, _ROW = 76.0, 112.0
_MARGIN = 176.0


def block_kinds(kinds: Sequence[BlockKind], *, theme: Theme, words: Mapping[str, str], label: str) -> str:
    """One block below the other: every layer with its parameters, the shortcut above, and the total at the end.

    `words`: the name of every kind, "norm", "relu", "identity", "padding", "projection", "total", "macs".
    """
    longest = max(len(kind.branch) + len(kind.behind) for kind in kinds)
    drawing = Drawing(theme, _MARGIN + longest * (_BOX + 12) + 200, 14 + _ROW * len(kinds))
    for number_, kind in enumerate(kinds):
        middle = 14 + _ROW * number_ + 72
        drawing.text(8, middle - 10, words[kind.name], size=15, bold=True, anchor="start")
        shape = f"{kind.branch[0].n_in} → {kind.branch[-1].n_out}" if kind.shortcut or _widens(kind) else ""
        drawing.text(8, middle + 12, shape or f"{_entry(kind)}", size=12, anchor="start", colour=theme.muted, mono=True)
        x = start = _MARGIN
        for place, layer in enumerate(kind.branch):
            x = _layer(drawing, layer, x, middle, words)
            if kind.shortcut and place == 1 and not kind.behind:
                start = x  # a projection reads what has been normalised and activated
        end = x + 14
        colour = colour_of_kind("add")
        drawing.circle(end, middle, 12, fill=mixed(theme.paper, colour, 0.3), line=colour)
        drawing.text(end, middle, "+", size=18, bold=True)
        x = end + 24
        for layer in kind.behind:
            x = _layer(drawing, layer, x, middle, words)
        _shortcut(drawing, kind, (start - 10, end), middle, words)
        total = f"{kind.parameters:,}"
        drawing.text(drawing.width - 8, middle - 10, total, size=17, anchor="end", mono=True, bold=True)
        below = f"{kind.macs:,} {words['macs']}"
        drawing.text(drawing.width - 8, middle + 12, below, size=12, anchor="end", mono=True, colour=theme.muted)
    return drawing.html(label, least=860)


def _entry(kind: BlockKind) -> str:
    first = next(layer for layer in kind.branch if layer.kind == "conv")
    return f"{first.n_in}"


def _widens(kind: BlockKind) -> bool:
    convs = [layer for layer in kind.branch if layer.kind == "conv"]
    return convs[0].n_in != convs[-1].n_out


def _layer(drawing: Drawing, layer: CostedLayer, x: float, middle: float, words: Mapping[str, str]) -> float:
    """A box with what a layer is and its parameters; returns where the next one begins."""
    theme = drawing.theme
    if layer.kind == "conv":
        name, colour = f"{layer.f}×{layer.f}, {layer.n_out}", colour_of_kind("conv")
    elif layer.kind == "norm":
        name, colour = words["norm"], SLATE
    else:
        name, colour = words["relu"], colour_of_kind("activation")
    drawing.rect(x, middle - 21, _BOX, 42, fill=mixed(theme.paper, colour, 0.22), line=colour, width=1.4)
    if layer.parameters:
        drawing.text(x + _BOX / 2, middle - 8, name, size=13, bold=layer.kind == "conv")
        drawing.text(x + _BOX / 2, middle + 9, f"{layer.parameters:,}", size=12, mono=True, colour=theme.muted)
    else:
        drawing.text(x + _BOX / 2, middle, name, size=13)
    drawing.line([(x - 11, middle), (x - 1, middle)], colour=theme.muted)
    return x + _BOX + 12


def _shortcut(
    drawing: Drawing, kind: BlockKind, ends: tuple[float, float], middle: float, words: Mapping[str, str]
) -> None:
    colour, (start, end) = mixed(colour_of_kind("add"), drawing.theme.ink, 0.15), ends
    above = middle - 42
    points = [(start, middle), (start, above), (end, above), (end, middle - 13)]
    drawing.line(points, colour=colour, width=2.4)
    name = words["projection" if kind.shortcut else "padding" if _widens(kind) else "identity"]
    said = f"{name}: {kind.shortcut_parameters:,}"
    drawing.text((start + end) / 2, above - 13, said, size=13, colour=colour)
