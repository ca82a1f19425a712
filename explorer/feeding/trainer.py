"""The trainer: it waits for a batch, copies it to the device, does a step; each is stamped when the device is done."""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from explorer import datasets
from explorer.datasets import Batches, ImageData
from explorer.errors import FeedingFailed
from explorer.feeding.files import MOST, Files, encode
from explorer.feeding.loading import Loaded, Order, loader_of
from explorer.networks import build, network
from explorer.records import FedBatch, FeedConfig, FeedResult, NetworkInstance, TrainConfig, usual_normalize
from explorer.training import Normalizer, best_device, native_bf16
from explorer.training.feeding import Batch
from explorer.training.learner import Learner
from explorer.transforms import apply_crop_flip, draw_crop_flip

Step = Callable[[Tensor, Tensor], None]

_SHARED = Path("/dev/shm")
_WARM_UP = 3


def measure(
    config: FeedConfig, *, device: str = "auto", command: str = "", done: Callable[[], None] = lambda: None
) -> FeedResult:
    """Train for `config.batches` batches and measure who waited for whom, after a pass that is not measured.

    `done` is called after every batch, between two stamps; whatever it raises ends the measurement, and its workers.
    The result's configuration says whether memory was pinned: without a GPU it is not. Raises what `datasets.load`
    raises, and `FeedingFailed` where workers fail, or their batches have no room.
    """
    where, data = best_device(device), datasets.load(config.dataset)
    pinned = config.pinned and where.type == "cuda"
    order = Order(min(len(data.train_labels), MOST), config.batch, max(config.workers, _WARM_UP), config.seed)
    passes: Iterable[Loaded]
    if config.source == "memory":
        passes = _InMemory(data, order, config.side, where)
    else:
        _require_room(config)
        passes = loader_of(config, _files(config.dataset, config.side * 8 // 7, order.count), order, pinned=pinned)
    step = _sleeping(config) if config.step_ms else _training(config, where)
    try:
        _timeline(passes, step, where, pinned=pinned, done=done)
        order.batches = config.batches
        batches = _timeline(passes, step, where, pinned=pinned, done=done)
    except (RuntimeError, OSError) as problem:  # a worker was killed, or took longer than the loader's patience
        raise FeedingFailed(problem) from problem
    return FeedResult(
        config=replace(config, pinned=pinned),
        batches=batches,
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        command=command,
        device=torch.cuda.get_device_name() if where.type == "cuda" else platform.machine(),
        date=date.today().isoformat(),
        versions=f"torch {torch.__version__}",
    )


@lru_cache(maxsize=2)
def _files(dataset: str, side: int, count: int) -> Files:
    return encode(datasets.load(dataset), side, count)


def _timeline(
    passes: Iterable[Loaded], step: Step, device: torch.device, *, pinned: bool, done: Callable[[], None]
) -> tuple[FedBatch, ...]:
    """One pass over the batches."""
    start = asked = time.monotonic_ns()
    times: list[tuple[int, ...]] = []
    stamps: list[Tensor] = []
    for loaded in passes:
        arrived = time.monotonic_ns()
        x, y = (tensor.to(device, non_blocking=pinned) for tensor in (loaded.images, loaded.labels))
        _finish(device)
        copied = time.monotonic_ns()
        step(x, y)
        _finish(device)
        ended = time.monotonic_ns()
        stamps.append(loaded.stamp)
        times.append((asked, arrived, copied, ended))
        asked = ended
        done()

    def seconds(begin: int, end: int) -> tuple[float, float]:
        return (begin - start) / 1e9, (end - start) / 1e9

    return tuple(
        FedBatch(int(worker), seconds(int(begin), int(end)), seconds(a, b), seconds(b, c), seconds(c, d))
        for (worker, begin, end), (a, b, c, d) in zip(stamps, times, strict=True)
    )


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _sleeping(config: FeedConfig) -> Step:
    """A step of a device that needs the processor for nothing."""

    def step(x: Tensor, y: Tensor) -> None:
        time.sleep(config.step_ms / 1e3)

    return step


def _training(config: FeedConfig, device: torch.device) -> Step:
    """A step of training as the loop does it."""
    spec = network(config.network)
    net = build(NetworkInstance.of(spec, size=(config.side, config.side)))
    recipe = TrainConfig(network=spec.slug, dataset=config.dataset, steps=1, lr=0.01, batch=config.batch)
    learner = Learner(net.to(device).to(memory_format=torch.channels_last), recipe, device, native_bf16(device))
    scale, rate = Normalizer.of(usual_normalize(3), device), torch.tensor(recipe.lr)

    def step(x: Tensor, y: Tensor) -> None:
        with torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=True):
            learner.update(learner.gradients(Batch(scale(x), y, y)), rate)

    return step


class _InMemory:
    """This project's own way: decoded images stay on the device, and a batch is cropped and mirrored there at once.

    Each pass yields as many batches as `order` says.
    """

    def __init__(self, data: ImageData, order: Order, side: int, device: torch.device) -> None:
        chunks = torch.split(data.train_images[: order.count].to(device), 256)
        size = (side, side)
        images = [
            functional.interpolate(chunk.float(), size, mode="bilinear").round().to(torch.uint8) for chunk in chunks
        ]
        pixels = torch.cat(images).expand(-1, 3, -1, -1)
        self._order, self._device, self._padding = order, device, side // 8
        self._batches = Batches(pixels, data.train_labels[: order.count], order.size, order.seed, device)
        self._drawing = torch.Generator().manual_seed(order.seed)

    def __iter__(self) -> Iterator[Loaded]:
        for _ in range(self._order.batches):
            begin = time.monotonic_ns()
            images, labels = self._batches.take(self._batches.draw().to(self._device))
            images = apply_crop_flip(images, draw_crop_flip(len(labels), self._drawing, self._padding))
            _finish(self._device)
            yield Loaded(images, labels, torch.tensor([0, begin, time.monotonic_ns()]))


def _require_room(config: FeedConfig) -> None:
    """Batches travel in shared memory, and a worker that finds none left is killed: better to say so before."""
    batch = config.batch * 3 * config.side**2
    needed = batch * (config.workers * config.prefetch + 2)
    if _SHARED.is_dir() and shutil.disk_usage(_SHARED).free < needed:
        raise FeedingFailed(f"{needed / 2**20:,.0f} MB of shared memory are needed, and there are fewer")
