"""Parameters and multiply-adds of single layers, compared with torch and with numbers computed by hand."""

from __future__ import annotations

from math import prod

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.arithmetic import macs_of, parameters_of
from explorer.records import LayerRecord, Stage
from explorer.tracing import trace_module

STAGES = (Stage("all", ("0",)),)


def traced(layer: nn.Module, *shape: int) -> LayerRecord:
    """The record of a network that consists of this layer only."""
    (record,) = trace_module(nn.Sequential(layer).to("meta"), shape, STAGES).layers
    return record


def worked_out(text: str) -> int:
    value = eval(text.replace("·", "*"), {"__builtins__": {}})
    assert value == int(value)
    return int(value)


def layers() -> list[tuple[nn.Module, tuple[int, ...]]]:
    convolutions = [
        nn.Conv2d(1, 6, 5),
        nn.Conv2d(6, 16, 5, stride=2, bias=False),
        nn.Conv2d(12, 8, (1, 7), padding=(0, 3)),
        nn.Conv2d(12, 8, 3, groups=4),
        nn.Conv2d(12, 24, 3, groups=2, bias=False),
        nn.Conv2d(12, 12, 3, groups=12, padding=1),
        nn.Conv2d(12, 36, (3, 5), groups=12, bias=False, dilation=2),
        nn.Conv2d(1, 1, 1),
    ]
    linear = [nn.Linear(400, 120), nn.Linear(84, 10, bias=False)]
    return [(c, (c.in_channels, 19, 17)) for c in convolutions] + [(f, (f.in_features,)) for f in linear]


@pytest.mark.parametrize(("layer", "shape"), layers(), ids=str)
def test_they_are_what_torch_has_and_does(layer: nn.Module, shape: tuple[int, ...]) -> None:
    record = traced(layer, *shape) if len(shape) == 3 else _linear_record(layer, shape)
    parameters, macs = parameters_of(record), macs_of(record)
    assert parameters is not None
    assert macs is not None
    assert parameters.value == sum(p.numel() for p in layer.parameters())
    with FlopCounterMode(display=False) as counter:
        layer.to("meta")(torch.empty(1, *shape, device="meta"))
    assert macs.value == counter.get_total_flops() // 2
    assert worked_out(parameters.substituted) == parameters.value
    assert worked_out(macs.substituted) == macs.value


def _linear_record(layer: nn.Module, shape: tuple[int, ...]) -> LayerRecord:
    """A linear layer after a flattened volume, as the tracer starts from an image."""
    network = nn.Sequential(nn.Flatten(), layer).to("meta")
    return trace_module(network, (prod(shape), 1, 1), STAGES).layers[1]


def test_lenets_first_convolution_reads_as_on_the_blackboard() -> None:
    record = traced(nn.Conv2d(3, 6, 5), 3, 32, 32)
    parameters, macs = parameters_of(record), macs_of(record)
    assert parameters is not None
    assert macs is not None
    assert parameters.symbols == "f·f·n_C·n_C′ + n_C′"
    assert parameters.substituted == "5·5·3·6 + 6"
    assert str(parameters) == "5·5·3·6 + 6 = 456"
    assert macs.symbols == "n_H′·n_W′·f·f·n_C·n_C′"
    assert str(macs) == "28·28·5·5·3·6 = 352,800"


def test_a_fully_connected_layer() -> None:
    record = _linear_record(nn.Linear(400, 120), (400,))
    assert str(parameters_of(record)) == "400·120 + 120 = 48,120"
    assert str(macs_of(record)) == "400·120 = 48,000"


def test_a_grouped_convolution_reads_a_share_of_the_channels() -> None:
    record = traced(nn.Conv2d(96, 256, 5, padding=2, groups=2), 96, 27, 27)
    assert str(parameters_of(record)) == "5·5·(96/2)·256 + 256 = 307,456"
    assert str(macs_of(record)) == "27·27·5·5·(96/2)·256 = 223,948,800"


def test_a_depthwise_convolution_reads_one_channel() -> None:
    record = traced(nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False), 32, 112, 112)
    assert record.kind == "depthwise"
    assert str(parameters_of(record)) == "3·3·1·32 = 288"
    assert str(macs_of(record)) == "112·112·3·3·1·32 = 3,612,672"


def test_batch_normalisation_has_two_parameters_a_channel_and_no_counted_work() -> None:
    record = traced(nn.BatchNorm2d(64), 64, 7, 7)
    assert str(parameters_of(record)) == "2·64 = 128"
    assert record.buffers == 128  # running mean and variance are no parameters
    assert macs_of(record) is None


@pytest.mark.parametrize(
    "layer", [nn.ReLU(), nn.MaxPool2d(2), nn.LocalResponseNorm(5), nn.BatchNorm2d(3, affine=False)]
)
def test_what_has_no_weights_has_no_formula(layer: nn.Module) -> None:
    record = traced(layer, 3, 8, 8)
    assert parameters_of(record) is None
    assert macs_of(record) is None
