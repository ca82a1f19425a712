"""The shape pipeline: one box per segment, drawn to scale, and nothing that a browser cannot draw."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, pairwise

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from explorer.figures.boxes import SCALES, Box, boxes_of, lanes_inside, scales_text
from explorer.figures.theme import DARK, LIGHT, Theme
from explorer.figures.volumes import pipeline
from explorer.folding import outline
from explorer.networks import network, networks
from explorer.records import LEVELS, NetworkInstance, Segment, ShapeTrace
from explorer.tracing import trace_shapes
from tests.figures.checks import assert_drawable

Traced = Callable[[str], ShapeTrace]
Words = Mapping[str, str]

SOME = ("lenet5", "vgg16", "resnet50", "googlenet", "densenet121", "mobilenet-v3-small")

every_network = pytest.mark.parametrize("slug", networks())
every_level = pytest.mark.parametrize("level", LEVELS)
every_scale = pytest.mark.parametrize("scale", SCALES)


def fronts(fig: go.Figure) -> int:
    """Front faces: six points each, the last of which is a gap."""
    return sum(len(trace.x) // 6 for trace in fig.data if trace.showlegend)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@every_scale
@every_level
@pytest.mark.parametrize("slug", SOME)
def test_it_draws_a_box_a_step(slug: str, level: str, scale: str, theme: Theme, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    steps = outline(trace, level)
    fig = pipeline(steps, trace.input_shape, theme=theme, labels=labels, scale=scale, title="a title")
    assert_drawable(fig, "a title")
    assert fronts(fig) == len(steps) + 1
    *faces, _, hover = fig.data
    assert len(hover.x) == len(steps) + 1
    assert [step.label in text for step, text in zip(steps, hover.hovertext[1:], strict=True)] == [True] * len(steps)
    assert {trace.name for trace in faces} == {labels[kind] for kind in ("input", *(step.kind for step in steps))}


@every_network
def test_every_network_can_be_drawn(slug: str, labels: Words, traced: Traced) -> None:
    steps = outline(traced(slug), "block")
    fig = pipeline(steps, traced(slug).input_shape, theme=LIGHT, labels=labels)
    assert_drawable(fig, "")
    assert fronts(fig) == len(steps) + 1
    stages = list(dict.fromkeys(step.stage for step in steps))
    written = fig.data[-2].text
    assert [stage for stage in stages if stage not in written] == []


def test_auxiliary_heads_are_left_out(labels: Words) -> None:
    trace = trace_shapes(NetworkInstance.of(network("googlenet"), options={"aux": True}))
    for level in LEVELS:
        steps = outline(trace, level)
        fig = pipeline(steps, trace.input_shape, theme=LIGHT, labels=labels)
        assert fronts(fig) == sum(step.main for step in steps) + 1 < len(steps) + 1


def boxes_for(trace: ShapeTrace, level: str, scale: str, labels: Words) -> tuple[tuple[Segment, ...], list[Box]]:
    steps = outline(trace, level)
    return steps, boxes_of(steps, trace.input_shape, labels, scale)


@every_scale
@every_level
@pytest.mark.parametrize("slug", SOME)
def test_the_main_road_stands_on_one_line_from_left_to_right(
    slug: str, level: str, scale: str, labels: Words, traced: Traced
) -> None:
    _, boxes = boxes_for(traced(slug), level, scale, labels)
    assert all(min(box.width, box.height, *box.slant) > 0 for box in boxes)
    road = [box for box in boxes if not box.lane]
    assert all(before.right < after.x for before, after in pairwise(road))
    assert all(box.top == pytest.approx(-box.bottom) for box in road)
    assert len(road) == len(boxes) or level == "layer"


def overlapping(boxes: Sequence[Box]) -> list[tuple[str, str]]:
    """Pairs of boxes that cover a piece of paper in common."""
    return [
        (a.hover, b.hover)
        for a, b in combinations(boxes, 2)
        if a.x < b.right and b.x < a.right and a.bottom < b.top and b.bottom < a.top
    ]


def related(trace: ShapeTrace) -> dict[int, set[int]]:
    """Of every operation, those that it is computed from, by a walk along the inputs."""
    above: dict[int, set[int]] = {-1: set()}
    for layer in trace.layers:
        above[layer.index] = set(layer.inputs).union(*(above[source] for source in layer.inputs))
    return above


@every_network
def test_what_runs_in_parallel_has_lanes_of_its_own(slug: str, labels: Words, traced: Traced) -> None:
    """Two operations of which neither is computed from the other never stand in one row; and no boxes overlap."""
    trace = traced(slug)
    steps, boxes = boxes_for(trace, "layer", "linear", labels)
    assert overlapping(boxes) == []
    above = related(trace)
    ends = [step.layers[-1].index for step in steps]
    shared = [
        (steps[a].label, steps[b].label)
        for a, b in combinations(range(len(steps)), 2)
        if ends[a] not in above[ends[b]] and ends[b] not in above[ends[a]]
        if not (boxes[a + 1].lane and boxes[b + 1].lane) or boxes[a + 1].y == boxes[b + 1].y
    ]
    assert shared == []


@every_network
def test_what_stands_in_a_lane_is_not_on_every_path(slug: str, labels: Words, traced: Traced) -> None:
    """Without a box of the main road no path is left; without one in a lane the classifier still hears of the image."""
    trace = traced(slug)
    steps, boxes = boxes_for(trace, "layer", "linear", labels)
    for without, box in enumerate(boxes[1:]):
        reached = {-1}
        for at, step in enumerate(steps):
            if at != without and not reached.isdisjoint(step.reads):
                reached.add(at)
        is_gate = steps[without].layers[-1].index in gates(trace)
        assert (len(steps) - 1 in reached) == (box.lane or passed_over(steps, without)) or is_gate


def gates(trace: ShapeTrace) -> set[int]:
    """The operations between a volume and the multiplication that weighs its channels."""
    above, found = related(trace), set()
    for layer in trace.layers:
        if layer.kind == "multiply" and len(layer.inputs) == 2 and len(set(layer.in_shapes)) == 2:
            volume, weights = layer.inputs
            found |= (above[weights] | {weights}) - above[volume] - {volume}
    return found


def passed_over(steps: Sequence[Segment], at: int) -> bool:
    """Whether an edge leads past a step, from before it to behind it."""
    return any(source < at < end for end, step in enumerate(steps) for source in step.reads)


@pytest.mark.parametrize("slug", ["efficientnet-b0", "mobilenet-v3-large", "efficientnet-b7"])
def test_gates_hang_below_the_road_and_only_the_road_is_labelled(slug: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    steps, boxes = boxes_for(trace, "layer", "linear", labels)
    hanging = {step.layers[-1].index for step, box in zip(steps, boxes[1:], strict=True) if box.lane}
    assert hanging == {i for i in gates(trace) if i in {step.layers[-1].index for step in steps}}
    assert all(box.top < 0 for box in boxes if box.lane)
    vectors = {box.label for box in boxes if box.lane} - {box.label for box in boxes if not box.lane}
    written = pipeline(steps, trace.input_shape, theme=LIGHT, labels=labels).data[-2].text
    assert vectors.isdisjoint(written)


@pytest.mark.parametrize(
    ("slug", "block", "lanes"),
    [
        ("googlenet", "inception3a", ["1×1", "1×1 → 3×3", "1×1 → 5×5", "3×3 pool → 1×1"]),
        ("inception-v4", "reduction_a", ["3×3 pool", "3×3", "1×1 → 3×3 → 3×3"]),
        ("squeezenet1-0", "features.3", ["1×1", "3×3"]),
    ],
)
def test_a_block_says_which_branches_it_joins(
    slug: str, block: str, lanes: list[str], labels: Words, traced: Traced
) -> None:
    """As in Szegedy et al. 2015, figure 2(b), 2017, figure 7, and Iandola et al. 2016, figure 1."""
    steps, boxes = boxes_for(traced(slug), "block", "linear", labels)
    at = next(i for i, step in enumerate(steps) if step.label == block)
    assert sorted(lanes_inside(steps[at])) == sorted(lanes)
    assert boxes[at + 1].branches == len(lanes)
    written = pipeline(steps, traced(slug).input_shape, theme=LIGHT, labels=labels).data[-2].text
    assert any(f"<b>||</b> {len(lanes)}" in text for text in written)
    assert all(lane in boxes[at + 1].hover for lane in lanes)


def test_below_a_lane_stands_what_it_hands_on(labels: Words, traced: Traced) -> None:
    """The channels of each branch of GoogLeNet's nine modules: Szegedy et al. 2015, Table 1."""
    fig = pipeline(outline(traced("googlenet"), "layer"), (3, 224, 224), theme=LIGHT, labels=labels)
    written = [text for trace in fig.data if trace.text is not None for text in trace.text]
    modules = [
        *[(64, 128, 32, 32), (128, 192, 96, 64), (192, 208, 48, 64), (160, 224, 64, 64), (128, 256, 64, 64)],
        *[(112, 288, 64, 64), (256, 320, 128, 128), (256, 320, 128, 128), (384, 384, 128, 128)],
    ]
    assert sorted(int(text) for text in written if text.isdigit()) == sorted(sum(modules, ()))


@pytest.mark.parametrize("slug", SOME)
def test_linear_boxes_are_to_scale(slug: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    steps, boxes = boxes_for(trace, "layer", "linear", labels)
    pixels, channels, _ = scales_text(steps, trace.input_shape)
    shapes = [trace.input_shape, *(step.out_shape for step in steps)]
    volumes = [(s, box) for s, box in zip(shapes, boxes, strict=True) if len(s) == 3 and max(s[1:]) > 1]
    assert (pixels, channels) == (max(max(s[1:]) for s, _ in volumes), max(s[0] for s, _ in volumes))
    (tallest, tall), (_, wide) = max(volumes, key=lambda v: v[0][1]), max(volumes, key=lambda v: v[0][0])
    for (n_c, n_h, n_w), box in volumes:
        if n_h > 0.02 * tallest[1]:  # what would be thinner than a line is drawn as a line
            assert box.height / tall.height == pytest.approx(n_h / tallest[1])
        if n_w > 0.02 * tallest[2]:
            assert box.slant[0] / tall.slant[0] == pytest.approx(n_w / tallest[2])
        if n_c > 0.03 * channels:
            assert box.width / wide.width == pytest.approx(n_c / channels)


def test_the_square_root_lets_small_volumes_be_seen(labels: Words, traced: Traced) -> None:
    (_, plain), (_, rooted) = (boxes_for(traced("resnet50"), "stage", scale, labels) for scale in SCALES)
    assert rooted[0].height == plain[0].height
    assert rooted[-2].height > 3 * plain[-2].height
    heights = [box.height for box in rooted[:-1]]
    assert heights == sorted(heights, reverse=True)


def test_a_vector_is_a_column(labels: Words, traced: Traced) -> None:
    steps, boxes = boxes_for(traced("lenet5"), "layer", "linear", labels)
    vectors = [box for step, box in zip(steps, boxes[1:], strict=True) if len(step.out_shape) == 1]
    assert [box.label for box in vectors] == ["1×1×400", "1×1×120", "1×1×84", "1×1×10"]
    assert len({box.width for box in vectors}) == 1
    assert [box.height / vectors[0].height for box in vectors[:3]] == [1, pytest.approx(0.3), pytest.approx(0.21)]


def test_merges_and_repeats_are_marked(labels: Words, traced: Traced) -> None:
    fig = pipeline(outline(traced("resnet50"), "block"), (3, 224, 224), theme=LIGHT, labels=labels)
    marks = list(fig.data[-2].text)
    assert sum("<b>+</b>" in mark for mark in marks) == 8  # a first block and the others, in each of four stages
    assert [mark.split("<b>×")[1][0] for mark in marks if "<b>×" in mark] == ["2", "3", "5", "2"]
    joined = pipeline(outline(traced("googlenet"), "block"), (3, 224, 224), theme=LIGHT, labels=labels)
    assert sum("<b>||</b> 4" in mark for mark in joined.data[-2].text) == 9


def test_skips_are_arcs_between_the_boxes_they_join(labels: Words, traced: Traced) -> None:
    steps = outline(traced("resnet18"), "layer")
    shapes = pipeline(steps, (3, 224, 224), theme=LIGHT, labels=labels).layout.shapes
    arcs = [shape for shape in shapes if shape.path and shape.layer != "below"]
    adds = sum(layer.kind == "add" for step in steps for layer in step.layers)
    _, boxes = boxes_for(traced("resnet18"), "layer", "linear", labels)
    projected = sum(box.lane and boxes[i + 1].merge == "add" for i, box in enumerate(boxes[:-1]))
    assert len(arcs) == adds - projected > 0  # a projection is a lane of its own: two lines meet in its addition
    middles = {round(box.middle, 6) for box in boxes}
    for arc in arcs:
        numbers = [float(point.split(",")[0]) for point in arc.path.replace("M ", "").replace("C ", "").split()]
        assert {round(numbers[0], 6), round(numbers[-1], 6)} <= middles
        assert numbers[0] < numbers[-1]
    plain = pipeline(outline(traced("plain18"), "layer"), (3, 224, 224), theme=LIGHT, labels=labels)
    assert [shape for shape in plain.layout.shapes if shape.path] == []


def test_images_lie_on_the_sides_of_their_boxes(labels: Words, traced: Traced) -> None:
    steps, shape = outline(traced("vgg16"), "block"), traced("vgg16").input_shape
    noise = np.random.default_rng(0).integers(0, 255, (50, 50, 3), dtype=np.uint8)
    fig = pipeline(steps, shape, theme=LIGHT, labels=labels, faces={0: noise, 1: noise})
    assert_drawable(fig, "")
    _, boxes = boxes_for(traced("vgg16"), "block", "linear", labels)
    assert len(fig.layout.images) == 2
    for image, box in zip(fig.layout.images, boxes[:2], strict=True):
        kind, _, data = image.source.partition(";base64,")
        decoded = Image.open(io.BytesIO(base64.b64decode(data)))
        assert kind == f"data:image/{decoded.format.lower()}"  # type: ignore[union-attr]
        assert (image.x, image.y) == (box.x + box.width, box.top)
        assert image.x + image.sizex == pytest.approx(box.right)
        assert image.y - image.sizey == pytest.approx(box.bottom)
        alpha = np.asarray(decoded.convert("RGBA"))[..., 3]
        assert alpha[0, 0] == alpha[-1, -1] == 0  # outside of the parallelogram
        assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] == 255


def test_a_drawing_is_the_same_each_time(labels: Words, traced: Traced) -> None:
    def draw() -> str:
        return pipeline(outline(traced("googlenet"), "block"), (3, 224, 224), theme=DARK, labels=labels).to_json()

    assert json.loads(draw()) == json.loads(draw())
