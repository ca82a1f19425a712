"""The measured parts of `benchmarks.on_gpu`: `python -m benchmarks._on_gpu_measured PART CIFAR MNIST`."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from unittest import mock

import torch
from torchvision import transforms

from benchmarks._size import size
from benchmarks._textbook import images_per_second
from explorer import datasets
from explorer.errors import OutOfMemory, TrainingDiverged
from explorer.networks import network
from explorer.records import NetworkInstance, TrainConfig
from explorer.tracing import trace_shapes
from explorer.training import best_device, train
from explorer.training.presets import DIGITS, FAST, HE, LENET, cifar, degradation

DEVICE = best_device()
GPU = DEVICE.type == "cuda"
DEPTHS, BATCHES = size(((20, 56), (128, 512)), tiny=((20,), (16,)))
STEPS, TEXTBOOK_STEPS = size((300, 30), tiny=(6, 1))


def synchronize() -> None:
    """Wait for the device."""
    if GPU:
        torch.cuda.synchronize()


def seconds(work: Callable[[], object]) -> float:
    """Seconds of `work`, until the device is done."""
    synchronize()
    start = time.perf_counter()
    work()
    synchronize()
    return time.perf_counter() - start


# --- the machine ------------------------------------------------------------------------------------------------------


def machine(_cifar: str, _mnist: str) -> None:
    """Name, versions, and two ceilings: a large product of bfloat16 matrices, and a large copy."""
    print(torch.cuda.get_device_name() if GPU else "no GPU", "| torch", torch.__version__, "| cuda", torch.version.cuda)
    print(f"matrix product: {matmul_flops() / 1e12:.0f} TFLOP/s in bfloat16")
    source = torch.empty(size(2**31, tiny=2**16), dtype=torch.uint8, device=DEVICE)
    target = torch.empty_like(source)
    times = [seconds(lambda: target.copy_(source)) for _ in range(5)]
    print(f"copy: {2 * source.numel() / min(times) / 1e12:.2f} TB/s, read and written")


def matmul_flops() -> float:
    """Operations a second of a large product of random bfloat16 matrices."""
    side = size(8192, tiny=64)
    a, b = (torch.randn(side, side, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    times = [seconds(lambda: a @ b) for _ in range(10)]
    return 2 * side**3 / statistics.median(times)


# --- whether everything trains ----------------------------------------------------------------------------------------


def smoke(cifar_slug: str, mnist_slug: str) -> None:
    """Each preset a few hundred steps; resumed, it goes on as it would have; what must fail fails with a sentence."""
    steps = size(300, tiny=6)
    _, _, plain56, residual56 = degradation(DIGITS, size((20, 56), tiny=(8, 8)))
    presets = {
        "digits plain": plain56,
        "digits residual": residual56,
        "he": replace(HE, dataset=cifar_slug),
        "fast": replace(FAST, dataset=cifar_slug),
        "lenet": replace(LENET, dataset=mnist_slug),
    }
    for name, preset in presets.items():
        every = {f"{what}_every": max(steps // 6, 1) for what in ("log", "eval", "probe")}
        config = replace(
            preset, steps=steps, checkpoint_every=steps // 2, batch=min(preset.batch, size(4096, 8)), **every
        )
        _resumed_is_whole(name, config)
    options = (("depth", 20), ("norm", False), ("strength", 2.0))
    _diverges(replace(DIGITS, options=options, lr=10.0, steps=steps))
    _does_not_fit(replace(presets["he"], network="cifar-resnet110", batch=4096))


def _resumed_is_whole(name: str, config: TrainConfig) -> None:
    blobs: dict[int, bytes] = {}
    said: list[str] = []
    whole = list(train(config, on_start=lambda info: said.append(info.device), on_checkpoint=blobs.__setitem__))
    half = config.steps // 2
    again = list(train(config, resume=blobs[half]))
    before = {point.step: point for point in whole}
    apart = max(abs(point.train_loss - before[point.step].train_loss) for point in again)
    losses = " ".join(f"{point.train_loss:.3f}" for point in whole)
    print(f"{name}: {said[-1]}; loss {losses}; resumed at {half}: at most {apart:.4f} apart")


def _diverges(config: TrainConfig) -> None:
    try:
        points = list(train(config))
        print(f"NOT caught: a rate of {config.lr} ended at a loss of {points[-1].train_loss}")
    except TrainingDiverged as problem:
        print(f"diverged: {problem}")


def _does_not_fit(config: TrainConfig) -> None:
    """Under a limit that the network's activations exceed; nothing without a GPU."""
    if not GPU:
        return
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(2e9 / torch.cuda.get_device_properties(DEVICE).total_memory)
    try:
        list(train(config))
        print("NOT caught: everything fitted")
    except OutOfMemory as problem:
        print(f"out of memory: {problem}")


# --- how fast ---------------------------------------------------------------------------------------------------------


def speed(cifar_slug: str, _mnist: str) -> None:
    """Images/s: the textbook loop, our steps one by one, captured; and what bounds them."""
    data = datasets.load(cifar_slug)
    ceiling, (channels, side, _) = matmul_flops(), data.shape
    transform = transforms.Compose(
        [
            transforms.RandomCrop(side, padding=4),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize((0.5,) * channels, (0.25,) * channels),
        ]
    )
    for depth in DEPTHS:
        slug = f"cifar-resnet{depth}"
        flops = 6 * trace_shapes(NetworkInstance.of(network(slug))).macs  # forward, and twice as much backward
        for batch in BATCHES:
            net = network(slug).build(channels=channels).to(DEVICE)
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
            few = max(TEXTBOOK_STEPS * 128 // batch, 1)
            textbook = images_per_second(net, data, optimizer, transform, batch, few, device=str(DEVICE))
            config = replace(HE, network=slug, dataset=cifar_slug, batch=batch, steps=STEPS)
            with mock.patch("explorer.training.loop.can_capture", return_value=False):
                eager = _speed(replace(config, steps=max(STEPS // 3, 3)))
            captured = _speed(config)
            print(
                f"{slug}, batches of {batch}: textbook {textbook:,.0f}, one by one {eager:,.0f}, "
                f"captured {captured:,.0f} images/s; {1e3 * batch / captured:.3f} ms a step; "
                f"{100 * flops * captured / ceiling:.1f} % of the matrix product's FLOP/s"
            )
            print(f"    one by one / textbook = {eager / textbook:.2f}, captured / one by one = {captured / eager:.2f}")
        if GPU:
            profile(replace(HE, network=slug, dataset=cifar_slug))


def _speed(config: TrainConfig) -> float:
    """Images/s in the middle of a run, without its first interval and without probes."""
    third = max(config.steps // 6, 1)
    points = list(train(replace(config, log_every=third, eval_every=config.steps, probe_every=config.steps)))
    return statistics.median(point.images_per_second for point in points[2:-1])


def profile(config: TrainConfig) -> None:
    """Kernels of a captured step: how many, how long, which."""
    from torch.profiler import ProfilerActivity, profile as profiler

    steps = 100
    points = train(replace(config, steps=3 * steps, log_every=steps, eval_every=3 * steps, probe_every=3 * steps))
    for _ in range(2):
        next(points)
    with profiler(activities=[ProfilerActivity.CUDA]) as found:
        next(points)
    kernels = [event for event in found.key_averages() if event.self_device_time_total > 0]
    count, total = sum(k.count for k in kernels), sum(k.self_device_time_total for k in kernels)
    print(f"    a captured step: {count / steps:.0f} kernels, which take {total / steps / 1e3:.3f} ms")
    for kernel in sorted(kernels, key=lambda k: -k.self_device_time_total)[:12]:
        each = kernel.self_device_time_total / kernel.count
        print(f"    {kernel.count / steps:6.1f} x {each:6.2f} us  {kernel.key[:90]}")


# --- side by side -----------------------------------------------------------------------------------------------------


def side_by_side(cifar_slug: str, _mnist: str) -> None:
    """Plain and residual networks on streams of their own, in a thread each, against one after the other."""
    for batch in BATCHES:
        steps = size(max(60_000 // batch, 150), tiny=4)
        every = {f"{what}_every": steps for what in ("log", "eval", "probe")}
        configs = cifar(
            replace(FAST, dataset=cifar_slug, batch=batch, steps=steps, **every), size((20, 56), tiny=(20,))
        )
        _train_all(configs[:1], 1)  # to warm up
        apart, beside = (seconds(partial(_train_all, configs, at_once)) for at_once in (1, len(configs)))
        print(f"batches of {batch}, {len(configs)} networks: one after the other {apart:.2f} s, at once {beside:.2f} s")
        print(f"    one after the other / side by side = {apart / beside:.2f}")


def _train_all(configs: Sequence[TrainConfig], at_once: int) -> None:
    with ThreadPoolExecutor(at_once) as pool:
        for points in [pool.submit(list, train(config)) for config in configs]:
            points.result()


PARTS = {work.__name__: work for work in (machine, smoke, speed, side_by_side)}

if __name__ == "__main__":
    if not GPU:
        torch.set_num_threads(1)
    PARTS[sys.argv[1]](*sys.argv[2:])
