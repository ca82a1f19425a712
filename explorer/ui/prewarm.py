"""Import the heavy libraries behind the first page, so that the second one finds them ready."""

from __future__ import annotations

import atexit
import gc
import importlib
import threading
import time

_lock = threading.Lock()
_thread: threading.Thread | None = None

_HEAD_START = 0.8  # seconds the browser has to paint the first page before the imports compete for the processor


def start() -> threading.Thread:
    """Start warming up, once a process; later calls return the same thread."""
    global _thread
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_warm, name="prewarm", daemon=True)
            _thread.start()
    return _thread


def _warm() -> None:
    time.sleep(_HEAD_START)
    for module in ("plotly.graph_objects", "pandas", "torch", "torchvision", "torchinfo"):
        importlib.import_module(module)
    import torch

    from explorer.networks import network
    from explorer.tracing import trace_shapes

    torch.set_num_threads(1)  # two OpenMP threads on two busy cores are slower than one
    trace_shapes(network("lenet5"))
    gc.collect()
    gc.freeze()  # what is there now stays: later collections need not look at it
    atexit.register(gc.unfreeze)
