"""All cached results together stay within so many bytes: what was used longest ago makes room."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from explorer import inspection
from explorer.networks import networks
from explorer.records import InputImage, ShapeTrace
from explorer.ui.cached import budget, keeping
from explorer.ui.cached.budget import Ledger, weigh
from explorer.ui.cached.keeping import kept


@dataclass(frozen=True)
class Maps:
    arrays: tuple[np.ndarray, ...]
    named: dict[str, torch.Tensor]


def test_everything_in_a_result_is_weighed_once() -> None:
    array, tensor = np.zeros((10, 100), np.float32), torch.zeros(7, 100)
    assert (
        weigh(Maps((array, array[2:], array.T), {"ab": tensor, "cd": tensor[1:], "ef": tensor.t()})) == 4000 + 2800 + 6
    )
    assert weigh(b"12345") == weigh("12345") == 5
    assert weigh(torch.zeros(10**9, device="meta")) == 0
    assert weigh(torch.nn.Linear(10, 5)) >= 4 * 55
    assert weigh((None, 3, 2.5, True, int)) == 0
    endless: list[object] = []
    endless.append(endless)
    assert weigh(endless) == 0


def test_the_bound_holds_after_any_order_of_uses() -> None:
    ledger, chance = Ledger(1000), np.random.default_rng(5)
    alive: dict[int, int] = {}
    order: list[int] = []
    for _ in range(2000):
        number, size = int(chance.integers(40)), int(chance.integers(1, 400))
        computed = bytes(size) if number not in alive else None
        if computed is not None:
            alive[number] = size
        if number in order:
            order.remove(number)
        order.append(number)
        ledger.used("f", number, 100, computed, lambda number=number: (alive.pop(number), order.remove(number)))
        assert ledger.total == sum(alive.values()) <= 1000
        assert set(order) == set(alive)
        assert number in alive, "what was used last stays"


def test_one_that_is_larger_than_all_room_stays_until_the_next() -> None:
    ledger, dropped = Ledger(100), list[str]()
    ledger.used("f", 1, 9, bytes(50), lambda: dropped.append("small"))
    ledger.used("f", 2, 9, bytes(500), lambda: dropped.append("large"))
    assert (dropped, ledger.total) == (["small"], 500)
    ledger.used("g", 3, 9, bytes(10), lambda: dropped.append("last"))
    assert (dropped, ledger.total) == (["small", "large"], 10)


def test_what_a_cache_gives_up_itself_is_no_longer_counted() -> None:
    ledger = Ledger(1000)
    for number in range(10):
        ledger.used("f", number, 3, bytes(100), lambda: None)
    ledger.used("g", 0, 3, bytes(100), lambda: None)
    assert ledger.total == 400
    ledger.forget("f")
    assert ledger.total == 100


def test_large_results_of_any_function_make_room_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_SHARED", Ledger(3_000_000))
    times: list[tuple[str, int]] = []

    @kept(max_entries=64)
    def inner(number: int) -> np.ndarray:
        times.append(("inner", number))
        return np.zeros(1_000_000, np.uint8)

    @kept(max_entries=64)
    def outer(number: int, image: InputImage) -> np.ndarray:
        times.append(("outer", number))
        return inner(number) + 1

    inner.clear()
    outer.clear()
    image = InputImage("a key", np.zeros((8, 8, 3), np.uint8))
    first = outer(0, image)
    gone = weakref.ref(first)
    assert outer(0, image) is first
    assert times == [("outer", 0), ("inner", 0)]
    del first
    for number in range(1, 5):
        outer(number, image)
        assert keeping._SHARED.total <= 3_000_000
    gc.collect()
    assert gone() is None
    times.clear()
    outer(4, image)
    assert times == [], "the newest is still there"
    outer(0, image)
    assert times == [("outer", 0), ("inner", 0)], "computed again"


def test_the_budgets_leave_room_on_a_small_laptop() -> None:
    assert budget.EVERYBODYS_BYTES + 4 * budget.ONES_OWN_BYTES < 2e9


@pytest.mark.parametrize("slug", networks())
def test_a_network_and_its_maps_fit_beside_each_other(slug: str, traced: Callable[[str], ShapeTrace]) -> None:
    """Where they do not, each use of the one drives out the other, and a page computes both again and again."""
    layers = traced(slug).layers
    weights = 4 * traced(slug).parameters
    names = inspection.layers_to_keep(layers)
    maps = sum(layer.activation_bytes for layer in layers if names is None or layer.name in names)
    assert weights + maps < 0.95 * budget.EVERYBODYS_BYTES
    assert maps < 0.9 * budget.ONES_OWN_BYTES, "of a visitor's own image"


def test_what_refers_to_itself_is_gone_once_it_is_dropped() -> None:
    """As networks do: Python would find it some day, and others of its size are kept meanwhile."""
    gc.disable()
    try:
        ledger, large = Ledger(60_000_000), np.zeros(55_000_000, np.uint8)
        network = SimpleNamespace(weights=large)
        network.itself, gone = network, weakref.ref(large)
        held = {"network": network}
        ledger.used("model", 1, 9, large, held.clear)
        del network, large
        assert gone() is not None
        ledger.used("model", 2, 9, np.zeros(55_000_000, np.uint8), lambda: None)
        assert gone() is None
    finally:
        gc.enable()
