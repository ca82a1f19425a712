"""Steps captured as CUDA graphs: what the GPU does in a step is recorded once, and then repeated by one call.

The networks for CIFAR-10 are thin: in batches of 128 a GPU is done with most kernels sooner than Python has launched
the next. A replayed graph launches them all, hundreds of them, without Python.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Lock

import torch

from explorer.errors import NotCaptured

WARM_UP = 3
"""Steps done one by one before the capture: libraries choose their kernels and allocate their workspaces in them."""

AHEAD = 64
"""Rows drawn ahead, and copied to the GPU at once."""

_one_at_a_time = Lock()


def can_capture(device: torch.device) -> bool:
    """Whether steps can be captured on a device."""
    return device.type == "cuda"


def make_stream(device: torch.device) -> torch.cuda.Stream | None:
    """A stream of a run's own, on which it is captured, and beside which other runs compute; None but for CUDA."""
    return torch.cuda.Stream(device) if can_capture(device) else None  # type: ignore[no-untyped-call]


def on_stream(stream: torch.cuda.Stream | None) -> AbstractContextManager[object]:
    """All work inside the block is queued on the stream."""
    return nullcontext() if stream is None else torch.cuda.stream(stream)


def choosing_kernels(device: torch.device) -> AbstractContextManager[object]:
    """Inside the block cuDNN tries its kernels for every new shape and keeps the fastest: seconds, once per shape."""
    if not can_capture(device):
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, benchmark=True, deterministic=False, allow_tf32=True)


def capture(work: Callable[[], None], stream: torch.cuda.Stream | None) -> Callable[[], None]:
    """A function that repeats `work`, which must be warm, read and change the same tensors each time, and never wait.

    Capturing does not do the work. Threads may go on computing on other streams meanwhile. Raises `NotCaptured`.
    """
    try:
        graph = torch.cuda.CUDAGraph()
        with _one_at_a_time, torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
            work()
    except RuntimeError as problem:  # CUDA's errors, also out of memory
        raise NotCaptured(problem) from problem
    replay: Callable[[], None] = graph.replay
    return replay
