"""Make a hook-safe copy of a network: a separate module per ReLU call, nothing in place, an identity after every stage.

Captum puts hooks on modules. A ReLU that is called twice, or as a function, or in place, breaks that; so a network is
traced (torch.fx) and its graph rewritten: once, here, for all networks and all methods.
"""

from __future__ import annotations

import copy
import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from threading import Lock, get_ident
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from explorer.attributions.rescaling import MaxPool, Product
from explorer.errors import AttributionFailed
from explorer.records import Pair, Stage

_RELUS = {F.relu, F.relu_, torch.relu, torch.relu_, "relu", "relu_"}
_ADDS = {operator.iadd, "add_"}
_MAX_POOLS = {F.max_pool2d, torch.max_pool2d}
_OF_MAX_POOL = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
_PRODUCTS = {operator.mul, operator.imul, torch.mul, "mul", "mul_"}
_SQUARES = {torch.square, "square"}
_FUNCTIONS: dict[Any, type[nn.Module]] = {
    **dict.fromkeys((torch.tanh, F.tanh, "tanh"), nn.Tanh),
    **dict.fromkeys((torch.sigmoid, F.sigmoid, "sigmoid"), nn.Sigmoid),
    F.silu: nn.SiLU,
    F.hardswish: nn.Hardswish,
    F.hardsigmoid: nn.Hardsigmoid,
}
"""Functions of each number, and the module that has a rule in DeepLift."""
_HOOKED = (nn.ReLU, nn.MaxPool2d, nn.Tanh, nn.Sigmoid, nn.ELU, nn.LeakyReLU, nn.Softplus)
"""Modules that captum puts hooks on: each call needs a separate one."""

CAM = "cam"
_BYTES = 384 * 2**20
_LARGEST_BATCH = 64


_trace_lock = Lock()  # torch.fx patches nn.Module.__call__ for all threads: one trace at a time


class _Tracer(fx.Tracer):
    """Traces only its own thread; calls of modules in other threads run normally."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = get_ident()

    def call_module(self, m: nn.Module, forward: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a call of this thread; run any other."""
        return (
            super().call_module(m, forward, args, kwargs) if get_ident() == self._thread else forward(*args, **kwargs)
        )

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        """Record an access of this thread; return the value to any other."""
        traced = get_ident() == self._thread
        return super().getattr(attr, attr_val, parameter_proxy_cache) if traced else attr_val


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A hook-safe copy of a network, in evaluation mode; shares its weights, but no modules.

    `stage_outputs`: stage name -> name of an identity module that returns the stage's output, in execution order;
    `cam` is the one after the last map before the head, or empty. `relus` counts the ReLUs.
    """

    module: fx.GraphModule
    stage_outputs: Mapping[str, str]
    cam: str
    relus: int

    @property
    def cam_stage(self) -> str:
        """The stage that ends with the map before the head, or empty."""
        return next((name for name, module in self.stage_outputs.items() if module == self.cam), "")


def prepared(network: nn.Module, stages: Sequence[Stage] = (), cam_layer: str = "") -> Prepared:
    """Make a hook-safe copy of a network, which is not changed. Raises `AttributionFailed`.

    `stages` and `cam_layer` are those of its `NetworkSpec`: dotted paths in its module tree.
    """
    root = copy_sharing_weights(network).eval()
    try:
        with _trace_lock:
            graph = _Tracer().trace(root)
    except (fx.proxy.TraceError, TypeError, RuntimeError) as error:
        raise AttributionFailed(f"{type(network).__name__} cannot be traced: {error}.") from error
    ends = _last_nodes(graph, {**{stage.name: stage.modules for stage in stages}, CAM: (cam_layer,)})
    _separate_modules(root, graph)
    _disable_inplace(root)
    cam_end = ends.pop(CAM, None)
    outputs = {name: _insert_identity(root, graph, f"stage_{i}", node) for i, (name, node) in enumerate(ends.items())}
    cam = next((outputs[name] for name, node in ends.items() if node is cam_end), "")
    if cam_end is not None and not cam:
        cam = _insert_identity(root, graph, CAM, cam_end)
    _separate_inputs(root, graph)
    graph.lint()
    module = fx.GraphModule(root, graph, type(network).__name__)
    return Prepared(module.eval(), outputs, cam, sum(isinstance(child, nn.ReLU) for child in module.modules()))


def copy_sharing_weights(network: nn.Module) -> nn.Module:
    """A copy of the module tree with the same parameter and buffer tensors."""
    shared = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    return copy.deepcopy(network, shared)  # as the memo: its tensors are not copied


def _last_nodes(graph: fx.Graph, stages: Mapping[str, Iterable[str]]) -> dict[str, fx.Node]:
    """Stage name -> the last node inside any of the stage's modules, in execution order."""
    last: dict[str, fx.Node] = {}
    for node in graph.nodes:
        if node.op in {"placeholder", "output", "get_attr"}:
            continue
        inside = {str(path) for path, _ in node.meta.get("nn_module_stack", {}).values()} | {str(node.target)}
        for name, modules in stages.items():
            if any(module in inside for module in modules):
                last.pop(name, None)  # so that it moves to the end
                last[name] = node
    return last


def _separate_modules(root: nn.Module, graph: fx.Graph) -> None:
    """Replace functions that need a rule by modules, in-place ones by others; copy a module for every further call."""
    calls: Counter[str] = Counter()
    modules = dict(root.named_modules())
    for node in graph.nodes:
        if node.op == "call_module" and isinstance(modules[node.target], nn.ReLU6):
            _split_relu6(root, graph, node)
        elif node.op == "call_module" and type(modules[node.target]) is nn.MaxPool2d:
            node.target = _add_module(root, node.name, MaxPool.like(modules[node.target]))
        elif node.op == "call_module":
            calls[node.target] += 1
            if calls[node.target] > 1 and isinstance(modules[node.target], _HOOKED):
                node.target = _add_module(root, node.name, copy.deepcopy(modules[node.target]))
        elif node.op in {"call_function", "call_method"}:
            _replace_function(root, node)


def _replace_function(root: nn.Module, node: fx.Node) -> None:
    """A module in place of a function that DeepLift or a ReLU's rule needs as one; no function in place."""
    if node.target in _RELUS:
        _replace_by_module(root, node, nn.ReLU())
    elif node.target in _FUNCTIONS:
        _replace_by_module(root, node, _FUNCTIONS[node.target]())
    elif node.target in _MAX_POOLS:
        given: dict[str, Any] = {**dict(zip(_OF_MAX_POOL, node.args, strict=False)), **node.kwargs}
        _replace_by_module(root, node, MaxPool(**{k: v for k, v in given.items() if k in _OF_MAX_POOL[1:] and v != []}))
    elif node.target in _PRODUCTS and len(node.args) == 2 and all(isinstance(factor, fx.Node) for factor in node.args):
        node.op, node.target = "call_module", _add_module(root, node.name, Product())
    elif node.target in _SQUARES:
        node.op, node.target = "call_module", _add_module(root, node.name, Product())
        node.args = (node.args[0], node.args[0])
    elif node.target in _ADDS:
        node.op, node.target = "call_function", operator.add
    elif node.op == "call_function" and node.kwargs.get("inplace"):
        node.kwargs = {**node.kwargs, "inplace": False}


def _split_relu6(root: nn.Module, graph: fx.Graph, node: fx.Node) -> None:
    """min(max(x, 0), 6) as a ReLU and a limit: the methods that change a ReLU's backward pass know no ReLU6."""
    with graph.inserting_before(node):
        relu = graph.call_module(_add_module(root, node.name, nn.ReLU()), (node.args[0],))
    node.target, node.args, node.kwargs = _add_module(root, node.name, nn.Hardtanh(0.0, 6.0)), (relu,), {}


def _replace_by_module(root: nn.Module, node: fx.Node, module: nn.Module) -> None:
    node.op, node.target = "call_module", _add_module(root, node.name, module)
    node.args, node.kwargs = (node.args[0] if node.args else node.kwargs["input"],), {}


def _add_module(root: nn.Module, name: str, module: nn.Module) -> str:
    """Add a module to the root under an unused name; returns the name."""
    free = f"own_{name}"
    while hasattr(root, free):
        free += "_"
    root.add_module(free, module)
    return free


def _disable_inplace(root: nn.Module) -> None:
    for module in root.modules():
        if getattr(module, "inplace", False):
            setattr(module, "inplace", False)  # noqa: B010  # a module's attributes are typed as tensors and modules


def _insert_identity(root: nn.Module, graph: fx.Graph, name: str, node: fx.Node) -> str:
    """Insert an identity between a node and all its users; returns the identity's name."""
    target = _add_module(root, name, nn.Identity())
    with graph.inserting_after(node):
        identity = graph.call_module(target, (node,))
    node.replace_all_uses_with(identity, delete_user_cb=lambda user: user is not identity)
    return target


def _separate_inputs(root: nn.Module, graph: fx.Graph) -> None:
    """Give every module of `_HOOKED` an input tensor that nothing else uses.

    Captum changes the gradient at a module's input tensor. Where other branches start there too (a pooling branch of
    Inception), the gradients of all branches would be overwritten.
    """
    modules = dict(root.named_modules())
    for node in graph.nodes:
        if node.op == "call_module" and isinstance(modules[node.target], _HOOKED):
            with graph.inserting_before(node):
                view = graph.call_method("view_as", (node.args[0], node.args[0]))
            node.args = (view,)


class _ShapeInterpreter(fx.Interpreter):
    """Runs a graph and records the shapes of its tensors, and their elements in total."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.elements, self.shapes = 0, dict[str, tuple[int, ...]]()

    def run_node(self, n: fx.Node) -> Any:
        output = super().run_node(n)
        if isinstance(output, Tensor):
            self.elements += output.numel()
            self.shapes[str(n.target)] = tuple(output.shape)
        return output


def grids(network: Prepared, x: Tensor) -> dict[str, Pair]:
    """Stage name -> (rows, columns) of its output map, where it has more than one cell; `x` is (1, C, H, W)."""
    shapes = _infer_shapes(network, x).shapes
    outputs = {name: shapes[module] for name, module in network.stage_outputs.items()}
    return {name: (shape[2], shape[3]) for name, shape in outputs.items() if len(shape) == 4 and prod(shape[2:]) > 1}


def batch(network: Prepared, x: Tensor) -> int:
    """Batch size for images like `x` (1, C, H, W) that bounds the activations kept for the backward pass."""
    return max(1, min(_LARGEST_BATCH, _BYTES // (4 * _infer_shapes(network, x).elements)))


def _infer_shapes(network: Prepared, x: Tensor) -> _ShapeInterpreter:
    interpreter = _ShapeInterpreter(network.module)
    with torch.no_grad():
        interpreter.run(x)
    return interpreter
