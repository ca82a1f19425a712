"""Record every torch call of one forward pass as a `LayerRecord`.

A `TorchFunctionMode` sees each call as it is written in the source (`F.conv2d`, `x + skip`, `torch.cat`), functional or
in a module alike; each module's `forward`, wrapped during the pass, tells which module it happened in. Tensors are
tracked by identity, which gives the edges of the graph: skips and concats included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.arithmetic import field_of_input, rf_linear, rf_pad, rf_union, rf_window, same_padding
from explorer.records import LayerRecord, OptionValue, Pair, ReceptiveField, Shape, ShapeTrace, Stage
from explorer.tracing.module_index import ModuleIndex
from explorer.tracing.operations import QUERIES, Operation, describe
from explorer.tracing.shape_inference import infer, tensors_in


class OperationFailed(Exception):
    """A torch call that raised: the module that ran it, the operation, its input `x` and its weight."""

    def __init__(self, module: str, operation: Operation, x: Tensor, weight: Tensor | None) -> None:
        super().__init__(module)
        self.module, self.operation, self.x, self.weight = module, operation, x, weight


@dataclass(slots=True)
class _Activation:
    """Bookkeeping of one activation: index of its record, RF, and the (H, W) grid it covers, kept through flatten."""

    source: int
    rf: ReceptiveField
    extent: Pair
    tensor: Tensor  # a reference, so that its id is not reused during the pass


def _shape(tensor: Tensor) -> Shape:
    return tuple(tensor.shape)[1:]


class Recorder(TorchFunctionMode):
    """Appends to `layers` in execution order while active; use it through `recording`."""

    def __init__(self, x: Tensor, module_index: ModuleIndex) -> None:
        super().__init__()
        self.layers: list[LayerRecord] = []
        self._stack: list[str] = [""]
        self.module_index = module_index
        self._values = {id(x): _Activation(-1, field_of_input(), (x.shape[-2], x.shape[-1]), x)}
        self._counted: set[int] = set()
        self._names: dict[str, int] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in QUERIES:
            return func(*args, **kwargs)
        activations: list[Tensor] = []
        weights: list[Tensor] = []
        for tensor in tensors_in((*args, *kwargs.values())):
            (activations if id(tensor) in self._values else weights).append(tensor)
        if not activations:
            return func(*args, **kwargs)
        operation = describe(func, args, kwargs, activations[0])
        try:
            result = infer(func, operation, args, kwargs, weights)
            if result is None:
                result = func(*args, **kwargs)
        except (RuntimeError, ValueError, IndexError) as error:
            raise OperationFailed(
                self._stack[-1], operation, activations[0], weights[0] if weights else None
            ) from error
        returned = (result,) if isinstance(result, Tensor) else tensors_in((result,))
        outputs = [tensor for tensor in returned if tensor.dim() > 1]
        if operation.kind == "multiply":  # a gate comes second: the volume that it scales is the main path
            activations = sorted(activations, key=lambda t: -t.numel())
        if outputs and func is not Tensor.detach:
            rf, extent = _field_after(operation, [self._values[id(t)] for t in activations], args, kwargs, outputs[0])
            self._record(operation, activations, weights, outputs[0], rf)
            for tensor in outputs:
                self._values[id(tensor)] = _Activation(len(self.layers) - 1, rf, extent, tensor)
        return result

    def _record(
        self, operation: Operation, activations: list[Tensor], weights: list[Tensor], out: Tensor, rf: ReceptiveField
    ) -> None:
        if operation.kind in {"add", "multiply"} and len(activations) == 1:
            learned = any(isinstance(t, nn.Parameter) for t in weights)
            operation = Operation("norm" if learned else "other", operation.function)
        index, module = len(self.layers), self._stack[-1]
        parameters, buffers = self._weights(operation, weights)
        location = self.module_index.at(module)
        stage, block, block_type = self.module_index.of(location, operation, self.layers)
        self.layers.append(
            LayerRecord(
                index=index,
                name=self._unique(module if location.is_leaf else f"{module}.{operation.function}".lstrip(".")),
                kind=operation.kind,
                module=module,
                module_type=location.module_type,
                stage=stage,
                block=block,
                block_type=block_type,
                inputs=tuple(self._values[id(t)].source for t in activations),
                in_shapes=tuple(_shape(t) for t in activations),
                out_shape=_shape(out),
                parameters=parameters,
                buffers=buffers,
                macs=_macs(operation, weights, out),
                rf=rf,
                kernel=operation.kernel,
                stride=operation.stride,
                padding=operation.padding,
                dilation=operation.dilation,
                groups=operation.groups,
                ceil_mode=operation.ceil_mode,
                bias=operation.bias,
                function=operation.function,
                pads_for=operation.pads_for,
            )
        )

    def _weights(self, operation: Operation, weights: Sequence[Tensor]) -> tuple[int, int]:
        """(parameters, running means and variances) among the weights that no operation before has used."""
        parameters = buffers = 0
        for tensor in weights:
            if id(tensor) in self._counted:
                continue
            self._counted.add(id(tensor))
            if isinstance(tensor, nn.Parameter):
                parameters += tensor.numel()
            elif operation.function == "batch_norm":
                buffers += tensor.numel()
        return parameters, buffers

    def _unique(self, name: str) -> str:
        self._names[name] = count = self._names.get(name, 0) + 1
        return name if count == 1 else f"{name}:{count}"

    def wrap_forward(self, path: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        """A module's `forward` that keeps the module's path on the stack while it runs."""
        stack = self._stack

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            stack.append(path)
            result = forward(*args, **kwargs)
            stack.pop()
            return result

        return wrapped

    def source_of(self, tensor: Tensor) -> int:
        """Index of the record that produced `tensor`."""
        return self._values[id(tensor)].source


def _macs(operation: Operation, weights: Sequence[Tensor], out: Tensor) -> int:
    """Multiply-adds, counted from the tensors: one per weight and output position."""
    if operation.kind in {"conv", "depthwise"}:
        return weights[0].numel() * prod(out.shape[2:])
    if operation.kind == "linear":
        return weights[0].numel() * prod(out.shape[1:-1])
    return 0


def _field_after(
    operation: Operation, values: list[_Activation], args: Any, kwargs: dict[str, Any], out: Tensor
) -> tuple[ReceptiveField, Pair]:
    """Receptive field and extent after an operation."""
    first = values[0]
    extent = (out.shape[2], out.shape[3]) if out.dim() == 4 else first.extent
    if operation.kernel is not None and operation.stride is not None:
        padding, dilation = operation.padding or (0, 0), operation.dilation or (1, 1)
        return rf_window(first.rf, operation.kernel, operation.stride, padding, dilation), extent
    if operation.kind == "linear":
        return rf_linear(first.rf, first.extent), (1, 1)
    if operation.kind in {"add", "concat"}:
        return rf_union(value.rf for value in values), extent
    if operation.function == "pad":
        pad: Sequence[int] = args[1] if len(args) > 1 else kwargs["pad"]
        top_left = (pad[2] if len(pad) > 2 else 0, pad[0])
        return rf_pad(first.rf, top_left), extent
    if operation.pads_for is not None:
        room = [same_padding(n, f, s).value for n, f, s in zip(first.extent, *operation.pads_for, strict=True)]
        return rf_pad(first.rf, (room[0] // 2, room[1] // 2)), extent
    return first.rf, extent


@contextmanager
def recording(network: nn.Module, recorder: Recorder, *, heads: bool = True) -> Iterator[None]:
    """Record the calls made inside the block; modules and their train/eval mode are restored, also after an error.

    The network is in eval mode; with `heads`, except its root, whose `training` flag makes auxiliary heads run.
    """
    module_index = recorder.module_index
    training, root_mode = [module for module in module_index.modules.values() if module.training], network.training
    # A container's `forward` computes nothing. The others are wrapped in place: two hooks on each would take a third of
    # the whole trace, most of it for the handles that remove them.
    wrapped = {path: m for path, m in module_index.modules.items() if type(m).forward is not nn.Sequential.forward}
    overridden = {path: m.__dict__["forward"] for path, m in wrapped.items() if "forward" in m.__dict__}
    try:
        for module in training:
            module.training = False
        network.training = heads
        for path, module in wrapped.items():
            module.__dict__["forward"] = recorder.wrap_forward(path, module.forward)
        with recorder:
            yield
    finally:
        for module in wrapped.values():
            module.__dict__.pop("forward", None)
        for path, forward in overridden.items():
            wrapped[path].__dict__["forward"] = forward
        for module in training:
            module.training = True
        network.training = root_mode


def trace_module(
    network: nn.Module,
    input_shape: Shape,
    stages: Sequence[Stage],
    *,
    slug: str = "",
    title: str = "",
    options: Mapping[str, OptionValue] | None = None,
    heads: bool = True,
) -> ShapeTrace:
    """Trace any module taking (1, *input_shape), on the device of its weights, with its auxiliary `heads` or without.

    Raises `OperationFailed`.
    """
    device = next((p.device for p in network.parameters()), torch.device("meta"))
    x = torch.empty(1, *input_shape, device=device)
    recorder = Recorder(x, ModuleIndex(network, stages))
    with torch.no_grad(), recording(network, recorder, heads=heads):
        out = network(x)
    outputs = [out] if isinstance(out, Tensor) else [t for t in out if t is not None]
    return ShapeTrace(
        slug=slug,
        title=title,
        input_shape=input_shape,
        classes=outputs[0].shape[1],
        options=options or {},
        layers=tuple(recorder.layers),
        heads=tuple(recorder.source_of(tensor) for tensor in outputs),
    )
