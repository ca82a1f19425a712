"""What a measured timeline must obey, whatever the machine is busy with."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from explorer import datasets
from explorer.errors import BadOption, FeedingFailed
from explorer.feeding import Files, encode, measure, trainer
from explorer.feeding.loading import Images, Order
from explorer.feeding.presets import WORKERS, recorded, with_workers
from explorer.records import FedBatch, FeedConfig, FeedResult

CONFIG = FeedConfig(dataset="shapes", batch=6, batches=8, side=32, step_ms=2.0)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module", params=[0, 2])
def result(request: pytest.FixtureRequest) -> FeedResult:
    """Measured, with the trainer itself as loader, and with two workers."""
    return measure(replace(CONFIG, workers=request.param), device="cpu", command="a command")


def test_no_batch_is_trained_before_it_was_loaded(result: FeedResult) -> None:
    assert len(result.batches) == CONFIG.batches
    for batch in result.batches:
        assert batch.loading[0] < batch.loading[1] <= batch.waiting[1] == batch.copying[0] <= batch.copying[1]
        assert batch.copying[1] == batch.step[0]
        assert batch.step[1] - batch.step[0] >= CONFIG.step_ms / 1e3
    assert result.batches[0].waiting[0] == 0
    assert all(before.step[1] == after.waiting[0] for before, after in pairwise(result.batches))


def test_never_more_batches_at_work_than_workers(result: FeedResult) -> None:
    loaders = max(result.config.workers, 1)
    assert {batch.worker for batch in result.batches} == set(range(loaders))
    for batch in result.batches:
        at_work = [b for b in result.batches if b.loading[0] <= batch.loading[0] < b.loading[1]]
        assert len(at_work) <= loaders
        assert len({b.worker for b in at_work}) == len(at_work)  # each loads one at a time


def test_without_workers_the_trainer_waits_while_it_loads() -> None:
    found = measure(replace(CONFIG, batches=2), device="cpu")
    assert all(b.waiting[0] <= b.loading[0] and b.loading[1] <= b.waiting[1] for b in found.batches)


def test_no_worker_is_further_ahead_than_it_may_be(result: FeedResult) -> None:
    config = result.config
    ahead = max(config.workers * config.prefetch, 1)
    for number, batch in enumerate(result.batches[ahead:], start=ahead):
        assert batch.loading[0] >= result.batches[number - ahead].waiting[0]


def test_a_result_survives_its_text(result: FeedResult) -> None:
    again = FeedResult.from_json(result.to_json())
    assert again.config == result.config
    assert FeedResult.from_json(again.to_json()) == again
    assert again.seconds == pytest.approx(result.seconds, abs=1e-5)


def test_numbers_of_a_timeline_against_a_worked_example() -> None:
    """Two batches of 10: 1 s of waiting, 1 s of copying and 6 s of steps in all."""
    batches = (
        FedBatch(0, (0.0, 0.5), (0.0, 0.75), (0.75, 1.25), (1.25, 4.0)),
        FedBatch(1, (0.0, 1.5), (4.0, 4.25), (4.25, 4.75), (4.75, 8.0)),
    )
    made = FeedResult(
        config=replace(CONFIG, batch=10), batches=batches, cores=2, command="", device="", date="", versions=""
    )
    assert made.images_per_second == 2.5
    assert made.shares == {"waiting": 1 / 8, "copying": 1 / 8, "step": 6 / 8}
    assert made.bottleneck == "step"
    assert made.loading_seconds == 1


def test_the_pipeline_in_memory_trains_a_network() -> None:
    found = measure(replace(CONFIG, source="memory", step_ms=0, network="cifar-resnet20", batches=3), device="cpu")
    assert len(found.batches) == 3
    assert all(
        b.waiting[0] <= b.loading[0] <= b.loading[1] <= b.waiting[1] <= b.step[0] < b.step[1] for b in found.batches
    )
    assert not found.config.pinned  # there is no GPU


def test_files_are_the_images() -> None:
    data = datasets.load("shapes")
    files: Files = encode(data, 32, 20)
    loaded = Images(files, 32)
    assert len(loaded) == 20
    indices = [3, 0, 19]
    batch = loaded.__getitems__(indices)
    assert batch.images.shape == (3, 3, 32, 32)
    assert batch.images.dtype == torch.uint8
    assert batch.labels.tolist() == data.train_labels[indices].tolist()
    assert files[19].startswith(b"\xff\xd8")
    assert files[19].endswith(b"\xff\xd9")
    assert files[0] + files[1] == files.buffer[: int(files.ends[1])].numpy().tobytes()


def test_an_order_goes_through_all_images_before_one_comes_again() -> None:
    order = Order(count=10, size=5, batches=5, seed=1)
    batches = list(order)
    assert [len(batch) for batch in batches] == [5] * 5
    assert sorted(batches[0] + batches[1]) == sorted(batches[2] + batches[3]) == list(range(10))
    assert list(order) == batches
    assert list(Order(10, 5, 5, seed=2)) != batches


def test_batches_without_room_in_shared_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer.shutil, "disk_usage", lambda path: trainer.shutil._ntuple_diskusage(9, 9, 0))
    monkeypatch.setattr(trainer.Path, "is_dir", lambda path: True)
    with pytest.raises(FeedingFailed, match="shared memory"):
        measure(replace(CONFIG, workers=2), device="cpu")


@pytest.mark.parametrize(
    "changes", [{"source": "tape"}, {"source": "memory", "workers": 2}, {"batch": 0}, {"prefetch": 0}]
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadOption):
        replace(CONFIG, **changes)  # type: ignore[arg-type]


def test_the_sweep_differs_in_workers_alone() -> None:
    configs = [config for config in recorded("shapes") if config.source == "jpeg"][: len(WORKERS)]
    assert sorted(config.workers for config in configs) == sorted(WORKERS)
    assert {with_workers(config, 1) for config in configs} == {with_workers(configs[0], 1)}
