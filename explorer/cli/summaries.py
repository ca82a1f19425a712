"""Bring the recorded totals of all networks up to date: what the first page shows before torch is there."""

from __future__ import annotations

import argparse

from explorer import summaries


def add(parser: argparse.ArgumentParser) -> None:
    """It takes no words."""


def run(options: argparse.Namespace, command: str) -> int:
    """Bring the summaries up to date."""
    summaries.bring_up_to_date()
    return 0
