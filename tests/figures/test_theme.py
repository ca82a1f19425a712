"""Every colour of every figure comes from the theme."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple
from typing import Any

import plotly.graph_objects as go
import pytest

from explorer.figures import atlas, curves, graph, palette, theme, volumes
from explorer.figures.theme import DARK, LIGHT, Theme, mixed
from explorer.folding import block_graph, outline
from explorer.networks import networks
from explorer.records import KINDS, ShapeTrace
from tests.figures.checks import drawn, values
from tests.figures.test_atlas import CARDS, WORDS

Traced = Callable[[str], ShapeTrace]
Words = Mapping[str, str]

ONE = "#123456"
PLAIN = Theme(*[ONE] * 5)
SHADES = {ONE, mixed(ONE, "#000000", 0.30), mixed(ONE, "#FFFFFF", 0.38)}  # the three faces of a box
TRANSPARENT = re.compile(r"rgba\((0,0,0,0|18,52,86,0\.\d+)\)")


def test_a_colour_that_means_something_means_it_always() -> None:
    """What the words of pages and lessons call blue or orange (Okabe & Ito 2008)."""
    assert (palette.BLUE, palette.ORANGE, palette.GREEN, palette.PINK) == ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
    assert (palette.PLAIN, palette.RESIDUAL) == (palette.ORANGE, palette.BLUE)
    assert (palette.TRAINING, palette.TEST, palette.NOTEBOOK) == (palette.BLUE, palette.GREEN, palette.ORANGE)
    assert (palette.BEFORE, palette.AFTER) == (palette.SLATE, palette.BLUE)
    assert palette.CYCLE[:4] == (palette.BLUE, palette.ORANGE, palette.GREEN, palette.PINK)
    assert len(set(palette.CYCLE)) == len(palette.CYCLE)


def test_scales_run_from_dark_to_light_and_from_blue_to_orange() -> None:
    def channels(colour: str) -> tuple[int, int, int]:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return red, green, blue

    light = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(channels, palette.VIRIDIS)]
    assert light == sorted(light)
    warmth = [red - blue for red, _, blue in map(channels, palette.SIGNED)]
    assert [warm < 0 for warm in warmth[:3]] == [warm > 20 for warm in warmth[4:]] == [True] * 3


def figures(look: Theme, labels: Words, traced: Traced) -> Iterator[tuple[str, go.Figure]]:
    for slug, block in (("resnet50", "layer2.0"), ("googlenet", "inception3a")):
        trace = traced(slug)
        steps = outline(trace, "block")
        more = {**labels, "size": "size"}
        yield "pipeline", volumes.pipeline(steps, trace.input_shape, theme=look, labels=labels)
        yield "curves", curves.size_curves(steps, trace.input_shape, theme=look, labels=more)
        yield "bars", curves.cost_bars(steps, theme=look, labels=labels)
        yield "graph", graph.block_graph(block_graph(trace, block), theme=look, labels=labels)
    yield "timeline", atlas.timeline(CARDS, theme=look, labels=WORDS)
    yield "scatter", atlas.accuracy_scatter(CARDS, against="macs", theme=look, labels=WORDS)


def colours(fig: go.Figure) -> set[str]:
    """All values of properties that are colours, and the colours inside of texts."""
    found = set()
    for path, value in values(drawn(fig)):
        if "color" in path.rpartition(".")[2]:
            found.add(str(value))
        elif isinstance(value, str):
            found |= set(re.findall(r"(?<=color:)[^;\"']+", value))
    return found


@pytest.mark.parametrize("name", ["pipeline", "curves", "bars", "graph", "timeline", "scatter"])
def test_with_a_theme_of_one_colour_no_other_is_left(
    name: str, labels: Words, traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "_KIND_COLOURS", dict.fromkeys(KINDS, ONE))
    monkeypatch.setattr(theme, "_FAMILY_COLOURS", {spec.family: ONE for spec in networks().values()})
    for kind, fig in figures(PLAIN, labels, traced):
        if kind == name:
            left = {colour for colour in colours(fig) - SHADES if not TRANSPARENT.fullmatch(colour)}
            assert left == set()
            assert ONE in colours(fig)


@pytest.mark.parametrize(("look", "other"), [(LIGHT, DARK), (DARK, LIGHT)], ids=["light", "dark"])
def test_no_colour_of_the_other_theme_is_left(look: Theme, other: Theme, labels: Words, traced: Traced) -> None:
    strange = set(astuple(other)) - set(astuple(look))
    for kind, fig in figures(look, labels, traced):
        assert not colours(fig) & strange, kind
        assert fig.layout.font.color == look.ink


def test_every_kind_and_every_family_has_a_colour() -> None:
    assert len({theme.colour_of_kind(kind) for kind in KINDS}) == len(KINDS)
    families = {spec.family for spec in networks().values()}
    assert len({theme.colour_of_family(family) for family in families}) == len(families)
    assert re.fullmatch("#[0-9A-F]{6}", theme.colour_of_family("a family to come"))


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, "#204060"), (1.0, "#FFFFFF"), (0.5, "#90A0B0"), (0.25, "#587088")]
)
def test_mixing(share: float, expected: str) -> None:
    assert mixed("#204060", "#FFFFFF", share) == expected


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.1)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_its_paper(look: Theme) -> None:
    def contrast(a: str, b: str) -> float:
        light, dark = sorted((luminance(a), luminance(b)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(look.ink, look.paper) >= 7
    assert contrast(look.muted, look.paper) >= 4.5


def test_figures_of_both_themes_differ_in_colour_alone(labels: Words, traced: Traced) -> None:
    def bare(fig: go.Figure) -> list[tuple[str, Any]]:
        uncoloured = ((path, value) for path, value in values(drawn(fig)) if "color" not in path.rpartition(".")[2])
        return [(path, re.sub(r"color:[^;\"']+", "", v) if isinstance(v, str) else v) for path, v in uncoloured]

    for (kind, light), (_, dark) in zip(figures(LIGHT, labels, traced), figures(DARK, labels, traced), strict=True):
        assert bare(light) == bare(dark), kind
