"""Names beside discs: none covers a disc or another name, none leaves the canvas, also on a wider one."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from random import Random

import pytest

from explorer.figures.atlas import accuracy_scatter
from explorer.figures.labels import Disc, LabelBox, place_labels
from explorer.figures.theme import LIGHT
from explorer.summaries.atlas import recorded

WIDTH, HEIGHT = 660.0, 370.0


def boxes(discs: list[Disc]) -> list[LabelBox]:
    return [LabelBox(disc.x, disc.y, disc.diameter, disc.diameter) for disc in discs]


def crowd(seed: int, count: int = 40) -> list[Disc]:
    rng = Random(seed)
    return [
        Disc(rng.uniform(20, WIDTH - 20), rng.uniform(20, HEIGHT - 20), rng.uniform(9, 39), "n" * rng.randint(5, 24))
        for _ in range(count)
    ]


def test_a_lone_name_stands_right_of_its_disc_and_at_the_right_edge_left_of_it() -> None:
    (right,) = place_labels([Disc(100, 100, 20, "LeNet-5")], WIDTH, HEIGHT)
    (left,) = place_labels([Disc(WIDTH - 12, 100, 20, "LeNet-5")], WIDTH, HEIGHT)
    assert right
    assert left
    assert (right.anchor, right.y, right.edge) == ("left", 100, pytest.approx(113))
    assert (left.anchor, left.y, left.edge) == ("right", 100, pytest.approx(WIDTH - 25))


@pytest.mark.parametrize("seed", range(20))
def test_nothing_overlaps_and_nothing_leaves_the_canvas(seed: int) -> None:
    discs = crowd(seed)
    names = [spot for spot in place_labels(discs, WIDTH, HEIGHT) if spot]
    assert 3 < len(names) < len(discs), "some names find a place, in a crowd not all"
    assert not [pair for pair in combinations(names, 2) if pair[0].overlaps(pair[1])]
    assert not [name for name in names if any(map(name.overlaps, boxes(discs)))]
    for name in names:
        assert name.width / 2 <= name.x <= WIDTH - name.width / 2
        assert name.height / 2 <= name.y <= HEIGHT - name.height / 2


@pytest.mark.parametrize("against", ["macs", "parameters"])
@pytest.mark.parametrize("wider", [1.0, 1.3, 1.7, 2.2])
def test_the_names_of_the_catalogue_stay_apart_on_every_screen(against: str, wider: float) -> None:
    """Discs move apart on a wider page, their names keep size and distance."""
    summaries = recorded()
    assert summaries
    fig = accuracy_scatter(summaries, against=against, theme=LIGHT, labels=defaultdict(str))
    (left, right), (top, bottom) = fig.layout.xaxis.range, fig.layout.yaxis.range[::-1]
    names = []
    for note in fig.layout.annotations:
        x = (note.x - left) / (right - left) * WIDTH * wider + note.xshift
        y = (top - note.y) / (top - bottom) * HEIGHT - note.yshift
        width = 6.2 * len(note.text)
        names.append(LabelBox(x + {"left": 0.5, "right": -0.5, "center": 0}[note.xanchor] * width, y, width))
    assert len(names) > 20
    assert not [pair for pair in combinations(names, 2) if pair[0].overlaps(pair[1])]


def test_a_name_with_a_disc_at_its_right_stands_above_its_own() -> None:
    first, second = Disc(100, 100, 20, "n" * 25), Disc(250, 100, 20, "m" * 5)
    (spot, _) = place_labels([first, second], 330, 200)
    assert spot
    assert (spot.anchor, spot.x) == ("center", 100)
    assert spot.y < 100
