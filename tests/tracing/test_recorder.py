"""The recorder records what really runs, restores the network, and does not affect other threads."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from threading import Barrier

import pytest
import torch
from torch import Tensor, nn

from explorer.errors import BadOption, ExplorerError
from explorer.networks import network, networks
from explorer.records import LayerRecord, NetworkInstance, Shape, ShapeTrace, Stage
from explorer.tracing import OperationFailed, build_on_meta, trace_module, trace_shapes

Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("slug", networks())


# --- what really runs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "side"),
    [
        ("lenet5", 28),
        ("lenet5-1998", 32),
        ("nin-cifar10", 32),
        ("cifar-resnet20", 32),
        ("densenet-bc-100-12", 17),
        ("squeezenet1-0", 21),
        ("squeezenet1-1", 17),
        ("mobilenet-v1", 32),
        ("mobilenet-v3-small", 33),
        ("googlenet-torchvision", 65),
        ("bn-inception", 64),
        ("resnet18", 70),
    ],
)
def test_the_shapes_are_those_of_a_real_run(slug: str, side: int) -> None:
    spec = network(slug)
    module = spec.build(classes=spec.classes, **spec.options()).eval()
    ran: list[tuple[str, Shape, Shape]] = []

    def note(path: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        return lambda _, inputs, out: ran.append((path, tuple(inputs[0].shape[1:]), tuple(out.shape[1:])))

    leaves = [(path, part) for path, part in module.named_modules() if not list(part.children())]
    for path, part in leaves:
        part.register_forward_hook(note(path))
    with torch.no_grad():
        module(torch.zeros(1, spec.input_shape[0], side, side))
    trace = trace_shapes(NetworkInstance.of(spec, size=(side, side)))
    assert list(calls(trace.layers, {path for path, _ in leaves})) == ran


def calls(layers: tuple[LayerRecord, ...], leaves: set[str]) -> Iterator[tuple[str, Shape, Shape]]:
    """(module, shape in, shape out) of every call of a module without parts."""
    for module, run in groupby(layers, lambda layer: layer.module):
        records = list(run)
        if module in leaves:
            yield module, records[0].in_shape, records[-1].out_shape


@every_network
def test_the_graph_is_whole(slug: str, traced: Traced) -> None:
    trace = traced(slug)
    for position, layer in enumerate(trace.layers):
        assert layer.index == position
        assert layer.inputs
        assert len(layer.inputs) == len(layer.in_shapes)
        assert all(-1 <= source < position for source in layer.inputs)
        for source, shape in zip(layer.inputs, layer.in_shapes, strict=True):
            made = trace.layers[source].out_shape if source >= 0 else trace.input_shape
            assert shape == made, layer.name
    names = [layer.name for layer in trace.layers]
    assert len(set(names)) == len(names)
    read = {source for layer in trace.layers for source in layer.inputs} | set(trace.heads)
    assert read >= set(range(len(trace.layers))), "an output that nobody reads"


# --- edges ------------------------------------------------------------------------------------------------------------


def named(trace: ShapeTrace, name: str) -> LayerRecord:
    return next(layer for layer in trace.layers if layer.name == name)


def sources(trace: ShapeTrace, layer: LayerRecord) -> list[str]:
    return [trace.layers[source].name if source >= 0 else "image" for source in layer.inputs]


def merges(trace: ShapeTrace, block: str, kind: str) -> list[LayerRecord]:
    return [layer for layer in trace.layers if f"{layer.module}.".startswith(f"{block}.") and layer.kind == kind]


def test_an_identity_skip_reads_the_input_of_its_block(traced: Traced) -> None:
    trace = traced("resnet18")
    (add,) = merges(trace, "layer1.0", "add")
    assert sources(trace, add) == ["layer1.0.bn2", "maxpool"]
    (add,) = merges(trace, "layer1.1", "add")
    assert sources(trace, add) == ["layer1.1.bn2", "layer1.0.relu:2"]


def test_a_projection_skip_reads_its_own_convolution(traced: Traced) -> None:
    trace = traced("resnet18")
    (add,) = merges(trace, "layer2.0", "add")
    assert sources(trace, add) == ["layer2.0.bn2", "layer2.0.downsample.1"]
    assert sources(trace, named(trace, "layer2.0.downsample.0")) == ["layer1.1.relu:2"]


def test_a_plain_network_has_no_skip(traced: Traced) -> None:
    assert all(len(layer.inputs) == 1 for layer in traced("plain18").layers)


def test_an_inception_module_joins_four_branches(traced: Traced) -> None:
    trace = traced("googlenet")
    (concat,) = merges(trace, "inception3a", "concat")
    assert [shape[0] for shape in concat.in_shapes] == [64, 128, 32, 32]
    assert concat.out_shape == (256, 28, 28)
    branches = [source.split(".")[1] for source in sources(trace, concat)]
    assert branches == ["branch1x1", "branch3x3", "branch5x5", "branch_pool"]


def test_a_dense_layer_reads_all_before_it(traced: Traced) -> None:
    trace = traced("densenet121")
    (concat,) = merges(trace, "features.denseblock1.denselayer3", "concat")
    convs = [f"features.denseblock1.denselayer{i}.conv2" for i in (1, 2)]
    assert sources(trace, concat) == ["features.pool0", *convs]
    assert concat.out_shape == (64 + 2 * 32, 56, 56)


def test_a_gate_comes_second(traced: Traced) -> None:
    for slug in ("mobilenet-v3-small", "efficientnet-b0"):
        gates = [layer for layer in traced(slug).layers if layer.kind == "multiply"]
        assert len(gates) > 5
        for gate in gates:
            volume, weights = gate.in_shapes
            assert weights == (volume[0], 1, 1)
            assert gate.out_shape == volume


def test_a_shared_tensor_is_counted_once() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(self.conv(x)).flatten(1)  # type: ignore[no-any-return]

    trace = trace_module(Twice().to("meta"), (3, 8, 8), (Stage("all", ("conv",)),))
    assert [layer.parameters for layer in trace.layers] == [84, 0, 0]
    assert [layer.macs for layer in trace.layers] == [81 * 64, 81 * 64, 0]
    assert [layer.name for layer in trace.layers] == ["conv", "conv:2", "flatten"]


# --- the network is left as it was ------------------------------------------------------------------------------------


def hooks_of(module: nn.Module) -> int:
    """Hooks, and wrapped forward passes, of a network and its parts."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    wrapped = sum("forward" in part.__dict__ for part in module.modules())
    return wrapped + sum(len(getattr(part, kind)) for part in module.modules() for kind in kinds)


@pytest.mark.parametrize(("side", "fails"), [(64, False), (3, True)])
def test_no_hook_stays_and_every_mode_is_as_before(side: int, fails: bool) -> None:
    spec = network("googlenet-torchvision")
    module = build_on_meta(NetworkInstance.of(spec, classes=10, options={"aux": True}))
    for i, part in enumerate(module.modules()):
        part.training = i % 3 == 0
    before = [part.training for part in module.modules()]
    assert hooks_of(module) == 0
    if fails:
        with pytest.raises(OperationFailed):
            trace_module(module, (3, side, side), spec.stages)
    else:
        trace_module(module.get_submodule("conv1"), (3, side, side), (Stage("stem", ("conv", "bn")),))
        trace_module(module, (3, 224, 224), spec.stages)
    assert hooks_of(module) == 0
    assert [part.training for part in module.modules()] == before


def test_hooks_of_others_stay() -> None:
    module = build_on_meta(NetworkInstance.of(network("lenet5"), classes=10))
    seen: list[int] = []
    module.get_submodule("c3").register_forward_hook(lambda *_: seen.append(1))
    trace_module(module, (1, 28, 28), network("lenet5").stages)
    assert len(seen) == hooks_of(module) == 1


def test_a_forward_pass_that_somebody_put_in_place_is_run_and_stays() -> None:
    module = build_on_meta(NetworkInstance.of(network("lenet5"), classes=10))
    plain = trace_module(module, (1, 28, 28), network("lenet5").stages)
    pool, calls = module.get_submodule("s2"), []

    def forward(x: torch.Tensor) -> torch.Tensor:
        calls.append(x.shape)
        return type(pool).forward(pool, x)

    pool.forward = forward  # type: ignore[method-assign]
    assert trace_module(module, (1, 28, 28), network("lenet5").stages) == plain
    assert len(calls) == 1
    assert pool.__dict__["forward"] is forward


def test_weights_with_numbers_keep_them() -> None:
    spec = network("cifar-resnet20")
    module = spec.build(classes=10)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    trace = trace_module(module, spec.input_shape, spec.stages)
    after = module.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert trace.layers == trace_shapes(NetworkInstance.of(spec)).layers


# --- arguments --------------------------------------------------------------------------------------------------------


def test_size_classes_and_options_are_taken_over() -> None:
    trace = trace_shapes(
        NetworkInstance.of(network("lenet5"), size=(32, 32), classes=3, options={"padding": 0, "pooling": "avg"})
    )
    assert (trace.slug, trace.title) == ("lenet5", "LeNet-5")
    assert (trace.input_shape, trace.classes) == ((1, 32, 32), 3)
    assert trace.options == {"activation": "relu", "pooling": "avg", "padding": 0}
    assert trace.layers[0].padding == (0, 0)
    assert [layer.function for layer in trace.layers if layer.kind == "pool"] == ["avg_pool2d"] * 2
    assert trace.layers[-1].out_shape == (3,)


def test_height_comes_before_width() -> None:
    trace = trace_shapes(NetworkInstance.of(network("resnet18"), size=(64, 96)))
    assert trace.input_shape == (3, 64, 96)
    assert trace.layers[0].out_shape == (64, 32, 48)
    assert trace.last_map.out_shape == (512, 2, 3)


@pytest.mark.parametrize("size", [(0, 28), (28, 1025), (-1, -1)])
def test_a_size_out_of_range_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ExplorerError, match=rf"^An input of {size[0]} x {size[1]} is out of range: give 1 to 1024"):
        trace_shapes(NetworkInstance.of(network("resnet18"), size=size))


@pytest.mark.parametrize("classes", [0, -1, 100_001])
def test_a_number_of_classes_out_of_range_is_refused(classes: int) -> None:
    with pytest.raises(ExplorerError, match=rf"^{classes} classes are out of range"):
        trace_shapes(NetworkInstance.of(network("lenet5"), classes=classes))


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(BadOption, match="takes no option 'depth'"):
        trace_shapes(NetworkInstance.of(network("lenet5"), options={"depth": 3}))


# --- traces travel ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["lenet5", "mobilenet-v3-small", "googlenet"])
def test_a_trace_survives_pickling(slug: str) -> None:
    trace = trace_shapes(NetworkInstance.of(network(slug)))
    copy = pickle.loads(pickle.dumps(trace))
    assert copy == trace
    assert copy is not trace
    assert (copy.parameters, copy.macs, copy.depth, dict(copy.options)) == (
        trace.parameters,
        trace.macs,
        trace.depth,
        dict(trace.options),
    )


def test_a_trace_cannot_be_changed(traced: Traced) -> None:
    with pytest.raises(TypeError):
        traced("lenet5").options["padding"] = 0  # type: ignore[index]


def test_networks_traced_side_by_side_do_not_mix(traced: Traced) -> None:
    slugs = ["resnet18", "googlenet", "mobilenet-v3-small", "densenet-bc-100-12"]
    start = Barrier(len(slugs))

    def work(slug: str) -> ShapeTrace:
        start.wait(timeout=60)
        return trace_shapes(NetworkInstance.of(network(slug)))

    with ThreadPoolExecutor(len(slugs)) as pool:
        for _ in range(3):
            assert list(pool.map(work, slugs)) == [traced(slug) for slug in slugs]


class Meeting(nn.Module):
    """Waits in the middle of a pass until the others are there, so that all recorders are at work at once."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__()
        self.barrier = barrier

    def forward(self, x: Tensor) -> Tensor:
        self.barrier.wait(timeout=60)
        return x


def test_recorders_that_are_active_at_the_same_moment_see_only_their_own_calls() -> None:
    barrier = Barrier(4)
    chains = []
    for width in range(1, 5):
        steps = [part for i in range(6) for part in (nn.Conv2d(3 if i == 0 else width, width, 1), Meeting(barrier))]
        chains.append(nn.Sequential(*steps, nn.Flatten()).to("meta"))

    def work(chain: nn.Module) -> ShapeTrace:
        return trace_module(chain, (3, 4, 4), (Stage("all", tuple(str(i) for i in range(13))),))

    with ThreadPoolExecutor(4) as pool:
        traces = list(pool.map(work, chains))
    for width, trace in enumerate(traces, start=1):
        assert [layer.kind for layer in trace.layers] == ["conv"] * 6 + ["reshape"]
        assert {layer.out_shape for layer in trace.layers[:-1]} == {(width, 4, 4)}
        assert trace.layers[-1].inputs == (5,)
