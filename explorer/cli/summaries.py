"""Update the recorded totals of all networks, which the first page shows before torch is imported."""

from __future__ import annotations

import argparse

from explorer import summaries


def add(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(options: argparse.Namespace, command: str) -> int:
    """Update the summaries."""
    summaries.bring_up_to_date()
    return 0
