"""How much a benchmark measures: enough to say something, or only that it runs."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

TINY = os.environ.get("BENCHMARKS") == "tiny"


def size(full: T, tiny: T) -> T:
    """`full`, or `tiny` where BENCHMARKS=tiny asks for it."""
    return tiny if TINY else full
