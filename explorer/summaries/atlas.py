"""The totals of every network, as the Atlas shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from explorer.records import NetworkInstance, NetworkSpec, NetworkSummary, Published
from explorer.summaries.fingerprint import TRACED, fingerprint

RECORD = Path(__file__).with_name("atlas.json")


def recorded() -> tuple[NetworkSummary, ...] | None:
    """The recorded summaries, or None if they are missing or stale."""
    if not RECORD.exists():
        return None
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    if record["key"] != fingerprint(*TRACED):
        return None
    return tuple(
        NetworkSummary(**{**summary, "input_shape": tuple(summary["input_shape"])}) for summary in record["summaries"]
    )


def compute() -> tuple[NetworkSummary, ...]:
    """Compute the summaries: each network is traced at its default input size."""
    from explorer.models import published_weights
    from explorer.networks import networks
    from explorer.tracing import trace_shapes

    summaries = []
    for spec in networks().values():
        trace = trace_shapes(NetworkInstance.of(spec))
        headline = _headline(spec)
        summaries.append(
            NetworkSummary(
                slug=spec.slug,
                title=spec.title,
                family=spec.family,
                year=spec.year,
                citation=f"{spec.paper.authors}, {spec.paper.title}, {spec.paper.venue}",
                url=spec.paper.url,
                lesson=spec.lesson,
                input_shape=spec.input_shape,
                classes=spec.classes,
                parameters=trace.parameters,
                macs=trace.macs,
                activation_bytes=trace.activation_bytes,
                depth=trace.depth,
                rf_size=max(trace.last_map.rf.size),
                dataset=headline.dataset if headline else "",
                top1=headline.top1 if headline else None,
                protocol=headline.protocol if headline else "",
                source=headline.source if headline else "",
                comparable=bool(headline and headline.comparable),
                milestone=spec.milestone,
                package=spec.package,
                file=published_weights(spec.slug).file if spec.torchvision else "",
            )
        )
    return tuple(summaries)


def _headline(spec: NetworkSpec) -> Published | None:
    """The published accuracy of a summary: the first with a top-1 value."""
    return next((result for result in spec.published if result.top1 is not None), None)


def load() -> tuple[NetworkSummary, ...]:
    """All summaries in order of year: the recorded ones unless they are stale, else computed."""
    return recorded() or compute()


def write(summaries: Sequence[NetworkSummary]) -> None:
    """Record summaries under the present key."""
    record = {
        "command": "python -m explorer.summaries",
        "key": fingerprint(*TRACED),
        "summaries": [asdict(summary) for summary in summaries],
    }
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
