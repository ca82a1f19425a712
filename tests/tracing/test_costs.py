"""One truth for cost: trace, formulas, torchinfo and torch's own counter agree on every layer of every network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import pytest
import torch
import torchinfo
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from explorer.arithmetic import macs_of, parameters_of, size_of
from explorer.networks import network, networks
from explorer.records import WEIGHTED, LayerRecord, NetworkInstance, ShapeTrace
from explorer.tracing import build_on_meta, trace_shapes
from tests.random_weights import on_meta

Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("slug", networks())


@every_network
def test_the_formulas_explain_every_layer(slug: str, traced: Traced) -> None:
    for layer in traced(slug).layers:
        parameters, macs = parameters_of(layer), macs_of(layer)
        assert layer.parameters == (parameters.value if parameters else 0), layer.name
        assert layer.macs == (macs.value if macs else 0), layer.name
        assert (macs is not None) == (layer.kind in WEIGHTED), layer.name


@every_network
def test_the_formulas_explain_every_size(slug: str, traced: Traced) -> None:
    for layer in traced(slug).layers:
        if layer.kernel is None or layer.function.startswith("adaptive"):
            continue
        sizes = [size_of(layer, axis) for axis in (0, 1)]
        assert tuple(size.value for size in sizes if size) == layer.out_shape[1:], layer.name


@every_network
def test_totals_are_those_of_the_network(slug: str, traced: Traced) -> None:
    trace, weights = traced(slug), on_meta(slug)
    assert trace.parameters == sum(p.numel() for p in weights.parameters())
    normalisations = [m for m in weights.modules() if isinstance(m, nn.BatchNorm2d)]
    statistics = sum(m.running_mean.numel() + m.running_var.numel() for m in normalisations)  # type: ignore[union-attr]
    assert sum(layer.buffers for layer in trace.layers if layer.function == "batch_norm") == statistics
    assert trace.macs == sum(layer.macs for layer in trace.layers)
    assert trace.activation_bytes == sum(4 * prod(layer.out_shape) for layer in trace.layers)


@pytest.mark.parametrize("slug", ["googlenet", "googlenet-torchvision", "inception-v3"])
def test_with_auxiliary_heads_the_trace_counts_them(slug: str, traced: Traced) -> None:
    without, trace = traced(slug), trace_shapes(NetworkInstance.of(network(slug), options={"aux": True}))
    weights = build_on_meta(NetworkInstance.of(network(slug), options={"aux": True}))
    assert trace.parameters == sum(p.numel() for p in weights.parameters()) > without.parameters
    assert trace.depth == without.depth
    heads = [trace.layers[head] for head in trace.heads]
    assert len(heads) == (2 if slug == "inception-v3" else 3)
    assert all(head.kind == "linear" and head.out_shape == (1000,) for head in heads)
    assert heads[0].stage == "head"
    assert all(head.stage.startswith("auxiliary head") for head in heads[1:])


# --- two other counters -----------------------------------------------------------------------------------------------


def by_module(layers: Iterable[LayerRecord]) -> dict[str, list[LayerRecord]]:
    found: dict[str, list[LayerRecord]] = defaultdict(list)
    for layer in layers:
        found[layer.module].append(layer)
    return found


def torchinfos_mult_adds(layer: LayerRecord) -> int:
    """Its convention: a bias works once at each output position, affine parameters of a normalisation once."""
    if layer.kind in WEIGHTED:
        return layer.macs + (prod(layer.out_shape) if layer.bias else 0)
    return layer.parameters


class WithoutNormalisation(TorchFunctionMode):
    """Batch normalisation returns its input: on the meta device it takes most of the time, and no counter counts it."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return args[0] if func is F.batch_norm else func(*args, **(kwargs or {}))


@every_network
def test_torchinfo_agrees_layer_by_layer(slug: str, traced: Traced) -> None:
    image = torch.empty(1, *network(slug).input_shape, device="meta")
    with WithoutNormalisation():
        summary = torchinfo.summary(on_meta(slug), input_data=image, device="meta", mode="eval", verbose=0, depth=99)
    paths = {id(module): path for path, module in on_meta(slug).named_modules()}
    records = by_module(traced(slug).layers)
    compared = set()
    for row in summary.summary_list:
        path = paths[row.layer_id]
        if not row.is_leaf_layer or row.is_recursive or path not in records:
            continue
        compared.add(path)
        layers = records[path]
        assert row.num_params == sum(layer.parameters for layer in layers), path
        assert row.macs == sum(map(torchinfos_mult_adds, layers)), path
        if len(layers) == 1:
            assert tuple(row.output_size[1:]) == layers[0].out_shape, path
    assert {path for path, layers in records.items() if any(layer.parameters for layer in layers)} <= compared
    trace = traced(slug)
    assert summary.total_params == trace.parameters
    assert summary.total_mult_adds == sum(map(torchinfos_mult_adds, trace.layers))


@every_network
def test_torchs_counter_agrees_module_by_module(slug: str, traced: Traced) -> None:
    spec, module = network(slug), on_meta(slug)
    with WithoutNormalisation(), FlopCounterMode(display=False) as counter, torch.no_grad():
        logits = module(torch.empty(1, *spec.input_shape, device="meta"))
    assert logits.shape == (1, spec.classes)
    flops = {name: sum(operations.values()) for name, operations in counter.flop_counts.items()}
    macs: dict[str, int] = defaultdict(int)
    for layer in traced(slug).layers:
        names = layer.module.split(".") if layer.module else []
        for depth in range(len(names) + 1):  # a module's work is also that of all it is part of
            macs[".".join(names[:depth])] += layer.macs
    called = [path for path, part in module.named_modules() if type(part) not in (nn.ModuleList, nn.ModuleDict)]
    expected = {".".join([type(module).__name__, path]).rstrip("."): 2 * macs[path] for path in called if macs[path]}
    assert flops.pop("Global") == 2 * traced(slug).macs
    assert {name: count for name, count in flops.items() if count} == expected
