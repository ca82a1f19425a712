"""Tracing every network on the meta device, against torchinfo on the CPU and against a bare meta forward pass.

Prints: torchinfo / trace (aim: at least 10) and trace / bare forward (aim: at most 3), all in one run.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import torch
import torchinfo

from explorer.networks import networks
from explorer.records import NetworkSpec
from explorer.tracing import build_on_meta, trace_module


def timed(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def with_torchinfo(spec: NetworkSpec) -> float:
    """Seconds of `torchinfo.summary` on the CPU; building the network is not counted."""
    network = spec.build(classes=spec.classes).eval()
    gc.collect()  # the network before this one
    return timed(lambda: torchinfo.summary(network, (1, *spec.input_shape), verbose=0, device="cpu"))


def main() -> None:
    torch.set_num_threads(1)
    traced = bare = other = 0.0
    for spec in networks().values():
        network = build_on_meta(spec, spec.classes).eval()
        x = torch.empty(1, *spec.input_shape, device="meta")

        def forward(network: torch.nn.Module = network, x: torch.Tensor = x) -> None:
            with torch.no_grad():
                network(x)

        def trace(network: torch.nn.Module = network, spec: NetworkSpec = spec) -> None:
            trace_module(network, spec.input_shape, spec.stages)

        forward()
        bare += min(timed(forward) for _ in range(3))
        traced += min(timed(trace) for _ in range(3))
        other += with_torchinfo(spec)
    count = len(networks())
    print(f"{count} networks: torchinfo on CPU {other:.1f} s, trace {traced:.2f} s, bare meta forward {bare:.2f} s")
    print(f"torchinfo / trace = {other / traced:.1f} (aim: at least 10)")
    print(f"trace / bare meta forward = {traced / bare:.2f} (aim: at most 3)")


if __name__ == "__main__":
    main()
