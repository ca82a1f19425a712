"""Figures of transfer learning: what is drawn are the numbers that were given."""

from __future__ import annotations

import pytest

from explorer.figures import transfer
from explorer.figures.theme import DARK, LIGHT
from explorer.figures.transfer import Measured

LINES = (
    Measured("frozen", "one", [0.0, 1.0], [(50.0, 52.0, 57.0), (70.0, 71.0, 72.0)]),
    Measured("scratch", "other", [1.0], [(40.0,)]),
)


def test_points_are_means_and_their_bars_reach_the_seeds() -> None:
    fig = transfer.accuracies(LINES, ["5", "50"], theme=LIGHT, across="x", upright="y", title="t", marked=1)
    first, second = fig.data
    assert list(first.y) == [53, 71]
    assert [mean + up for mean, up in zip(first.y, first.error_y.array, strict=True)] == [57, 72]
    assert [mean - down for mean, down in zip(first.y, first.error_y.arrayminus, strict=True)] == [50, 70]
    assert list(second.x) == [1]
    assert first.marker.color != second.marker.color
    assert first.marker.symbol != second.marker.symbol
    assert fig.layout.shapes[0].x0 == 1
    assert list(fig.layout.xaxis.ticktext) == ["5", "50"]


def test_a_gain_is_the_mean_and_every_seed_a_dot() -> None:
    rows = [("a", (1.0, 2.0, 6.0), (4.0,)), ("b", (-3.0, -5.0), (2.0, 1.0))]
    fig = transfer.gains(rows, theme=DARK, names=("f", "g"), across="points", title="t")
    bars = [trace for trace in fig.data if trace.type == "bar"]
    dots = [trace for trace in fig.data if trace.type == "scatter"]
    assert [list(bar.x) for bar in bars] == [[3, -4], [4, 1.5]]
    assert [sorted(dot.x) for dot in dots] == [[-5, -3, 1, 2, 6], [1, 2, 4]]
    assert [bar.name for bar in bars] == ["f", "g"]


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_stages_that_stay_and_stages_that_train_are_told_apart(kept: int) -> None:
    stages = [("stem", 10), ("mid", 200), ("head", 3000)]
    fig = transfer.stage_bars(stages, kept, theme=LIGHT, stays="s", trains="t", upright="y", title="t")
    stay, train = fig.data
    assert [*stay.y, *train.y] == [10, 200, 3000]
    assert [*stay.x, *train.x] == [0, 1, 2]
    assert len(stay.y) == kept
    assert stay.marker.pattern.shape != train.marker.pattern.shape, "not by colour alone"


def test_similarities_are_written_into_their_cells() -> None:
    values = [[1.0, 0.25], [0.5, 0.75]]
    fig = transfer.similarities(values, ["a", "b"], theme=LIGHT, before="before", after="after", title="t")
    assert [list(row) for row in fig.data[0].z] == values
    assert (fig.data[0].zmin, fig.data[0].zmax) == (0, 1)
    written = {(note.y, note.x): note.text for note in fig.layout.annotations}
    assert written == {(0, 0): "1.00", (0, 1): "0.25", (1, 0): "0.50", (1, 1): "0.75"}
