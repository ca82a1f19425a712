"""A network as the methods need it: every ReLU a module of its own, nothing in place, a place behind every stage.

Captum puts hooks on modules. A ReLU that is called twice, or as a function, or that overwrites its input, breaks that;
so a network is traced (torch.fx) and its graph mended: once, here, for all networks and all methods.
"""

from __future__ import annotations

import copy
import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock, get_ident
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from explorer.errors import AttributionFailed
from explorer.records import Pair, Stage

_RELUS = {F.relu, F.relu_, torch.relu, torch.relu_, "relu", "relu_"}
_ADDS = {operator.iadd, "add_"}
_OWN = (nn.ReLU, nn.ReLU6, nn.MaxPool2d, nn.Tanh, nn.Sigmoid, nn.ELU, nn.LeakyReLU, nn.Softplus)
"""Modules that a method may put hooks on: one for each call."""

CAM = "cam"
_BYTES = 384 * 2**20
_LARGEST_BATCH = 64


_tracing = Lock()  # torch.fx takes the place of nn.Module.__call__ for all threads: one trace at a time


class _Tracer(fx.Tracer):
    """Traces what its own thread does; what others do with modules meanwhile goes on as if nothing had happened."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = get_ident()

    def call_module(self, m: nn.Module, forward: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a call of ours; let any other pass."""
        return (
            super().call_module(m, forward, args, kwargs) if get_ident() == self._thread else forward(*args, **kwargs)
        )

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        """Record an access of ours; let any other pass."""
        ours = get_ident() == self._thread
        return super().getattr(attr, attr_val, parameter_proxy_cache) if ours else attr_val


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A network in evaluation mode that shares its weights with the one it was made of, and no module with it.

    `places` are names of modules that return what a stage returns, by the stage's name, in the order they run; `cam`
    is the place behind the last map in front of the head, or empty. `relus` counts the ReLUs.
    """

    module: fx.GraphModule
    places: Mapping[str, str]
    cam: str
    relus: int

    @property
    def cam_stage(self) -> str:
        """The stage that ends with the map in front of the head, or empty."""
        return next((name for name, place in self.places.items() if place == self.cam), "")


def prepared(network: nn.Module, stages: Sequence[Stage] = (), cam_layer: str = "") -> Prepared:
    """Trace a network and mend its graph; the network itself stays as it is. Raises `AttributionFailed`.

    `stages` and `cam_layer` are those of its `NetworkSpec`: dotted paths in its module tree.
    """
    copied = copy_sharing_weights(network).eval()
    try:
        with _tracing:
            graph = _Tracer().trace(copied)
    except (fx.proxy.TraceError, TypeError, RuntimeError) as problem:
        raise AttributionFailed(f"{type(network).__name__} cannot be traced: {problem}.") from problem
    ends = _ends(graph, {**{stage.name: stage.modules for stage in stages}, CAM: (cam_layer,)})
    _call_modules(copied, graph)
    _in_place_no_more(copied)
    cam_end = ends.pop(CAM, None)
    places = {name: _place(copied, graph, f"stage_{i}", node) for i, (name, node) in enumerate(ends.items())}
    cam = next((places[name] for name, node in ends.items() if node is cam_end), "")
    if cam_end is not None and not cam:
        cam = _place(copied, graph, CAM, cam_end)
    _stand_alone(copied, graph)
    graph.lint()
    module = fx.GraphModule(copied, graph, type(network).__name__)
    return Prepared(module.eval(), places, cam, sum(isinstance(each, nn.ReLU) for each in module.modules()))


def copy_sharing_weights(network: nn.Module) -> nn.Module:
    """A copy of the module tree around the very same weights."""
    shared = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    return copy.deepcopy(network, shared)  # a memo: what is in it is not copied


def _ends(graph: fx.Graph, stages: Mapping[str, Iterable[str]]) -> dict[str, fx.Node]:
    """The last node inside any of the modules of each name, in the order they run."""
    found: dict[str, fx.Node] = {}
    for node in graph.nodes:
        if node.op in {"placeholder", "output", "get_attr"}:
            continue
        inside = {str(path) for path, _ in node.meta.get("nn_module_stack", {}).values()} | {str(node.target)}
        for name, modules in stages.items():
            if any(module in inside for module in modules):
                found.pop(name, None)  # so that it moves to the end
                found[name] = node
    return found


def _call_modules(root: nn.Module, graph: fx.Graph) -> None:
    """Turn functions with hooks to come into modules, and give every call a module of its own."""
    calls: Counter[str] = Counter()
    modules = dict(root.named_modules())
    for node in graph.nodes:
        if node.op == "call_module":
            calls[node.target] += 1
            if calls[node.target] > 1 and isinstance(modules[node.target], _OWN):
                node.target = _add(root, node.name, copy.deepcopy(modules[node.target]))
        elif node.op in {"call_function", "call_method"} and node.target in _RELUS:
            _becomes_module(root, node, nn.ReLU())
        elif node.op in {"call_function", "call_method"} and node.target in _ADDS:
            node.op, node.target = "call_function", operator.add
        elif node.op == "call_function" and node.kwargs.get("inplace"):
            node.kwargs = {**node.kwargs, "inplace": False}


def _becomes_module(root: nn.Module, node: fx.Node, module: nn.Module) -> None:
    node.op, node.target = "call_module", _add(root, node.name, module)
    node.args, node.kwargs = (node.args[0] if node.args else node.kwargs["input"],), {}


def _add(root: nn.Module, name: str, module: nn.Module) -> str:
    """Put a module of its own under a free name at the root; returns the name."""
    free = f"own_{name}"
    while hasattr(root, free):
        free += "_"
    root.add_module(free, module)
    return free


def _in_place_no_more(root: nn.Module) -> None:
    for module in root.modules():
        if getattr(module, "inplace", False):
            setattr(module, "inplace", False)  # noqa: B010  # a module's attributes are typed as tensors and modules


def _place(root: nn.Module, graph: fx.Graph, name: str, behind: fx.Node) -> str:
    """Put an identity behind a node, in front of everything that uses it; returns the identity's name."""
    place = _add(root, name, nn.Identity())
    with graph.inserting_after(behind):
        node = graph.call_module(place, (behind,))
    behind.replace_all_uses_with(node, delete_user_cb=lambda user: user is not node)
    return place


def _stand_alone(root: nn.Module, graph: fx.Graph) -> None:
    """Give every module of `_OWN` an input that nothing else uses.

    Captum changes the gradient at a module's input tensor. Where a branch starts there as well (a pooling branch of
    Inception), the gradients of all branches would be overwritten.
    """
    modules = dict(root.named_modules())
    for node in graph.nodes:
        if node.op == "call_module" and isinstance(modules[node.target], _OWN):
            with graph.inserting_before(node):
                view = graph.call_method("view_as", (node.args[0], node.args[0]))
            node.args = (view,)


class _Volumes(fx.Interpreter):
    """Runs a graph and notes the sizes of what it makes."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.numbers, self.shapes = 0, dict[str, tuple[int, ...]]()

    def run_node(self, n: fx.Node) -> Any:
        made = super().run_node(n)
        if isinstance(made, Tensor):
            self.numbers += made.numel()
            self.shapes[str(n.target)] = tuple(made.shape)
        return made


def grids(network: Prepared, x: Tensor) -> dict[str, Pair]:
    """(rows, columns) of the map behind every stage that has one of more than one cell; `x` is (1, C, H, W)."""
    shapes = _seen(network, x).shapes
    found = {name: shapes[place] for name, place in network.places.items()}
    return {name: (shape[2], shape[3]) for name, shape in found.items() if len(shape) == 4 and shape[2] * shape[3] > 1}


def batch(network: Prepared, x: Tensor) -> int:
    """How many images like `x` (1, C, H, W) may run at once, so that what is kept for the way back is bounded."""
    return max(1, min(_LARGEST_BATCH, _BYTES // (4 * _seen(network, x).numbers)))


def _seen(network: Prepared, x: Tensor) -> _Volumes:
    run = _Volumes(network.module)
    with torch.no_grad():
        run.run(x)
    return run
