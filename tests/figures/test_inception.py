"""Figures of 1x1 and Inception hold the numbers of their records."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.arithmetic import factorised, inception_module
from explorer.figures.inception import branch_sheet, field_grid, kernel_png, module_drawing, path_counts
from explorer.figures.inception_curves import BRANCH_COLOURS, Line, bars, branch_shares, dot_product, lines
from explorer.figures.theme import DARK, LIGHT
from explorer.records.inception import BranchMaps, InceptionWidths

WIDTHS = InceptionWidths(192, 64, 96, 128, 16, 32, 32)
WORDS = {
    "input": "in",
    "concat": "join",
    "pool": "pooled",
    "channels": "C",
    "parameters": "P",
    "macs": "M",
    **{name: f"<{name}>" for name in BRANCH_COLOURS},
}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("reduced", [True, False])
def test_the_concat_is_as_high_as_its_branches_have_channels(theme: object, reduced: bool) -> None:
    branches = inception_module((28, 28), WIDTHS, reduced=reduced)
    fig = module_drawing(branches, (28, 28), 192, theme=LIGHT if theme is LIGHT else DARK, words=WORDS, title="t")
    parts = [shape for shape in fig.layout.shapes if shape.type == "rect" and shape.x0 > 4.4]
    heights = np.array([part.y1 - part.y0 for part in parts])
    channels = np.array([branch.n_out for branch in branches])
    assert np.allclose(heights / heights.sum(), channels / channels.sum())
    assert [part.line.color for part in parts] == [BRANCH_COLOURS[branch.name] for branch in branches]
    texts = " ".join(note.text for note in fig.layout.annotations)
    assert f"28×28×{sum(channels)}" in texts
    assert ("192 → 16" in texts) == reduced


def test_shares_add_up_to_a_hundred_and_carry_their_numbers() -> None:
    branches = inception_module((28, 28), WIDTHS)
    option = branch_shares(branches, theme=LIGHT, words=WORDS, title="t")
    data = [[point["value"] for point in series["data"]] for series in option["series"]]
    assert np.allclose(np.sum(data, 0), 100, atol=0.02)
    three = option["series"][1]["data"]
    assert [point["name"] for point in three] == ["101,154,816", "129,248", "128"]
    assert three[2]["value"] == 50


@pytest.mark.parametrize(("n", "how"), [(5, "stack"), (7, "pair"), (9, "stack")])
def test_paths_are_counted_as_a_convolution_of_ones_does(n: int, how: str) -> None:
    import torch

    counts = torch.ones(1, 1, 1, 1)
    for f_h, f_w in factorised(n, how):
        counts = torch.nn.functional.conv_transpose2d(counts, torch.ones(1, 1, f_h, f_w))
    assert np.array_equal(path_counts(factorised(n, how)), counts[0, 0].numpy())
    fig = field_grid(factorised(n, how), theme=LIGHT, title="t")
    assert np.array_equal(np.array(fig.data[0].z), counts[0, 0].numpy())


def test_maps_are_coloured_by_branch_row_after_row() -> None:
    maps = np.random.default_rng(0).random((5, 4, 4), dtype=np.float32)
    blob = branch_sheet(BranchMaps((("1x1", maps), ("5x5", maps[:2]))), 4)
    image = np.asarray(Image.open(io.BytesIO(blob)).convert("RGBA"))
    factor = image.shape[1] // (4 * 6 - 2)
    small = image[::factor, ::factor]
    assert small.shape == (3 * 6 - 2, 4 * 6 - 2, 4)
    blue, green = small[:4, :4, :3].reshape(-1, 3).astype(int), small[12:16, :4, :3].reshape(-1, 3).astype(int)
    assert (blue[:, 2] >= blue[:, 0]).all()
    assert (green[:, 1] >= green[:, 0]).all()
    assert (small[6:10, 6:, 3] == 0).all(), "the second row holds one map"
    assert (blue.min(), blue.min(1).max() > 250) == (0, True), "from black to white"


def test_curves_and_bars_hold_what_they_are_given() -> None:
    curve = Line("a", "#000000", [(1, 2.0), (2, None)], dashed=True)
    option = lines([curve], theme=LIGHT, across="x", upright="y", title="t", marks={"here": 1.5}, log=True)
    assert option["series"][0]["data"] == [[1, 2.0], [2, None]]
    assert option["series"][0]["markLine"]["data"] == [{"name": "here", "xAxis": 1.5}]
    assert option["yAxis"]["type"] == "log"
    option = bars(
        ["p", "q"], [("g", "#111111", [1, 2])], theme=LIGHT, upright="%", title="t", colours=["#222222", "#333333"]
    )
    assert [(point["value"], point["itemStyle"]["color"]) for point in option["series"][0]["data"]] == [
        (1, "#222222"),
        (2, "#333333"),
    ]


def test_a_dot_product_ends_at_its_sum() -> None:
    option = dot_product([1.0, -2.5, 0.25], theme=LIGHT, across="c", upright="p", sums="s", title="t")
    assert option["series"][1]["data"] == [1.0, -1.5, -1.25]
    assert [point["value"] for point in option["series"][0]["data"]] == [1.0, -2.5, 0.25]


def test_a_kernel_is_blue_below_zero_and_orange_above() -> None:
    image = np.asarray(Image.open(io.BytesIO(kernel_png([[-1.0, 1.0], [0.0, 0.0]], 1.0))).convert("RGB")).astype(int)
    side = image.shape[0] // 2
    low, high = image[side // 2, side // 2], image[side // 2, side + side // 2]
    assert low[2] > low[0]
    assert high[0] > high[2]
