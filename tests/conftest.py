"""What all tests share: one thread for torch, and one trace a network for the whole session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import torch

from explorer.networks import network
from explorer.records import ShapeTrace
from explorer.tracing import trace_shapes

torch.set_num_threads(1)


@cache
def _traced(slug: str) -> ShapeTrace:
    return trace_shapes(network(slug))


@pytest.fixture(scope="session")
def traced() -> Callable[[str], ShapeTrace]:
    """`traced(slug)`: the trace of a network with its default options; traced once, then remembered."""
    return _traced
