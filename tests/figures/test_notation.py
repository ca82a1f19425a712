"""How sizes, counts and operations are written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.figures.notation import bytes_text, count_text, operation_text, pair_text, shape_text
from explorer.networks import networks
from explorer.records import Pair, Shape, ShapeTrace

Traced = Callable[[str], ShapeTrace]


@pytest.mark.parametrize(
    ("shape", "text"), [((3, 224, 200), "224×200×3"), ((512, 1, 1), "1×1×512"), ((10,), "1×1×10"), ((7, 5), "7×5")]
)
def test_shapes_are_written_height_first(shape: Shape, text: str) -> None:
    assert shape_text(shape) == text


@pytest.mark.parametrize(("pair", "text"), [((3, 3), "3"), ((1, 7), "1×7"), ((-2, -2), "-2"), (None, "")])
def test_pairs(pair: Pair | None, text: str) -> None:
    assert pair_text(pair) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (840, "840"),
        (61_706, "61,706"),
        (999_999, "999,999"),
        (1_000_000, "1.00 M"),
        (4_231_976, "4.23 M"),
        (25_557_032, "25.6 M"),
        (138_357_544, "138.4 M"),
        (4_089_184_256, "4.09 G"),
        (15_470_264_320, "15.5 G"),
    ],
)
def test_counts(number: int, text: str) -> None:
    assert count_text(number) == text


@pytest.mark.parametrize(("number", "text"), [(9_999_999, "10.0 M"), (999_999_999, "1.00 G")])
def test_counts_that_round_up_to_another_digit(number: int, text: str) -> None:
    assert count_text(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(512, "0.5 KB"), (1024, "1.0 KB"), (1024**2, "1.0 MB"), (110_000_000, "104.9 MB")]
)
def test_bytes(number: int, text: str) -> None:
    assert bytes_text(number) == text


@pytest.mark.parametrize(
    ("slug", "name", "text"),
    [
        ("resnet50", "conv1", "7×7 conv, 64, /2"),
        ("resnet50", "bn1", "BN"),
        ("resnet50", "relu", "ReLU"),
        ("resnet50", "maxpool", "3×3 max pool, /2"),
        ("resnet50", "layer2.0.conv2", "3×3 conv, 128, /2"),
        ("resnet50", "avgpool", "global avg pool"),
        ("resnet50", "fc", "fc 1000"),
        ("alexnet", "conv2", "5×5 conv, 256, g=2"),
        ("mobilenet-v1", "dw2.dw.conv", "3×3 dw conv, 64, /2"),
        ("googlenet", "inception3a.concat", "concat"),
    ],
)
def test_operations_as_papers_write_them(slug: str, name: str, text: str, traced: Traced) -> None:
    records = {layer.name: layer for layer in traced(slug).layers}
    assert operation_text(records[name]) == text


@pytest.mark.parametrize("slug", networks())
def test_every_operation_has_a_readable_name(slug: str, traced: Traced) -> None:
    texts = {operation_text(layer) for layer in traced(slug).layers}
    assert all(text and text.strip() == text and "_" not in text and "(" not in text for text in texts), texts
