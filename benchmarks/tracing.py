"""Tracing every network on the meta device, against torchinfo on the CPU and against a bare meta forward pass.

Prints torchinfo / trace (aim: at least 10), from the declaration to the table (so with building the network, in memory
or on meta) and of the pass alone, and trace / bare forward (aim: at most 3), all in one run.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import torch
import torchinfo

from benchmarks._size import size
from explorer.networks import networks
from explorer.records import NetworkInstance, NetworkSpec
from explorer.tracing import build_on_meta, trace_module


def timed(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def with_torchinfo(spec: NetworkSpec) -> tuple[float, float]:
    """Seconds to build a network in memory, and of `torchinfo.summary` of it on the CPU."""
    gc.collect()  # the network before this one
    start = time.perf_counter()
    network = spec.build(classes=spec.classes).eval()
    built = time.perf_counter() - start
    return built, timed(lambda: torchinfo.summary(network, (1, *spec.input_shape), verbose=0, device="cpu"))


def on_meta(spec: NetworkSpec) -> tuple[float, float, float]:
    """Seconds to build a network on meta, of a bare forward pass there, and of a trace."""
    start = time.perf_counter()
    network = build_on_meta(NetworkInstance.of(spec)).eval()
    built = time.perf_counter() - start
    x = torch.empty(1, *spec.input_shape, device="meta")
    with torch.no_grad():
        bare = min(timed(lambda: network(x)) for _ in range(3))
    return built, bare, min(timed(lambda: trace_module(network, spec.input_shape, spec.stages)) for _ in range(3))


def main() -> None:
    torch.set_num_threads(1)
    on_meta(next(iter(networks().values())))  # what is imported on first use
    specs = list(networks().values())[: size(None, tiny=2)]
    counted = [(*with_torchinfo(spec), *on_meta(spec)) for spec in specs]
    built, other, built_meta, bare, traced = (sum(seconds) for seconds in zip(*counted, strict=True))
    print(f"{len(counted)} networks. In memory: building {built:.1f} s, torchinfo {other:.1f} s.", end=" ")
    print(f"On meta: building {built_meta:.2f} s, bare forward {bare:.2f} s, trace {traced:.2f} s.")
    print(f"torchinfo / trace, with building = {(built + other) / (built_meta + traced):.1f} (aim: at least 10)")
    print(f"torchinfo / trace, of the pass alone = {other / traced:.1f}")
    print(f"trace / bare meta forward = {traced / bare:.2f} (aim: at most 3)")


if __name__ == "__main__":
    main()
