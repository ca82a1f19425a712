"""Summaries: what pages show before torch is imported.

The totals of all networks for the Atlas, the networks as they are declared with their traces, and what the first
visitor of *Feature maps* sees. They are recorded in files beside this one, each with a fingerprint of its sources;
`python -m explorer.summaries` records again what is stale, and tests compare every record with what is computed now.
Where a record is stale it is computed, which needs torch and some seconds.

Law: standard library and records to read; rooms that compute only where something is recorded.
"""

from __future__ import annotations

from explorer.summaries import atlas, first_look, traces
from explorer.summaries.atlas import load
from explorer.summaries.first_look import METHODS, FirstLook, recorded as recorded_look
from explorer.summaries.traces import specs, trace

__all__ = ["METHODS", "FirstLook", "bring_up_to_date", "load", "recorded_look", "specs", "trace"]


def bring_up_to_date() -> None:
    """Record again what was made of other sources than the present ones."""
    if atlas.recorded() is None:
        print("The networks have changed: adding them all up again ...")
        atlas.write(atlas.compute())
    if not traces.is_current():
        print("The networks have changed: tracing them all again ...")
        traces.write()
    if first_look.recorded() is None and first_look.key():
        from explorer.summaries import looking

        print("What the first look is made of has changed: looking again ...")
        first_look.write(looking.compute())
