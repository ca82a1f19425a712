"""Every computed number of the facts, reproduced by a trace of the catalogue's networks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from explorer.networks import network
from explorer.records import NetworkInstance, Pair, Shape, ShapeTrace
from explorer.tracing import trace_module, trace_shapes
from tests import random_weights
from tests.networks import facts_map_a, facts_map_b

FACTS: dict[str, Any] = json.loads(Path(__file__).with_name("facts.json").read_text(encoding="utf-8"))
BUILDS = {**facts_map_a.FACTS, **facts_map_b.FACTS}
UNREACHED = {**facts_map_a.UNREACHED, **facts_map_b.UNREACHED}


@dataclass(frozen=True)
class Expected:
    """One entry of the facts; None and empty where they are silent."""

    input_shape: Shape
    parameters: int
    buffers: int | None
    macs: int | None
    longest_path: int | None = None
    weight_layers: Pair | None = None
    rf: tuple[int, int, int] | None = None
    rf_size: int | None = None
    shapes: tuple[tuple[str, Shape], ...] = ()
    layers: tuple[dict[str, Any], ...] = ()


def expected(key: str) -> Expected:
    """Reads "network" or "network/variant"."""
    name, _, variant = key.partition("/")
    entry = FACTS["networks"][name]
    if variant:
        numbers = entry["variants"][variant]
        return Expected(
            input_shape=tuple(numbers.get("input", entry["input"])),
            parameters=numbers["trainable"],
            buffers=numbers.get("bn_running_stats"),
            macs=numbers.get("macs"),
            rf_size=numbers.get("rf"),
        )
    rf, counts = entry["receptive_field_final_map"], entry["weight_layers"]
    return Expected(
        input_shape=tuple(entry["input"]),
        parameters=entry["params"]["trainable"],
        buffers=entry["params"]["bn_running_stats"],
        macs=entry["macs"],
        longest_path=counts["longest_path"],
        weight_layers=(counts["total_conv"], counts["total_linear"]),
        rf=(rf["size"], rf["stride"], rf["padding"]) if rf else None,
        shapes=tuple((place, tuple(shape)) for place, shape in entry["stage_shapes"]),
        layers=tuple(entry.get("layers", ())),
    )


def all_keys() -> Iterator[str]:
    for name, entry in FACTS["networks"].items():
        yield name
        yield from (f"{name}/{variant}" for variant in entry.get("variants", {}))


@cache
def trace_of(key: str) -> ShapeTrace:
    """The network an entry describes, traced; some are reached by keywords of `build` that are no controls."""
    slug, options, size = BUILDS[key]
    spec = network(slug)
    controls = {control.name for control in spec.controls}
    if not options and size in {None, spec.input_shape[1:]}:
        return random_weights.trace_of(slug)
    if set(options) <= controls:
        return trace_shapes(NetworkInstance.of(spec, size=size, options=options))
    chosen = spec.options({name: value for name, value in options.items() if name in controls})
    with torch.device("meta"):
        built = spec.build(**{"classes": spec.classes, **chosen, **options})
    return trace_module(built, expected(key).input_shape, spec.stages)


def test_no_entry_of_the_facts_is_skipped_in_silence() -> None:
    keys = list(all_keys())
    assert len(keys) > 100
    assert len(BUILDS) == len(facts_map_a.FACTS) + len(facts_map_b.FACTS)
    assert not set(BUILDS) & set(UNREACHED)
    assert set(keys) == set(BUILDS) | set(UNREACHED)


@pytest.mark.parametrize("key", BUILDS)
def test_the_trace_reproduces_the_facts(key: str) -> None:
    trace, facts = trace_of(key), expected(key)
    found: dict[str, object] = {"input": trace.input_shape, "parameters": trace.parameters}
    wanted: dict[str, object] = {"input": facts.input_shape, "parameters": facts.parameters}

    def compare(what: str, have: object, want: object) -> None:
        if want is not None:
            found[what], wanted[what] = have, want

    kinds = Counter(layer.kind for layer in trace.layers)
    rf = trace.last_map.rf
    compare("BN running statistics", trace.buffers, facts.buffers)
    compare("MACs", trace.macs, facts.macs)
    compare("longest path", trace.depth, facts.longest_path)
    compare("convolutions, linear layers", (kinds["conv"] + kinds["depthwise"], kinds["linear"]), facts.weight_layers)
    compare("receptive field", _square(rf.size), facts.rf_size)
    compare("receptive field, stride, padding", (*map(_square, (rf.size, rf.jump)), -_square(rf.start)), facts.rf)
    assert found == wanted


def _square(pair: Pair) -> int:
    assert pair[0] == pair[1]
    return pair[0]


@pytest.mark.parametrize("key", [key for key in BUILDS if "/" not in key])
def test_the_shapes_come_in_the_order_of_the_facts(key: str) -> None:
    facts = expected(key)
    assert facts.shapes
    outputs = iter([facts.input_shape, *(layer.out_shape for layer in trace_of(key).layers)])
    missed = [place for place, shape in facts.shapes if shape not in outputs]  # `in` eats up to the first equal one
    assert missed == []


@pytest.mark.parametrize("key", [key for key in BUILDS if any("macs" in layer for layer in expected(key).layers)])
def test_layer_by_layer(key: str) -> None:
    weighted = [layer for layer in trace_of(key).layers if layer.macs]
    found = Counter((layer.out_shape, layer.parameters, layer.macs) for layer in weighted)
    wanted = Counter((tuple(row["out"]), row["params"], row["macs"]) for row in expected(key).layers)
    assert found == wanted


def test_the_stages_of_lenet_as_published() -> None:
    trace, rows = trace_of("lenet5_original"), expected("lenet5_original").layers
    stages = list(dict.fromkeys(layer.stage for layer in trace.layers))
    assert len(stages) == len(rows) == 7
    for stage, row in zip(stages, rows, strict=True):
        layers = [layer for layer in trace.layers if layer.stage == stage]
        assert sum(layer.parameters for layer in layers) == row["params"], stage
        assert tuple(row["out"]) in [layer.out_shape for layer in layers], stage


@pytest.mark.parametrize("key", FACTS["receptive_fields"]["chains"])
def test_receptive_fields_along_a_chain(key: str) -> None:
    windows = iter([(r.kernel, r.stride, r.rf.size, r.rf.jump) for r in trace_of(key).layers if r.kernel])
    for row in FACTS["receptive_fields"]["chains"][key]:
        k, s, size, jump = ((row[name],) * 2 for name in ("k", "stride", "rf", "jump"))
        assert (k, s, size, jump) in windows, row["layer"]


@pytest.mark.parametrize("key", FACTS["receptive_fields"]["concats"])
def test_receptive_fields_behind_every_concat(key: str) -> None:
    concats = [layer.rf for layer in trace_of(key).layers if layer.kind == "concat"]
    assert [[_square(rf.size), _square(rf.jump)] for rf in concats] == FACTS["receptive_fields"]["concats"][key]
