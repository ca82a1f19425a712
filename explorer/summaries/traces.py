"""Every network as it is declared, and its trace at its default input: a link to it draws before torch is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from explorer.records import (
    Control,
    LayerRecord,
    NetworkInstance,
    NetworkSpec,
    Paper,
    Published,
    ReceptiveField,
    ShapeTrace,
    Stage,
)
from explorer.summaries import archive
from explorer.summaries.fingerprint import TRACED, fingerprint

RECORD = Path(__file__).with_name("traces.zip")
_DECLARED = "networks.json"


@dataclass(frozen=True, slots=True)
class _Built:
    """Builds a network by its slug, and imports torch to do so: no other builder can be recorded."""

    slug: str

    def __call__(self, **arguments: Any) -> Any:
        from explorer.networks import network

        return network(self.slug).build(**arguments)


@cache
def is_current() -> bool:
    """Whether the record was made of the present sources."""
    return archive.is_current(RECORD, fingerprint(*TRACED))


@cache
def specs() -> Mapping[str, NetworkSpec]:
    """Every network by slug, in order of year: from the record unless it is stale."""
    if is_current():
        return {plain["slug"]: _spec(plain) for plain in json.loads(archive.read(RECORD, _DECLARED))}
    from explorer.networks import networks

    return networks()


def trace(instance: NetworkInstance) -> ShapeTrace | None:
    """The recorded trace of a network as its paper built it; None of any other, or where the record is stale."""
    spec = specs().get(instance.slug) if is_current() else None
    if spec is None or instance != NetworkInstance.of(spec):
        return None
    plain = json.loads(archive.read(RECORD, f"{spec.slug}.json"))
    layers = tuple(layer_of(values) for values in plain["layers"])
    options = dict(instance.options)
    return ShapeTrace(
        spec.slug, spec.title, instance.input_shape, instance.classes, options, layers, tuple(plain["heads"])
    )


def write() -> None:
    """Record every network of the catalogue under the present key."""
    from explorer.networks import networks
    from explorer.tracing import trace_shapes

    traces = {spec.slug: trace_shapes(NetworkInstance.of(spec)) for spec in networks().values()}
    files = {f"{slug}.json": _bytes({"layers": each.layers, "heads": each.heads}) for slug, each in traces.items()}
    archive.write(RECORD, fingerprint(*TRACED), {_DECLARED: _bytes([_plain(s) for s in networks().values()]), **files})
    for kept in (is_current, specs):
        kept.cache_clear()


def _bytes(plain: object) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(spec: NetworkSpec) -> dict[str, Any]:
    return {name: value for name, value in asdict(spec).items() if name != "build"}


def _spec(plain: Mapping[str, Any]) -> NetworkSpec:
    made_of = {"stages": Stage, "controls": Control, "published": Published}
    parts = {name: tuple(kind(**tuples(each)) for each in plain[name]) for name, kind in made_of.items()}
    return NetworkSpec(**{**tuples(plain), **parts, "paper": Paper(**plain["paper"]), "build": _Built(plain["slug"])})


def layer_of(values: list[Any]) -> LayerRecord:
    """A record of an operation from JSON."""
    layer = LayerRecord(*map(_tuple, values))
    return layer._replace(rf=ReceptiveField(*layer.rf))


def tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record from JSON, which has lists where records have tuples."""
    return {name: _tuple(value) for name, value in plain.items()}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
