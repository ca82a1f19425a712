"""Figures of averaged answers and of feeding: what is drawn is what was given."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.averaging import views_of
from explorer.figures import averaging, feeding
from explorer.figures.theme import LIGHT
from explorer.records import FeedRates
from explorer.weights import recorded_feeds


def test_crops_are_outlined_and_whole_images_are_not() -> None:
    grey = np.full((256, 256, 3), 128, np.uint8)
    crops, whole = (
        np.asarray(Image.open(io.BytesIO(averaging.framed_jpeg(grey, views_of(scheme, 224)))), int)
        for scheme in ("ten", "multi")
    )
    assert abs(whole - 128).max() <= 2
    assert (abs(crops - 128).max(2) > 30).mean() > 0.01


def test_the_matrix_leaves_its_diagonal_empty() -> None:
    option = averaging.matrix([[1, 0.8, 0.7], [0.8, 1, 0.6], [0.7, 0.6, 1]], ["a", "b", "c"], theme=LIGHT, title="")
    cells = {tuple(cell["value"][:2]): cell["value"][2] for cell in option["series"][0]["data"]}
    assert cells == {(1, 0): 80, (2, 0): 70, (0, 1): 80, (2, 1): 60, (0, 2): 70, (1, 2): 60}


def test_right_and_wrong_add_up_to_the_images() -> None:
    words = dict.fromkeys(("members", "images", "right", "wrong"), "")
    good, bad = averaging.counted([(5, 1), (7, 7)], theme=LIGHT, words=words, title="")["series"]
    assert (good["data"], bad["data"]) == ([1, 7], [4, None])


@pytest.mark.parametrize(("step", "drawn"), [(0.0136, True), (0.001, False)])
def test_the_crossing_is_marked_where_it_is_on_the_axis(step: float, drawn: bool) -> None:
    words = dict.fromkeys(("workers", "images", "loaders", "device", "model", "memory", "crossing"), "")
    words["crossing"] = "here"
    rates = FeedRates(128, 0.26, 0.0004, step)
    fig = feeding.throughput([("m", [(1, 400.0)])], rates, most=20, memory=0, theme=LIGHT, words=words, title="")
    crosses = [trace for trace in fig.data if trace.name == "here"]
    assert bool(crosses) == drawn
    if drawn:
        assert (crosses[0].x[0], crosses[0].y[0]) == (rates.crossing, rates.device)


@pytest.mark.parametrize("place", [0, 1, 6])
def test_a_timeline_cut_short_has_the_first_batches_only(place: int) -> None:
    feed = recorded_feeds()[place]
    words = {name: name for name in (*feeding.SPANS, "trainer", "batch", "time")} | {"worker": "worker {number}"}
    until = feed.seconds / 3
    fig = feeding.timeline(feed, theme=LIGHT, words=words, until=until, title="")
    steps = next(trace for trace in fig.data if trace.name == "step")
    assert len(steps.x) == sum(batch.step[0] <= until for batch in feed.batches)
