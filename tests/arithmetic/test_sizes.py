"""Output sizes, compared with those of torch's convolutions and poolings."""

from __future__ import annotations

from itertools import product
from math import ceil, floor

import pytest
import torch
from torch.nn import functional as F

from explorer.arithmetic import output_size, size_of
from explorer.records import Formula, LayerRecord, ReceptiveField

SIDES = range(1, 15)
KERNELS = range(1, 6)
PIXEL = ReceptiveField((1, 1), (1, 1), (0, 0))


def worked_out(formula: Formula) -> int:
    """The value of the substituted text."""
    text = formula.substituted.translate(str.maketrans("·−", "*-"))
    text = text.replace("⌊", "floor(").replace("⌈", "ceil(").replace("⌋", ")").replace("⌉", ")")
    return int(eval(text, {"__builtins__": {}, "floor": floor, "ceil": ceil}))


def torch_says(n: int, f: int, s: int, p: int, d: int, kind: str, round_up: bool) -> int:
    """Rows that torch returns for `n` rows; 0 where it raises."""
    x = torch.zeros(1, 1, n, 1)
    window = {"stride": (s, 1), "padding": (p, 0)}
    try:
        if kind == "conv":
            out = F.conv2d(x, torch.zeros(1, 1, f, 1), dilation=(d, 1), **window)
        elif kind == "max":
            out = F.max_pool2d(x, (f, 1), dilation=(d, 1), ceil_mode=round_up, **window)
        else:
            out = F.avg_pool2d(x, (f, 1), ceil_mode=round_up, **window)
    except RuntimeError:
        return 0
    return out.shape[2]


@pytest.mark.parametrize("s", [1, 2, 3, 4])
@pytest.mark.parametrize("p", [0, 1, 2, 3])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_convolution(s: int, p: int, d: int) -> None:
    for n, f in product(SIDES, KERNELS):
        expected = torch_says(n, f, s, p, d, "conv", round_up=False)
        assert max(output_size(n, f, s=s, p=p, d=d).value, 0) == expected, (n, f)


@pytest.mark.parametrize("round_up", [False, True])
@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("s", [1, 2, 3, 4])
def test_pooling(kind: str, s: int, round_up: bool) -> None:
    for n, f, d in product(SIDES, KERNELS, [1, 2] if kind == "max" else [1]):
        for p in range(f // 2 + 1):  # torch pads a pooling by half a window at most
            expected = torch_says(n, f, s, p, d, kind, round_up)
            assert max(output_size(n, f, s=s, p=p, d=d, ceil=round_up).value, 0) == expected, (n, f, p, d)


def test_rounding_up_makes_a_difference_and_drops_windows_that_start_outside() -> None:
    assert output_size(6, 3, s=2).value == 2
    assert output_size(6, 3, s=2, ceil=True).value == 3
    # Rounded up, a third window would start at cell 6 of 5.
    assert str(output_size(5, 1, s=3, ceil=True)) == "⌈(5 − 1)/3⌉ + 1 − 1 = 2"


@pytest.mark.parametrize(
    ("arguments", "symbols", "substituted", "value"),
    [
        ({"n": 32, "f": 5}, "⌊(n + 2p − f)/s⌋ + 1", "⌊(32 − 5)/1⌋ + 1", 28),
        ({"n": 224, "f": 7, "s": 2, "p": 3}, "⌊(n + 2p − f)/s⌋ + 1", "⌊(224 + 2·3 − 7)/2⌋ + 1", 112),
        ({"n": 224, "f": 3, "s": 2, "ceil": True}, "⌈(n + 2p − f)/s⌉ + 1", "⌈(224 − 3)/2⌉ + 1", 112),
        ({"n": 9, "f": 3, "d": 2}, "⌊(n + 2p − (d(f − 1) + 1))/s⌋ + 1", "⌊(9 − (2·2 + 1))/1⌋ + 1", 5),
    ],
)
def test_the_text_a_person_reads(arguments: dict[str, int], symbols: str, substituted: str, value: int) -> None:
    formula = output_size(**arguments)  # type: ignore[arg-type]
    assert (formula.symbols, formula.substituted, formula.value) == (symbols, substituted, value)
    assert str(formula) == f"{substituted} = {value}"


@pytest.mark.parametrize("round_up", [False, True])
def test_the_text_worked_out_is_the_value(round_up: bool) -> None:
    for n, f, s, p, d in product(SIDES, KERNELS, (1, 2, 3), (0, 1, 2), (1, 2)):
        formula = output_size(n, f, s=s, p=p, d=d, ceil=round_up)
        assert worked_out(formula) == formula.value, formula


def record(**fields: object) -> LayerRecord:
    plain = {
        "index": 0,
        "name": "a",
        "kind": "conv",
        "module": "a",
        "module_type": "A",
        "stage": "s",
        "block": "b",
        "block_type": "B",
        "inputs": (-1,),
        "in_shapes": ((3, 20, 31),),
        "out_shape": (8, 10, 11),
        "parameters": 0,
        "buffers": 0,
        "macs": 0,
        "rf": PIXEL,
    }
    return LayerRecord(**{**plain, **fields})  # type: ignore[arg-type]


def test_a_record_is_worked_out_along_both_axes() -> None:
    layer = record(kernel=(1, 7), stride=(2, 3), padding=(0, 3), dilation=(1, 1))
    rows, columns = size_of(layer, 0), size_of(layer, 1)
    assert rows == output_size(20, 1, s=2)
    assert columns == output_size(31, 7, s=3, p=3)


def test_dilation_and_rounding_up_are_passed_on() -> None:
    layer = record(kind="pool", kernel=(2, 2), stride=(2, 2), padding=None, dilation=(3, 3), ceil_mode=True)
    assert size_of(layer, 0) == output_size(20, 2, s=2, d=3, ceil=True)


def test_an_operation_without_a_window_has_no_formula() -> None:
    assert size_of(record(kind="activation"), 0) is None
    assert size_of(record(kind="pool", in_shapes=((8,),), kernel=(1, 1), stride=(1, 1)), 0) is None
