"""A prepared network computes the same; the original is not changed; no hook stays, also after an error."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explorer.attributions import Prepared, attribute, methods, prepared, preparing as room
from explorer.errors import AttributionFailed
from explorer.networks import networks
from tests.attributions.conftest import subject
from tests.attributions.test_methods import QUICK, Twice

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def hooks(network: nn.Module) -> int:
    return sum(len(getattr(module, kind)) for module in network.modules() for kind in HOOKS)


def test_a_prepared_network_computes_the_same(each: str) -> None:
    network, ready, x = subject(each)
    with torch.inference_mode():
        expected, found = network(x), ready.module(x)
    assert torch.isfinite(expected).all()
    assert torch.equal(found, expected)
    weights = {tensor.data_ptr() for tensor in network.parameters()}
    assert {tensor.data_ptr() for tensor in ready.module.parameters()} <= weights, "weights are shared"
    own = {id(module) for module in network.modules()}
    assert not own & {id(module) for module in ready.module.modules()}, "modules are not"


def test_every_call_has_a_module_of_its_own_and_nothing_is_in_place(each: str) -> None:
    _, ready, _ = subject(each)
    modules = dict(ready.module.named_modules())
    called = [node.target for node in ready.module.graph.nodes if node.op == "call_module"]
    hooked = [target for target in called if isinstance(modules[target], room._HOOKED)]
    assert len(hooked) == len(set(hooked))
    assert not [name for name in called if getattr(modules[name], "inplace", False)]
    functions = {node.target for node in ready.module.graph.nodes if node.op in {"call_function", "call_method"}}
    assert not functions & (room._RELUS | room._ADDS)
    assert ready.cam
    assert set(ready.stage_outputs) <= {stage.name for stage in networks()[each].stages}


def test_a_relu_in_every_manner_becomes_a_module() -> None:
    network = Twice().eval()
    ready = prepared(network)
    assert ready.relus == 4
    assert network.relu.inplace, "the network itself stays as it is"
    x = torch.randn(2, 3, 12, 12)
    with torch.inference_mode():
        assert torch.equal(ready.module(x), network(x))


def test_a_network_that_chooses_its_way_cannot_be_traced() -> None:
    class Choosing(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.sum() > 0 else -x

    with pytest.raises(AttributionFailed, match="traced"):
        prepared(Choosing())


# --- hooks ------------------------------------------------------------------------------------------------------------


class Stopped(Exception):
    """Raised in the middle of a pass, as when a visitor presses Stop."""


class Alarm(nn.Module):
    """An identity that raises at a given call."""

    calls, limit = 0, 10**9

    def forward(self, x: Tensor) -> Tensor:
        if torch.fx._symbolic_trace.is_fx_tracing():
            return x
        Alarm.calls += 1
        if Alarm.calls > Alarm.limit:
            raise Stopped
        return x


def armed(name: str) -> tuple[nn.Module, Prepared, Tensor]:
    """A network whose last call in the prepared graph is an alarm."""
    spec = networks()[name]
    network, _, x = subject(name)
    ready = prepared(network, spec.stages, spec.cam_layer)
    graph = ready.module.graph
    ready.module.add_module("alarm", Alarm())
    end = next(node for node in graph.nodes if node.op == "output")
    with graph.inserting_before(end):
        end.args = (graph.call_module("alarm", (end.args[0],)),)
    ready.module.recompile()
    return network, ready, x


@pytest.mark.parametrize("slug", methods())
@pytest.mark.parametrize("name", ["cifar-resnet20", "googlenet"])
def test_no_hook_survives_success_failure_or_stop(name: str, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network, ready, x = armed(name)
    monkeypatch.setattr(Alarm, "calls", 0)
    attribute(ready, x, slug, 0, QUICK.get(slug))
    assert hooks(ready.module) == hooks(network) == 0
    runs = Alarm.calls
    for limit in range(runs):
        monkeypatch.setattr(Alarm, "calls", 0)
        monkeypatch.setattr(Alarm, "limit", limit)
        with pytest.raises(Stopped):
            attribute(ready, x, slug, 0, QUICK.get(slug))
        assert hooks(ready.module) == hooks(network) == 0, f"stopped in run {limit + 1} of {runs}"
    monkeypatch.setattr(Alarm, "limit", 10**9)
    with pytest.raises((IndexError, AssertionError)):  # no such class: fails behind the forward pass
        attribute(ready, x, slug, 10**6, QUICK.get(slug))
    assert hooks(ready.module) == hooks(network) == 0


# --- threads ----------------------------------------------------------------------------------------------------------


def test_a_trace_leaves_other_threads_alone() -> None:
    """torch.fx patches nn.Module.__call__ for the whole process while it traces."""
    network, _, x = subject("cifar-resnet20")
    original = nn.Module.__call__
    with torch.inference_mode():
        expected = network(x)
    over, wrong = Event(), list[Any]()

    def run() -> None:
        while not over.is_set():
            try:
                with torch.inference_mode():
                    if not torch.equal(network(x), expected):
                        wrong.append("another answer")
            except Exception as problem:  # whatever it is, the test must see it
                wrong.append(problem)

    def trace() -> None:
        for _ in range(8):
            prepared(network)

    runner, tracers = Thread(target=run), [Thread(target=trace) for _ in range(2)]
    for thread in (runner, *tracers):
        thread.start()
    for thread in tracers:
        thread.join()
    over.set()
    runner.join()
    assert not wrong
    assert nn.Module.__call__ is original


def test_two_visitors_do_not_see_each_others_maps() -> None:
    network, _, x = subject("cifar-resnet20")
    spec = networks()["cifar-resnet20"]
    images = [x, -x]
    rounds = [("guided-backprop", 0), ("deeplift", 1), ("grad-cam", 2)] * 12

    def maps(image: Tensor) -> list[Any]:
        ready = [prepared(network, spec.stages, spec.cam_layer) for _ in range(3)]
        return [attribute(ready[i % 3], image, slug, t).values for i, (slug, t) in enumerate(rounds)]

    expected = [maps(image) for image in images]
    found: dict[int, list[Any]] = {}
    visitors = [Thread(target=lambda i=i: found.update({i: maps(images[i])})) for i in (0, 1)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    for i in (0, 1):
        assert all((each == other).all() for each, other in zip(found[i], expected[i], strict=True))
