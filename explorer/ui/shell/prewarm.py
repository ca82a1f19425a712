"""Import libraries before they are asked for: what a page needs at launch, what computes behind the first page.

A browser takes over a second to load Streamlit's own script; the server has nothing to do meanwhile.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import threading
import time
from collections.abc import Callable

_FIRST_PAGE = "explorer.ui.parts.architectures.atlas"

_lock = threading.Lock()
_threads: dict[Callable[[], None], threading.Thread] = {}

_UNVISITED = 3.0  # seconds after launch: if nobody has come by then, nobody's first page is slowed down
_HEAD_START = 0.8  # seconds the browser has to paint the first page before the imports compete for the processor
_RARER = 2.0  # seconds more for a page that computes: torchvision, which few first pages need, takes as long as torch
_visited = threading.Event()
_torch_is_here = threading.Event()


def at_launch() -> threading.Thread:
    """Import what the first page needs in a thread, once per process; then torch, if no visitor arrives."""
    return _once(_light)


def before_a_page() -> None:
    """Tell the import thread that a visitor has arrived: imports not begun wait for the first page."""
    _visited.set()


def behind_the_first_page() -> threading.Thread:
    """Import torch and what needs it in a thread, once per process; later calls return the same thread."""
    return _once(_heavy)


def torch_is_here() -> bool:
    """Whether what needs torch no longer waits for seconds: it is imported."""
    return _torch_is_here.is_set()


def note_torch() -> None:
    """Note that torch is imported, by whoever did it."""
    _torch_is_here.set()


def _once(work: Callable[[], None]) -> threading.Thread:
    with _lock:
        if work not in _threads:
            _threads[work] = threading.Thread(target=work, name=f"prewarm{work.__name__}", daemon=True)
            _threads[work].start()
        return _threads[work]


def _light() -> None:
    from explorer import summaries, text, weights

    for language in text.LANGUAGES:
        text.strings(language)
    # Streamlit imports the table of emojis for the first segmented control: a third of a second.
    for module in (
        "streamlit.emojis",
        "explorer.ui.parts.architectures.atlas",
        "numpy",
        "PIL.Image",
        "pandas",
        "plotly.graph_objects",
    ):
        importlib.import_module(module)
    summaries.specs()  # what is recorded of networks and of runs: a link to a network asks for both
    weights.shipped()
    if not _visited.wait(_UNVISITED):
        _once(_heavy)


def _heavy() -> None:
    if _visited.is_set():
        time.sleep(_HEAD_START)
    import torch

    from explorer.networks import network
    from explorer.records import NetworkInstance
    from explorer.tracing import trace_shapes

    torch.set_num_threads(1)  # two OpenMP threads on two busy cores are slower than one
    trace_shapes(NetworkInstance.of(network("lenet5")))
    note_torch()
    time.sleep(_RARER)
    for module in ("torchvision", "torchinfo"):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # what is there now stays: later collections need not look at it
    atexit.register(gc.unfreeze)
