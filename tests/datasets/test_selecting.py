"""The same seed selects the same images, as many of each class."""

from __future__ import annotations

import pytest
import torch

from explorer.datasets import select
from explorer.errors import BadOption

LABELS = torch.tensor([0, 1, 2] * 20 + [2] * 7)


@pytest.mark.parametrize("per_class", [1, 5, 20])
def test_exactly_so_many_of_each_class_none_twice(per_class: int) -> None:
    chosen = select(LABELS, per_class, seed=3)
    assert torch.bincount(LABELS[chosen]).tolist() == [per_class] * 3
    assert len(set(chosen.tolist())) == 3 * per_class


def test_the_seed_decides() -> None:
    assert torch.equal(select(LABELS, 5, seed=1), select(LABELS, 5, seed=1))
    assert not torch.equal(select(LABELS, 5, seed=1), select(LABELS, 5, seed=2))


def test_fewer_are_among_more() -> None:
    assert set(select(LABELS, 2, seed=1).tolist()) < set(select(LABELS, 9, seed=1).tolist())


def test_none_selects_all_and_too_many_are_refused() -> None:
    assert select(LABELS, 0, seed=1).tolist() == list(range(len(LABELS)))
    with pytest.raises(BadOption):
        select(LABELS, 21, seed=1)
