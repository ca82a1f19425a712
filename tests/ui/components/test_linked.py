"""What a browser sends is checked before it is believed, and what an address says as well."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from explorer.arithmetic.taps import Axis, window_taps
from explorer.records import LinkedStep, LinkedView, Plane
from explorer.ui.components import linked

AXIS = Axis(4, 3)
STEP = LinkedStep(
    inputs=("x",), weights=("w",), outputs=("y",), pairs=((0, 0, 0),), taps=window_taps(AXIS, AXIS), bias=(1,)
)
VIEW = LinkedView(
    planes=(
        Plane(key="x", title="Input", rows=4, columns=4, values=(0.0,) * 16, editable=True),
        Plane(key="w", title="Kernel", rows=3, columns=3, values=(1.0,) * 9),
        Plane(key="y", title="Output", rows=2, columns=2, values=(1.0,) * 4),
    ),
    steps=(STEP,),
    walk=("y",),
)


def test_a_cell_is_read_as_it_was_written() -> None:
    assert linked.read_pick({"pick": ["x", 3, 2]}, VIEW) == ("x", 3, 2)
    assert linked.cell_of(VIEW, linked.place("x", 3, 2)) == ["x", 14]


@pytest.mark.parametrize(
    "sent",
    [None, {}, {"pick": None}, {"pick": ["x", 4, 0]}, {"pick": ["z", 0, 0]}, {"pick": ["x", 0.0, 0]}, {"pick": "x00"},
     {"pick": [["x"], 0, 0]}, {"pick": ["x", True, 0]}, {"pick": ["x", -1, 0]}],
)  # fmt: skip
def test_no_cell_is_made_of_anything_else(sent: Any) -> None:
    assert linked.read_pick(sent, VIEW) is None


def test_rows_of_numbers_may_be_more_than_there_were() -> None:
    assert linked.read_edit({"edit": {"plane": "x", "rows": [[1, 2.5]] * 7}}, VIEW) == ("x", ((1, 2.5),) * 7)


@pytest.mark.parametrize(
    "edit",
    [None, [], {"plane": "w", "rows": [[1]]}, {"plane": "x", "rows": []}, {"plane": "x", "rows": [[]]},
     {"plane": "x", "rows": [[1], [1, 2]]}, {"plane": "x", "rows": [["1"]]}, {"plane": "x", "rows": [[float("nan")]]},
     {"plane": "x", "rows": [[1e9]]}, {"plane": "x", "rows": [[1]] * 65}, {"plane": "x", "rows": [[1] * 65]},
     {"plane": {}, "rows": [[1]]}, {"plane": "x"}, {"plane": "x", "rows": [[True]]}],
)  # fmt: skip
def test_nothing_else_is_typed(edit: Any) -> None:
    assert linked.read_edit({"edit": edit}, VIEW) is None


@pytest.mark.parametrize("at", ["", "x", "x,4,0", "z,0,0", "x,0,0,0", "x,-1,0", "x,1e3,0", "x,٣,0", "x," + "9" * 5000])
def test_an_address_names_a_cell_or_none(at: str) -> None:
    assert linked.cell_of(VIEW, at) is None


def test_taps_are_packed_as_they_are() -> None:
    packed = b64decode(linked.packed(STEP)["taps"])
    assert [int.from_bytes(packed[i : i + 2], "little", signed=True) for i in range(0, len(packed), 2)] == [
        number for tap in STEP.taps for number in tap
    ]
