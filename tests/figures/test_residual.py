"""Drawings of residual blocks and curves of signals: what stands in them is what stands in the record."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from explorer.arithmetic.residual import KINDS, block_kind, flow, shortcut
from explorer.figures.residual import block_flow
from explorer.figures.residual_shapes import block_kinds, shortcut_maps
from explorer.figures.signals import Line, lines, sizes
from explorer.figures.svg import Drawing, file_of, number
from explorer.figures.theme import DARK, LIGHT, Theme
from explorer.records.residual import FlowSettings

WORDS = {name: name for name in ("skip", "plain", "sum", "batch", "input", "output", "zero", "mix", "weights")}
WORDS |= {"copy": "copy of {channel}", "identity": "identity", "padding": "padding", "projection": "projection"}
WORDS |= {"norm": "BN", "relu": "ReLU", "macs": "MACs", **{kind: kind for kind in KINDS}}


def texts(html: str) -> list[str]:
    """Everything that is written in a drawing."""
    root = ElementTree.fromstring(file_of(html))
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(
    "settings",
    [
        FlowSettings(seed=17),
        FlowSettings(seed=17, norm=True, alpha=0.5),
        FlowSettings(seed=17, order="preact", positive=False),
    ],
    ids=str,
)
def test_every_value_of_the_block_is_written(settings: FlowSettings, theme: Theme) -> None:
    record = flow(settings)
    html = block_flow(record, theme=theme, words=WORDS, label="a block & its <sum>")
    written = texts(html)
    for vector in (record.x, record.z1, record.a1, record.b1, record.z2, record.b2, record.out, *record.w1, *record.w2):
        assert set(map(number, vector)) <= set(written)
    assert any(text.startswith("plain") and all(number(v) in text for v in record.plain) for text in written)
    assert any(text.startswith("skip") and all(number(v) in text for v in record.x) for text in written)
    assert ("BN" in written) == bool(record.mean)
    assert "a block &amp; its &lt;sum&gt;" in html


def test_nothing_is_drawn_outside_of_the_drawing() -> None:
    htmls = [
        block_flow(flow(FlowSettings(norm=True, alpha=0.5)), theme=LIGHT, words=WORDS, label=""),
        shortcut_maps(shortcut("projection", 6, 1, 1), theme=LIGHT, words=WORDS, label=""),
        block_kinds([block_kind(k, 512, 1024, 56, 2, "B") for k in KINDS], theme=LIGHT, words=WORDS, label=""),
    ]
    for html in htmls:
        root = ElementTree.fromstring(file_of(html))
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for each in root.iter():
            x, y = float(each.attrib.get("x", 0)), float(each.attrib.get("y", 0))
            assert 0 <= x + float(each.attrib.get("width", 0)) * ("x" in each.attrib) <= width
            assert 0 <= y <= height


def test_zeros_are_dashed_and_read_cells_framed() -> None:
    html = shortcut_maps(shortcut("both", 6, 2, 1), theme=LIGHT, words=WORDS, label="")
    drawing = file_of(html).decode()
    assert drawing.count("stroke-dasharray") == 4 * 4
    assert texts(html).count("zero") == 4
    assert [text for text in texts(html) if text.startswith("copy")] == ["copy of 1", "copy of 2"]
    assert len(re.findall(r'stroke-width="2"', drawing)) == 2 * 4


def test_every_layer_has_its_parameters_and_every_block_its_total() -> None:
    kinds = [block_kind(name, 64, 128, 56, 2, "B") for name in KINDS]
    written = texts(block_kinds(kinds, theme=LIGHT, words=WORDS, label=""))
    for kind in kinds:
        assert f"{kind.parameters:,}" in written
        assert f"{kind.macs:,} MACs" in written
        assert f"projection: {kind.shortcut_parameters:,}" in written
        assert {f"{layer.parameters:,}" for layer in kind.branch if layer.parameters} <= set(written)


def test_indices_are_raised_and_what_follows_is_on_the_line_again() -> None:
    drawing = Drawing(LIGHT, 10, 10)
    drawing.text(0, 0, "a^{[l+2]} = W_{s} x", size=10)
    shifts = [float(shift) for shift in re.findall(r'dy="([^"]*)"', drawing.parts[0])]
    assert len(shifts) == 4
    assert sum(shifts) == pytest.approx(0)
    assert number(-0.001) == "0"
    assert number(-1.5) == "−1.50"


def test_a_logarithmic_axis_leaves_zeros_out_and_has_two_decades_or_more() -> None:
    flat = Line("a", [(1, 1.0), (2, 1.0), (3, 0.0)], LIGHT.ink)
    option = lines([flat], theme=LIGHT, words={"x": "layer", "y": "size"}, title="", logarithmic=True)
    assert option["series"][0]["data"] == [[1, 1.0], [2, 1.0]]
    assert (option["yAxis"]["min"], option["yAxis"]["max"]) == (0.1, 10.0)
    deep = Line("a", [(1, 1e-22), (2, 1.0)], LIGHT.ink)
    option = lines([deep], theme=LIGHT, words={"x": "layer", "y": "size"}, title="", logarithmic=True)
    assert option["yAxis"]["logBase"] == 1000
    empty = lines([Line("a", [], LIGHT.ink)], theme=LIGHT, words={"x": "", "y": ""}, title="", logarithmic=True)
    assert empty["yAxis"]["min"] < empty["yAxis"]["max"]


def test_a_heat_map_has_a_column_a_layer_and_zeros_at_the_bottom() -> None:
    words = {"x": "layer", "y": "size", "zero": "0", "share": "share"}
    option = sizes([2, 4], [(0.5, 0.5, 0.0), (0.0, 0.25, 0.75)], [-4, 0], theme=DARK, words=words, title="")
    assert option["yAxis"]["data"] == ["0", "10⁻⁴", "1"]
    assert option["xAxis"]["data"] == [2, 4]
    assert option["series"][0]["data"] == [[0, 0, 0.5], [0, 1, 0.5], [1, 1, 0.25], [1, 2, 0.75]]
