"""Receptive fields of a stack of layers on a photograph, and a stack against one layer that sees as much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from explorer.figures import palette
from explorer.figures.echarts import axis, base, text, tip
from explorer.figures.raster import enlarged, png
from explorer.figures.theme import Theme
from explorer.records import Window
from explorer.records.stacks import Reach, StackedPair, WindowLayer

_SIDE = 448
"""Pixels that an image is enlarged to at least, by a whole factor."""

_DARK = 0.14
"""Of its light is left of a pixel that no way leads to."""


def frames_png(pixels: np.ndarray, windows: Sequence[Window]) -> bytes:
    """An image, uint8 (n, n, 3), at true scale, with a frame a layer; what lies outside it is the padding.

    Frames have the colours of `palette.CYCLE` in their order.
    """
    side = pixels.shape[0]
    out = max((max(-top, -left, bottom - side, right - side) for top, left, bottom, right in windows), default=0)
    margin = min(max(out, 0), side // 4)
    factor = max(1, -(-_SIDE // (side + 2 * margin)))
    canvas = Image.new("RGB", (side + 2 * margin,) * 2, palette.SLATE)
    canvas.paste(Image.fromarray(pixels), (margin, margin))
    image = enlarged(canvas, factor)
    pen = ImageDraw.Draw(image)
    for number, window in enumerate(windows):
        top, left, bottom, right = (factor * (edge + margin) for edge in window)
        box = (max(0, left), max(0, top), min(image.width, right) - 1, min(image.height, bottom) - 1)
        if box[2] >= box[0] and box[3] >= box[1]:
            pen.rectangle((box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1), outline=palette.BLACK)
            pen.rectangle(box, outline=palette.CYCLE[number % len(palette.CYCLE)], width=2 if bottom - top > 24 else 1)
    return png(image)


def seen_png(pixels: np.ndarray, below: Reach) -> bytes:
    """The window of one output on an image, uint8 (n, n, 3), and a margin around it, the same along both axes.

    Each pixel is as bright as its gradient is large: the root of the ways that lead to it. With random weights of mean
    zero that is the gradient's root mean square, without non-linearities.
    """
    ways = np.outer(*[_line(below, pixels.shape[0])] * 2)
    light = _DARK + (1 - _DARK) * np.sqrt(ways / max(ways.max(), 1))
    first, after = below.first, below.first + len(below.ways)
    margin = max(2, (after - first) // 4)
    shown = slice(max(0, first - margin), after + margin)
    lit = (pixels * light[..., None]).round().astype(np.uint8)[shown, shown]
    return png(enlarged(Image.fromarray(lit), max(1, -(-_SIDE // lit.shape[0]))))


def _line(reach: Reach, length: int) -> np.ndarray:
    line = np.zeros(length)
    line[reach.first : reach.first + len(reach.ways)] = reach.ways
    return line


def pairs(
    found: Sequence[tuple[int, StackedPair]],
    chosen: int,
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """Parameters over the side of the window: stacked layers against the one layer that sees as much.

    `found` are (layers, pair) with ever more layers, `chosen` the number of layers that is marked. `words`: "size",
    "parameters", "stacked", "single".
    """
    series = []
    for name, colour in (("stacked", palette.BLUE), ("single", palette.ORANGE)):
        points = [
            {"value": [pair.size.value, getattr(pair, name).value], "symbolSize": 13 if layers == chosen else 5}
            for layers, pair in found
        ]
        style = {"color": colour, "width": 2.4}
        series.append(
            {"type": "line", "name": words[name], "data": points, "lineStyle": style, "itemStyle": {"color": colour}}
        )
    aside = {"color": theme.muted, "fontSize": 12, "align": "left"}  # centred, it would be cut off
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 18, "top": 82, "bottom": 34, "containLabel": True},
        "legend": {"top": 26, "left": 0, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, words["size"], type="value", nameGap=26, min=1, minInterval=2),
        "yAxis": axis(theme, words["parameters"], type="value", nameLocation="end", nameTextStyle=aside, min=0),
        "series": series,
    }


def code(layers: Sequence[WindowLayer], n: int, cell: int) -> str:
    """Python that counts the ways from one output to every pixel of the input, by the gradient of a sum of ones."""
    lines = [f"    nn.Conv1d(1, 1, {f}, stride={s}, padding={p}, dilation={d}, bias=False)," for f, s, p, d in layers]
    return "\n".join(
        [
            "import torch",
            "from torch import nn",
            "",
            "stack = nn.Sequential(",
            *lines,
            ").double()",
            "for layer in stack:",
            "    nn.init.ones_(layer.weight)",
            "",
            f"x = torch.zeros(1, 1, {n}, dtype=torch.float64, requires_grad=True)",
            "y = stack(x)  # (1, 1, n')",
            f"y[0, 0, {cell}].backward()",
            "ways = x.grad[0, 0].long()  # how many ways lead to each pixel; 0: it is not read",
            "print(ways.tolist())",
        ]
    )
