"""What is declared is what is loaded; the bundled sets are real, balanced and the same every time."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
import torch

from explorer import datasets
from explorer.datasets import ImageData
from explorer.errors import DatasetError, UnknownEntry

BUNDLED = [slug for slug, spec in datasets.datasets().items() if spec.bundled]


def test_the_catalogue_begins_with_what_is_bundled() -> None:
    assert list(datasets.datasets()) == ["digits", "digits28", "shapes", "mnist", "fashion-mnist", "cifar10"]
    assert BUNDLED == ["digits", "digits28", "shapes"]


@pytest.mark.parametrize("slug", BUNDLED)
def test_a_bundled_set_is_what_it_declares(slug: str) -> None:
    spec, data = datasets.dataset(slug), datasets.load(slug)
    assert datasets.available(slug)
    assert spec.fetch is None
    assert spec.download_mb == 0
    assert data.shape == spec.shape
    assert (len(data.train_images), len(data.test_images)) == (spec.train, spec.test)
    assert data.classes == spec.classes
    assert data.train_images.dtype == data.test_images.dtype == torch.uint8
    assert data.train_labels.dtype == data.test_labels.dtype == torch.int64
    for labels in (data.train_labels, data.test_labels):
        assert labels.unique().tolist() == list(range(len(data.classes)))
        assert labels.bincount().min() > 0.7 * len(labels) / len(data.classes)


@pytest.mark.parametrize("slug", BUNDLED)
def test_a_bundled_set_is_drawn_alike_every_time_and_leaves_torchs_generator_alone(slug: str) -> None:
    before = torch.get_rng_state()
    first, second = datasets.dataset(slug).load(), datasets.dataset(slug).load()
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.train_images, second.train_images)
    assert torch.equal(first.test_labels, second.test_labels)


@pytest.mark.parametrize("slug", BUNDLED)
def test_no_image_is_in_both_parts(slug: str) -> None:
    data = datasets.load(slug)
    train = {image.numpy().tobytes() for image in data.train_images}
    assert not [image for image in data.test_images if image.numpy().tobytes() in train]


def test_the_digits_are_scikit_learns_in_the_order_of_the_recipe() -> None:
    from sklearn.datasets import load_digits

    source, data = load_digits(), datasets.load("digits")
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0)).tolist()
    for place, index in ((0, order[0]), (700, order[700])):
        wanted = [[round(value * 255 / 16) for value in row] for row in source.images[index]]
        assert data.train_images[place, 0].tolist() == wanted
        assert data.train_labels[place] == source.target[index]
    assert data.test_labels[0] == source.target[order[1437]]


def test_the_shapes_are_drawn_in_two_seconds() -> None:
    begun = time.process_time()
    datasets.dataset("shapes").load()
    assert time.process_time() - begun < 2


def test_the_shapes_cannot_be_told_by_their_pixels_alone() -> None:
    """The nearest class mean is near chance, in colour; and colour differs between the channels."""
    data = datasets.load("shapes")
    train, test = (x.flatten(1).float() for x in (data.train_images, data.test_images))
    means = torch.stack([train[data.train_labels == index].mean(0) for index in range(10)])
    accuracy = (torch.cdist(test, means).argmin(1) == data.test_labels).float().mean()
    assert accuracy < 0.3
    red, green = data.train_images[:, 0].flatten().double(), data.train_images[:, 1].flatten().double()
    assert abs(torch.corrcoef(torch.stack([red, green]))[0, 1]) < 0.2


def test_mean_and_deviation_are_those_of_the_training_images() -> None:
    images = torch.randint(0, 256, (7, 3, 5, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    labels = torch.zeros(7, dtype=torch.int64)
    data = ImageData(
        train_images=images, train_labels=labels, test_images=images[:1], test_labels=labels[:1], classes=("a", "b")
    )
    wanted = images.double().transpose(0, 1).flatten(1)
    assert data.mean == pytest.approx(wanted.mean(1).tolist(), rel=1e-12)
    assert data.std == pytest.approx(wanted.std(1, correction=0).tolist(), rel=1e-12)


def test_threads_that_ask_at_once_share_one_copy() -> None:
    datasets._loaded.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(datasets.load, ["shapes"] * 8))
    assert all(data is found[0] for data in found)


def test_an_unknown_set_is_answered_with_the_nearest() -> None:
    for ask in (datasets.dataset, datasets.load, datasets.available, datasets.fetch):
        with pytest.raises(UnknownEntry, match="Did you mean mnist"):
            ask("mnits")


def test_what_was_not_fetched_is_not_available() -> None:
    assert not datasets.available("cifar10")
    with pytest.raises(DatasetError, match="CIFAR-10 is not there yet"):
        datasets.load("cifar10")


def test_who_loads_a_set_that_is_being_fetched_is_not_kept_waiting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    begun, told = Event(), Event()

    def slow(progress: datasets.Progress) -> None:
        begun.set()
        assert told.wait(60)

    slowly = replace(datasets.dataset("mnist"), fetch=slow)
    monkeypatch.setattr(datasets, "datasets", lambda: {"mnist": slowly})
    with ThreadPoolExecutor() as threads:
        fetching = threads.submit(datasets.fetch, "mnist")
        assert begun.wait(60)
        loading = threads.submit(datasets.load, "mnist")
        wait([loading], timeout=10)
        answered = loading.done()
        told.set()
        with pytest.raises(DatasetError, match="not there yet"):
            loading.result(60)
        fetching.result(60)
    assert answered, "it waited for the download"


def test_the_room_needs_torch_and_numpy_only() -> None:
    code = """
import sys
for name in ("sklearn", "pyarrow", "PIL", "safetensors", "streamlit", "pandas"):
    sys.modules[name] = None
from explorer import datasets, transforms
data = datasets.load("shapes")
batches = datasets.Batches(data.train_images, data.train_labels, 8, 0, "cpu")
batches.take(batches.draw())
print(*datasets.datasets(), datasets.available("mnist"), datasets.own_datasets())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [
        "digits",
        "digits28",
        "shapes",
        "mnist",
        "fashion-mnist",
        "cifar10",
        "False",
        "()",
    ], done.stderr
