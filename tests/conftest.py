"""What all tests share: a data directory of their own, one thread for torch, one trace a network for the session."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable

import pytest
import torch

from explorer.records import ShapeTrace
from tests.random_weights import trace_of

torch.set_num_threads(1)

# Nobody's own runs are seen, or touched, by a test. The variables are read with every look, not with the import.
_DATA = tempfile.mkdtemp(prefix="convnet-atlas-tests-")
os.environ["CONVNET_ATLAS_DATA"] = _DATA
os.environ.pop("CONVNET_ATLAS_STORE", None)


def pytest_unconfigure() -> None:
    """Remove the data directory of the tests."""
    shutil.rmtree(_DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def traced() -> Callable[[str], ShapeTrace]:
    """`traced(slug)`: the trace of a network with its default options; traced once, then remembered."""
    return trace_of
