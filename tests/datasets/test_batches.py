"""The stream of batches: complete, shuffled, independent of global random state, resumable anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from explorer.datasets import Batches

LABELS = torch.arange(23)
IMAGES = LABELS.to(torch.uint8)[:, None, None, None].expand(-1, 3, 4, 4).contiguous()


def stream(size: int = 5, seed: int = 0) -> Batches:
    return Batches(IMAGES, LABELS, size, seed, "cpu")


def labels(batches: Batches, count: int) -> list[list[int]]:
    return [batches.take(batches.draw())[1].tolist() for _ in range(count)]


def test_an_epoch_shows_every_image_once_and_drops_the_rest() -> None:
    batches = stream()
    first, second = ([label for batch in labels(batches, 4) for label in batch] for _ in range(2))
    assert len(first) == len(set(first)) == 20
    assert len(set(second)) == 20
    assert first != second
    assert first != sorted(first)


def test_an_epoch_that_divides_evenly_drops_nothing() -> None:
    batches = Batches(IMAGES[:20], LABELS[:20], 5, 0, "cpu")
    for _ in range(2):
        assert sorted(label for batch in labels(batches, 4) for label in batch) == list(range(20))


def test_images_stay_with_their_labels() -> None:
    batches = stream()
    x, y = batches.take(batches.draw())
    assert x.dtype == torch.uint8
    assert x.shape == (5, 3, 4, 4)
    assert x[:, 1, 2, 3].tolist() == y.tolist()


def test_the_seed_decides_the_order() -> None:
    assert labels(stream(seed=3), 9) == labels(stream(seed=3), 9)
    assert labels(stream(seed=3), 9) != labels(stream(seed=4), 9)


def test_the_global_generator_is_neither_read_nor_changed() -> None:
    before = torch.get_rng_state()
    wanted = labels(stream(), 9)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    assert labels(stream(), 9) == wanted


def test_streams_in_threads_do_not_disturb_each_other() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda seed: labels(stream(seed=seed % 2), 200), range(8)))
    assert all(order == found[seed % 2] for seed, order in enumerate(found))
    assert found[0] != found[1]


def test_a_set_smaller_than_a_batch_is_one_batch() -> None:
    batches = stream(size=100)
    assert batches.size == 23
    assert sorted(labels(batches, 1)[0]) == list(range(23))


@pytest.mark.parametrize("done", [0, 1, 3, 4, 6, 11])
def test_a_restored_stream_goes_on_where_it_was(done: int) -> None:
    batches = stream()
    labels(batches, done)
    state = batches.state()
    wanted = labels(batches, 10)
    other = stream(seed=77)
    labels(other, 2)
    other.restore(state)
    assert labels(other, 10) == wanted
    assert all(isinstance(value, torch.Tensor) for value in state.values())
