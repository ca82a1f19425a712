"""Record every torch call of one forward pass as a `LayerRecord`.

A `TorchFunctionMode` sees each call as it is written in the source (`F.conv2d`, `x + skip`, `torch.cat`), functional or
in a module alike; each module's `forward`, wrapped during the pass, tells which module it happened in. Tensors are
tracked by identity, which gives the edges of the graph: skips and concats included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.arithmetic import field_of_input
from explorer.errors import ExplorerError, NotTraced
from explorer.records import LayerRecord, OptionValue, ReceptiveField, Shape, ShapeTrace, Stage, Unusual
from explorer.tracing.following import Activation, after, read_by_linear
from explorer.tracing.module_index import ModuleIndex
from explorer.tracing.operations import QUERIES, Operation, describe
from explorer.tracing.shape_inference import infer, tensors_in


class OperationFailed(Exception):
    """A torch call that raised: the module that ran it, the operation, its input `x` and its weight."""

    def __init__(self, module: str, operation: Operation, x: Tensor, weight: Tensor | None) -> None:
        super().__init__(module)
        self.module, self.operation, self.x, self.weight = module, operation, x, weight


def _shape(tensor: Tensor) -> Shape:
    return tuple(tensor.shape)[1:]


class Recorder(TorchFunctionMode):
    """Appends to `layers` in execution order while active; use it through `recording`."""

    def __init__(self, x: Tensor, module_index: ModuleIndex) -> None:
        super().__init__()
        self.layers: list[LayerRecord] = []
        self._stack: list[str] = [""]
        self.module_index = module_index
        self._values = {id(x): Activation.of_input(x, field_of_input())}
        self._computed: dict[int, tuple[Tensor, tuple[Tensor, ...]]] = {}  # tensors made of parameters alone, and these
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
            return self._compute(func(*args, **kwargs), weights)
        operation = describe(func, args, kwargs, activations[0])
        if operation.function in {"matmul", "einsum"} and not any(tensor.dim() == 2 for tensor in weights):
            operation = Operation("other", operation.function)  # a product of two activations
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
            values = [self._values[id(t)] for t in activations]
            made = after(operation, values, args, kwargs, outputs[0], len(self.layers))
            self._record(operation, activations, weights, outputs[0], made.rf)
            for tensor in outputs:
                self._values[id(tensor)] = replace(made, tensor=tensor)
        return result

    def _compute(self, result: Any, weights: Sequence[Tensor]) -> Any:
        """Remember which parameters a tensor is made of: a normalised weight, or a transposed one."""
        sources = {id(source): source for tensor in weights for source in self._sources(tensor)}
        if sources:
            for tensor in tensors_in((result,)):
                self._computed[id(tensor)] = tensor, tuple(sources.values())
        return result

    def _sources(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """The parameters that a tensor is, or is made of."""
        if isinstance(tensor, nn.Parameter):
            return (tensor,)
        return self._computed[id(tensor)][1] if id(tensor) in self._computed else ()

    def _record(
        self, operation: Operation, activations: list[Tensor], weights: list[Tensor], out: Tensor, rf: ReceptiveField
    ) -> None:
        if operation.kind in {"add", "multiply"} and len(activations) == 1:
            learned = any(isinstance(t, nn.Parameter) for t in weights)
            operation = Operation("norm" if learned else "other", operation.function)
        index, module = len(self.layers), self._stack[-1]
        parameters, buffers, made_of = self._weights(operation, weights)
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
                macs=_macs(operation, weights, activations[0], out),
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
                unusual=self._unusual(operation, activations[0], made_of),
            )
        )

    def _weights(self, operation: Operation, weights: Sequence[Tensor]) -> tuple[int, int, tuple[int, ...]]:
        """(parameters, running means and variances) among the weights that no operation before has used.

        And the sizes of these parameters, where they are others than the weights: computed from them, or in part used
        before.
        """
        sizes, buffers, plain = [], 0, operation.kind != "other"
        for tensor in weights:
            sources = self._sources(tensor)
            plain &= not sources or sources[0] is tensor
            for source in sources or (tensor,):
                if id(source) in self._counted:
                    plain &= not sources
                    continue
                self._counted.add(id(source))
                if sources:
                    sizes.append(source.numel())
                elif operation.function == "batch_norm":
                    buffers += source.numel()
        return sum(sizes), buffers, () if plain else tuple(sizes)

    def _unusual(self, operation: Operation, x: Tensor, made_of: tuple[int, ...]) -> Unusual | None:
        """What is unusual about an operation, None for most."""
        found = (operation.unusual or Unusual())._replace(made_of=made_of)
        value = self._values[id(x)]
        if operation.kind == "linear" and (value.moved or value.axes is not None):
            found = found._replace(reads=read_by_linear(value))
        return found if found != Unusual() else None

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

    def knows(self, tensor: Tensor) -> bool:
        """Whether `tensor` depends on the image, and has channels or classes."""
        return id(tensor) in self._values and tensor.dim() > 1

    def source_of(self, tensor: Tensor) -> int:
        """Index of the record that produced `tensor`."""
        return self._values[id(tensor)].source


def _macs(operation: Operation, weights: Sequence[Tensor], x: Tensor, out: Tensor) -> int:
    """Multiply-adds, counted from the tensors: one per weight and position, of the input where that is spread out."""
    weight = next((tensor for tensor in weights if tensor.dim() > 1), None)
    if weight is None:
        return 0
    if operation.kind in {"conv", "depthwise"}:
        transposed = operation.unusual is not None and operation.unusual.transposed
        return weight.numel() * prod((x if transposed else out).shape[2:])
    if operation.kind == "linear":
        return weight.numel() * prod(out.shape[1:-1])
    return 0


def _outputs(found: Any) -> list[Tensor]:
    """The tensors that a network returns, the classifier's first: also in a dictionary or a dataclass."""
    if isinstance(found, Tensor):
        return [found]
    if is_dataclass(found) and not isinstance(found, type):
        found = [getattr(found, field.name) for field in fields(found)]
    if isinstance(found, Mapping):
        found = [found[name] for name in sorted(found, key=lambda name: name not in _ANSWERS)]
    return [tensor for each in found for tensor in _outputs(each)] if isinstance(found, list | tuple) else []


_ANSWERS = ("logits", "out", "output", "prediction")
"""What networks that return a dictionary call the answer; where none has such a name it is the first."""


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

    Of several outputs the first, or the one that is called logits or out, counts as the classifier's. Raises
    `OperationFailed`, and `NotTraced` where nothing comes out that depends on the image.
    """
    device = next((p.device for p in network.parameters()), torch.device("meta"))
    x = torch.empty(1, *input_shape, device=device)
    recorder = Recorder(x, ModuleIndex(network, stages))
    with torch.no_grad(), recording(network, recorder, heads=heads):
        try:
            out = network(x)
        except (OperationFailed, ExplorerError):
            raise
        except NotImplementedError as error:
            raise NotTraced(type(network).__name__, "no_forward") from error
        except Exception as error:
            raise NotTraced(type(network).__name__, "failed", f"{type(error).__name__}: {error}") from error
    outputs = [tensor for tensor in _outputs(out) if recorder.knows(tensor)]
    if not outputs:
        raise NotTraced(type(network).__name__, "no_output", type(out).__name__)
    return ShapeTrace(
        slug=slug,
        title=title,
        input_shape=input_shape,
        classes=outputs[0].shape[1],
        options=options or {},
        layers=tuple(recorder.layers),
        heads=tuple(recorder.source_of(tensor) for tensor in outputs),
    )
