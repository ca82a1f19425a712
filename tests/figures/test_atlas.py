"""The timeline and the scatter: one point per network, with its slug for clicks."""

from __future__ import annotations

from itertools import pairwise
from math import log10

import plotly.graph_objects as go
import pytest

from explorer.figures.atlas import accuracy_scatter, timeline
from explorer.figures.theme import DARK, LIGHT, Theme
from explorer.networks import milestones, network, networks
from explorer.records import NetworkSummary
from tests.figures.checks import assert_drawable

WORDS = {
    "parameters": "<parameters>",
    "macs": "<macs>",
    "depth": "<depth>",
    "top1": "<top1>",
    **{f"family.{spec.family}": f"<{spec.family}>" for spec in networks().values()},
}


def summary(slug: str, place: int, top1: float | None, *, crops: int = 1) -> NetworkSummary:
    """A `NetworkSummary` with true names and invented numbers."""
    spec = network(slug)
    return NetworkSummary(
        slug=slug,
        title=spec.title,
        family=spec.family,
        year=spec.year,
        citation="",
        url="",
        lesson=spec.lesson,
        input_shape=spec.input_shape,
        classes=spec.classes,
        parameters=10**6 * (place + 1),
        macs=3 * 10**8 * (place + 1) ** 2,
        activation_bytes=1,
        depth=5 + place,
        rf_size=100,
        dataset="ImageNet" if spec.classes == 1000 else "CIFAR-10",
        top1=top1,
        protocol="1 crop 224" if crops == 1 else f"{crops}-crop",
        source="",
        comparable=crops == 1,
        milestone=place + 1 if slug in milestones() else 0,
    )


CARDS = (
    summary("lenet5-1998", 0, 99.05),
    summary("alexnet", 1, 57.1),
    summary("vgg16", 2, 71.592),
    summary("googlenet", 3, None),
    summary("resnet18", 4, 69.758, crops=10),
    summary("resnet50", 5, 76.13),
    summary("densenet121", 6, 74.434),
    summary("mobilenet-v2", 7, 71.878),
)

both_themes = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@both_themes
def test_the_timeline_has_a_dot_and_a_name_a_card(theme: Theme) -> None:
    fig = timeline(CARDS, theme=theme, labels=WORDS, title="a title")
    assert_drawable(fig, "a title")
    for trace in fig.data:
        assert [point[0] for point in trace.customdata] == [summary.slug for summary in CARDS]
        assert all(before < after for before, after in pairwise(trace.x))
    texts = [note.text for note in fig.layout.annotations]
    assert [f"<b>{summary.title}</b>" in texts for summary in CARDS] == [True] * len(CARDS)
    assert [text for text in texts if text.isdigit()] == [str(year) for year in sorted({c.year for c in CARDS})]


def test_names_of_neighbours_do_not_stand_on_one_line() -> None:
    _, names = timeline(CARDS, theme=LIGHT, labels=WORDS).data
    assert all(before != after for before, after in pairwise(names.y))


def test_the_hover_text_is_the_card() -> None:
    texts = timeline(CARDS, theme=LIGHT, labels=WORDS).data[0].hovertext
    assert texts[5] == (
        "<b>ResNet-50</b> · 2015<br><parameters>: 6,000,000<br><macs>: 10.8 G<br><depth>: 10"
        "<br>ImageNet top-1 76.13% (1 crop 224)"
    )
    assert "top-1" not in texts[3]


@both_themes
@pytest.mark.parametrize("against", ["macs", "parameters"])
def test_the_scatter_has_a_disc_a_card_with_an_accuracy_on_imagenet(against: str, theme: Theme) -> None:
    fig = accuracy_scatter(CARDS, against=against, theme=theme, labels=WORDS, title="a title")
    assert_drawable(fig, "a title")
    shown = {c.slug: (getattr(c, against), c.top1) for c in CARDS if c.dataset == "ImageNet" and c.top1 is not None}
    points = {
        slug[0]: (x, y) for trace in discs(fig) for slug, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    assert points == shown
    assert sum(len(trace.x) for trace in discs(fig)) == len(shown) == 6
    named = [trace for trace in fig.data if trace.showlegend is not False]
    assert [trace.name for trace in named] == [f"<{f}>" for f in ("alexnet", "vgg", "resnet", "densenet", "mobilenet")]


def discs(fig: go.Figure) -> list[go.Scatter]:
    """The traces that can be clicked."""
    return [trace for trace in fig.data if trace.customdata is not None]


def test_only_what_is_comparable_is_joined_by_a_line() -> None:
    fig = accuracy_scatter(CARDS, against="macs", theme=LIGHT, labels=WORDS)
    joined = [y for trace in fig.data if trace.mode == "lines" for y in trace.y]
    assert sorted(joined) == sorted(c.top1 for c in CARDS if c.dataset == "ImageNet" and c.top1 and c.comparable)


def test_discs_grow_in_area_with_the_other_cost() -> None:
    fig = accuracy_scatter(CARDS, against="macs", theme=LIGHT, labels=WORDS)
    sizes = {slug[0]: size for t in discs(fig) for slug, size in zip(t.customdata, t.marker.size, strict=True)}
    costs = {summary.slug: summary.parameters for summary in CARDS}
    smallest = min(sizes.values())
    ordered = sorted(sizes, key=lambda slug: costs[slug])
    assert [sizes[slug] for slug in ordered] == sorted(sizes.values())
    assert smallest >= 6  # a disc that can be hit


def test_an_accuracy_of_another_protocol_is_hollow() -> None:
    fig = accuracy_scatter(CARDS, against="macs", theme=LIGHT, labels=WORDS)
    symbols = {slug[0]: s for t in discs(fig) for slug, s in zip(t.customdata, t.marker.symbol, strict=True)}
    assert symbols.pop("resnet18") == "circle-open"
    assert set(symbols.values()) == {"circle"}


def test_names_of_the_scatter_stand_at_their_discs_milestones_first() -> None:
    crowd = tuple(summary(slug, 5, 76 + i / 10) for i, slug in enumerate(["resnet34", "resnet101", "resnet50"]))
    fig = accuracy_scatter(crowd, against="macs", theme=LIGHT, labels=WORDS)
    first = fig.layout.annotations[0]
    assert first.text == "ResNet-50"
    assert (first.x, first.y) == (pytest.approx(log10(crowd[2].macs)), 76.2)
    assert (first.xanchor, first.yshift) == ("left", 0)
