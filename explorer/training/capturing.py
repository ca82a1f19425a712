"""Steps captured as CUDA graphs: what the GPU does in a step is recorded once, and then repeated by one call.

The networks for CIFAR-10 are thin: in batches of 128 a GPU is done with most kernels sooner than Python has launched
the next. A replayed graph launches them all, hundreds of them, without Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import torch

from explorer.errors import NotCaptured

WARM_UP = 3
"""Steps done one by one before the capture: libraries choose their kernels and allocate their workspaces in them."""

AHEAD = 64
"""Rows drawn ahead, and copied to the GPU at once."""

_turn = Lock()


def can_capture(device: torch.device) -> bool:
    """Whether steps can be captured on a device."""
    return device.type == "cuda"


class Lane:
    """Where a run queues its work: on a GPU a stream of its own, beside those of other runs; on a CPU nothing to do."""

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device) if can_capture(device) else None  # type: ignore[no-untyped-call]

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Work that other runs' captures do not mind: replays, and reading their results."""
        if self._stream is None:
            yield
        else:
            with torch.cuda.stream(self._stream):
                yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Work that is launched kernel by kernel, and captures: of all runs in this process, one at a time.

        A capture fails if another thread synchronises the device meanwhile, as cuDNN does while it tries its kernels,
        which it does inside these blocks for every new shape (seconds, once). The lane's own queue is emptied before
        the block has its turn: nobody waits for it.
        """
        if self._stream is None:
            yield
            return
        self._stream.synchronize()
        with _turn, self.beside(), torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=True):
            yield

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """A function that repeats `work` on the lane; capturing does not do it. Raises `NotCaptured`.

        The work must be warm, read and change the same tensors each time, and never wait for the device.
        """
        try:
            with self.alone():
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                    work()
        except RuntimeError as problem:  # CUDA's errors, also out of memory
            raise NotCaptured(problem) from problem
        replay: Callable[[], None] = graph.replay
        return replay
