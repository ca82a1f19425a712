"""Labels for the figures: exactly those that their docstrings list, so that the use of any other fails."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from explorer.records import KINDS

FIGURE_WORDS = ("input", "receptive_field", "parameters", "macs", "memory")


@pytest.fixture(scope="session")
def labels() -> Mapping[str, str]:
    return {word: f"<{word}>" for word in (*FIGURE_WORDS, *KINDS)}
