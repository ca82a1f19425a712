"""Captured steps, as far as a CPU can tell: what would be captured is the step, and without CUDA none is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch

from explorer import datasets
from explorer.records import Normalize, TrainConfig, TrainPoint
from explorer.training import Normalizer, StartInfo, capturing, loop, probing, train
from explorer.training.capturing import Lane
from explorer.training.feeding import Feed, Rows
from explorer.training.optimising import learning_rate
from explorer.training.presets import DIGITS, LENET
from tests.training.test_loop import timeless

CPU = torch.device("cpu")
QUICK = replace(DIGITS, options=(("depth", 8), ("base", 4)), steps=70, log_every=9, eval_every=30, probe_every=20)
CONFIGS = {
    "sgd": QUICK,
    "augmented": replace(QUICK, augment="crop-flip", schedule="step", nesterov=False, label_smoothing=0.1),
    "chain": replace(
        QUICK,
        augment="crop_mirror_rotation*p-0.5_shear_perspective_jitter*p-0.8_rgb-shift_pca-colour_blur_noise*p-0.3_erasing_mixup",
    ),
    "cutmix": replace(
        QUICK, augment="resized-crop_shear_grey*p-0.3_cutout*side-0.25_cutmix*p-0.7", label_smoothing=0.1
    ),
    "mixed": replace(QUICK, mixup=0.4, clip=1.0, schedule="onecycle"),
    "adamw": replace(QUICK, optimizer="adamw", lr=0.003, schedule="constant", warmup=20),
    "bf16": replace(QUICK, precision="bf16"),
    "lenet": replace(LENET, dataset="digits28", steps=40, log_every=10, eval_every=20, probe_every=15),
}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """On the CPU a "captured" step is the function that a GPU would capture; the list gets an entry per replay."""
    calls: list[int] = []

    def capture(lane: Lane, work: Callable[[], None]) -> Callable[[], None]:
        return lambda: (calls.append(1), work())[1]  # type: ignore[func-returns-value]

    monkeypatch.setattr("explorer.training.loop.can_capture", lambda device: True)
    monkeypatch.setattr(Lane, "capture", capture)
    return calls


def points(config: TrainConfig, **kwargs: object) -> list[TrainPoint]:
    return timeless(list(train(config, device="cpu", **kwargs)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CONFIGS)
def test_what_is_captured_is_the_step_bit_for_bit(name: str, request: pytest.FixtureRequest) -> None:
    config = CONFIGS[name]
    plain = points(config)
    calls = request.getfixturevalue("replayed")
    assert points(config) == plain
    probed = len([point for point in plain if point.gradient_norms]) - 1  # the first step is a warm-up as well
    assert len(calls) == config.steps - capturing.WARM_UP - probed


@pytest.mark.parametrize("augment", ["crop-flip", "mirror_crop*p-0.5_cutmix"])
def test_a_checkpoint_between_two_copies_of_rows_is_that_of_the_step(replayed: list[int], augment: str) -> None:
    """Rows are drawn 64 steps ahead; a run that is stopped at any of them continues as if none had been."""
    config = replace(CONFIGS["augmented"], augment=augment, checkpoint_every=1)
    blobs: dict[int, bytes] = {}
    whole = points(config, on_checkpoint=blobs.__setitem__)
    assert replayed
    for step in (2, 5, 63, 64, 65, 69):
        assert points(config, resume=blobs[step]) == [point for point in whole if point.step > step]


def test_without_cuda_no_capture_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lane, "capture", lambda *_: pytest.fail("captured on a CPU"))
    infos: list[StartInfo] = []
    assert points(replace(QUICK, steps=10), on_start=infos.append)
    assert [info.device for info in infos] == ["cpu"]


def test_where_the_capture_fails_the_run_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A capture that is really tried, where there is no CUDA, fails as one on a GPU does."""
    if torch.cuda.is_available():
        pytest.skip("this machine can capture")
    plain = points(QUICK)
    monkeypatch.setattr("explorer.training.loop.can_capture", lambda device: True)
    infos: list[StartInfo] = []
    with pytest.warns(UserWarning, match="one by one"):
        assert points(QUICK, on_start=infos.append) == plain
    assert [info.device for info in infos] == ["cpu", "cpu, steps not captured"]


@pytest.mark.parametrize("name", CONFIGS)
def test_the_rates_of_the_rows_are_those_of_the_schedule(name: str) -> None:
    config = CONFIGS[name]
    data = datasets.load(config.dataset)
    feed = Feed(config, data, Normalizer.of(Normalize.of(config.pixels, data.mean, data.std)), CPU)
    rows = Rows(feed, 16, CPU)
    found = []
    for _ in range(config.steps):
        rows.skip()
        found.append(float(rows.at_cursor()["rate"]))
    wanted = [learning_rate(config, step) for step in range(config.steps)]
    assert found == torch.tensor(wanted, dtype=torch.float32).tolist()


def test_rows_taken_by_the_host_and_at_the_cursor_are_one_sequence() -> None:
    config = CONFIGS["augmented"]
    data = datasets.load(config.dataset)

    def rows(ahead: int) -> Rows:
        scale = Normalizer.of(Normalize.of(config.pixels, data.mean, data.std))
        return Rows(Feed(config, data, scale, CPU), ahead, CPU)

    one_by_one, ahead = rows(1), rows(5)
    for step in range(23):
        wanted = one_by_one.take()
        if step % 3:
            ahead.skip()
            found = ahead.at_cursor()
        else:
            found = ahead.take()
        assert found.keys() == wanted.keys() == {"rate", "indices", "rows", "columns", "mirrored"}
        assert all(torch.equal(found[name], wanted[name]) for name in wanted)


class Queue:
    """Stands for a CUDA stream; counts how often it was waited for."""

    def __init__(self, device: object) -> None:
        self.waited = 0

    def synchronize(self) -> None:
        self.waited += 1


def test_nothing_is_launched_while_another_run_is_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen on a GPU: the evaluation of one run broke the capture of another. Replays may go on."""
    capturing_now, broken, replays = threading.Event(), [], []

    def capture(lane: Lane, work: Callable[[], None]) -> Callable[[], None]:
        with lane.alone():
            capturing_now.set()
            before, deadline = len(replays), time.monotonic() + 2
            while len(replays) == before and time.monotonic() < deadline:
                time.sleep(0.005)
            capturing_now.clear()
        return lambda: (replays.append(capturing_now.is_set()), work())[1]  # type: ignore[func-returns-value]

    def watched(name: str, original: Callable[..., object]) -> Callable[..., object]:
        def watching(*args: object, **kwargs: object) -> object:
            broken.extend([name] * capturing_now.is_set())
            return original(*args, **kwargs)

        return watching

    monkeypatch.setattr("explorer.training.loop.can_capture", lambda device: True)
    monkeypatch.setattr("explorer.training.capturing.can_capture", lambda device: True)
    monkeypatch.setattr("torch.cuda.Stream", Queue)
    monkeypatch.setattr("torch.cuda.stream", lambda stream: nullcontext())
    monkeypatch.setattr(Lane, "capture", capture)
    for place, name in ((loop, "evaluate"), (probing, "gradient_norms"), (loop, "pack"), (loop, "output_statistics")):
        monkeypatch.setattr(place, name, watched(name, getattr(place, name)))
    configs = [replace(QUICK, seed=seed, steps=60, eval_every=20, checkpoint_every=10) for seed in range(4)]

    def one(config: TrainConfig) -> list[TrainPoint]:
        return points(config, on_checkpoint=lambda step, blob: None)

    with ThreadPoolExecutor(len(configs)) as pool:
        together = list(pool.map(one, configs))
    assert not broken
    assert any(replays), "no run was replayed while another was captured: nothing was tried"
    monkeypatch.undo()
    assert together == [points(config) for config in configs]
