"""The ledger and the segment table: one row per operation, and columns that add up to the trace."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from explorer.figures.ledger import COLUMNS, ledger, segment_table
from explorer.folding import outline
from explorer.networks import networks
from explorer.records import LEVELS, ShapeTrace

Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("slug", networks())


@every_network
def test_a_row_an_operation_and_the_columns_add_up(slug: str, traced: Traced) -> None:
    trace, table = traced(slug), ledger(traced(slug))
    check_formulas(table)
    check_reads(table)
    assert tuple(table.columns) == COLUMNS
    assert len(table) == len(trace.layers)
    assert list(table["index"]) == list(range(1, len(trace.layers) + 1))
    assert table["parameters"].sum() == trace.parameters
    assert table["macs"].sum() == trace.macs
    assert table["memory"].sum() == pytest.approx(trace.activation_bytes / 1024)
    for share in ("parameter_share", "mac_share", "memory_share"):
        assert table[share].sum() == pytest.approx(100)
    assert not table.isna().any().any()
    assert table["name"].is_unique
    assert set(table["kind"]) == {layer.kind for layer in trace.layers}


def check_formulas(table: pd.DataFrame) -> None:
    """They stand where there is something to count, and give what was counted."""
    for count, formula in (("parameters", "parameter_formula"), ("macs", "mac_formula")):
        assert ((table[count] > 0) == (table[formula] != "")).all()
        given = [eval(text.replace("·", "*"), {"__builtins__": {}}) for text in table[formula] if text]
        assert given == [value for value in table[count] if value]


def check_reads(table: pd.DataFrame) -> None:
    """A row reads rows above it; 0 is the image."""
    for row, reads in zip(table["index"], table["reads"], strict=True):
        assert all(0 <= int(source) < row for source in reads.split(", "))
    assert table["reads"][0] == "0"


def row(table: pd.DataFrame, name: str) -> dict[str, object]:
    return table[table["name"] == name].iloc[0].to_dict()  # type: ignore[no-any-return]


def test_a_row_of_lenet(traced: Traced) -> None:
    c3 = row(ledger(traced("lenet5")), "c3")
    expected = {
        "index": 4,
        "operation": "5×5 conv, 16",
        "stage": "C3",
        "output": "10×10×16",
        "parameters": 2416,
        "parameter_formula": "5·5·6·16 + 16",
        "macs": 240_000,
        "mac_formula": "10·10·5·5·6·16",
        "receptive_field": "14",
        "f": "5",
        "s": "1",
        "p": "0",
        "d": "1",
        "groups": "1",
        "input": "14×14×6",
        "size_formula": "⌊(14 − 5)/1⌋ + 1 = 10",
        "jump": "2",
        "start": "-2",
        "reads": "3",
        "kind": "conv",
        "memory": 6.25,
    }
    assert {key: c3[key] for key in expected} == expected
    assert c3["parameter_share"] == pytest.approx(100 * 2416 / 61706)


def test_a_row_with_two_axes(traced: Traced) -> None:
    table = ledger(traced("inception-v3"))
    tall = next(r for r in table.to_dict("records") if r["f"] == "1×7")
    assert tall["p"] == "0×3"
    first, second = str(tall["size_formula"]).split("; ")
    assert first == "⌊(17 − 1)/1⌋ + 1 = 17"
    assert second == "⌊(17 + 2·3 − 7)/1⌋ + 1 = 17"


def test_an_addition_reads_two_rows(traced: Traced) -> None:
    table = ledger(traced("resnet18"))
    adds = table[table["kind"] == "add"]
    assert len(adds) == 8
    assert all(len(reads.split(", ")) == 2 for reads in adds["reads"])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("slug", ["lenet5", "resnet50", "googlenet", "efficientnet-b0"])
def test_the_summary_is_the_outline_in_words(slug: str, level: str, traced: Traced) -> None:
    trace = traced(slug)
    steps = outline(trace, level)
    table = segment_table(steps)
    assert len(table) == len(steps)
    assert list(table["name"]) == [step.label for step in steps]
    assert list(table["repeat"]) == [step.repeat for step in steps]
    assert table["parameters"].sum() == trace.parameters
    assert table["macs"].sum() == trace.macs
    assert table["memory"].sum() == pytest.approx(trace.activation_bytes / 1024)
    assert [table[share].sum() for share in ("parameter_share", "mac_share")] == [pytest.approx(100)] * 2
    assert not table.isna().any().any()
