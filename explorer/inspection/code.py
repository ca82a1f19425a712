"""An operation as PyTorch code: the module that runs it as it would be constructed, or the call."""

from __future__ import annotations

import inspect
from textwrap import dedent
from typing import Any

from torch import nn

from explorer.records import LayerRecord, NetworkInstance, Pair
from explorer.tracing import build_on_meta

_MANY = frozenset({inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD})


def code_of(instance: NetworkInstance, layer: LayerRecord) -> str:
    """Python that stands for one operation, with `torch`, `torch.nn as nn` and `torch.nn.functional as F`.

    An expression: a constructor where a module of PyTorch's runs it, else a call whose inputs are `x`, or `x1`, `x2`
    and so on. What is neither is the `forward` of the module that it happens in.
    """
    network = build_on_meta(instance)
    module = network.get_submodule(layer.module) if layer.module else network
    if type(module).__module__.startswith("torch.nn."):
        return constructor(module)
    return _call(layer) or dedent(inspect.getsource(type(module).forward)).rstrip()


def constructor(module: nn.Module) -> str:
    """The call that makes a module of `torch.nn`; arguments that have their default are left out."""
    given = []
    for name, parameter in inspect.signature(type(module)).parameters.items():
        if name in {"device", "dtype"} or parameter.kind in _MANY:
            continue
        value = _plain(module, name)
        default = _plain(module, "kernel_size") if name == "stride" and parameter.default is None else parameter.default
        if parameter.default is parameter.empty:
            given.append(repr(value))
        elif value != default:
            given.append(f"{name}={value!r}")
    return f"nn.{type(module).__name__}({', '.join(given)})"


def _plain(module: nn.Module, name: str) -> Any:
    """An attribute as it is written: a bias as whether there is one, a pair of equal numbers as one."""
    value = getattr(module, name)
    if name == "bias":
        return value is not None
    return _one(value) if isinstance(value, tuple) else value


def _one(value: tuple[Any, ...]) -> Any:
    return value[0] if len(set(value)) == 1 else value


def _call(layer: LayerRecord) -> str:
    """A function's call with its inputs; "" for one that is not written here."""
    inputs = [f"x{number}" for number in range(1, len(layer.inputs) + 1)]
    if layer.function in {"max_pool2d", "avg_pool2d"}:
        return f"F.{layer.function}(x, {', '.join(_window(layer))})"
    if layer.function == "adaptive_avg_pool2d":
        return f"F.adaptive_avg_pool2d(x, {_one(layer.out_shape[1:])})"
    if layer.function in _OF_ONE:
        return _OF_ONE[layer.function]
    if layer.function == "cat":
        return f"torch.cat([{', '.join(inputs)}], dim=1)"
    sign = {"add": " + ", "mul": " * "}.get(layer.function)
    return sign.join(inputs) if sign and len(inputs) > 1 else ""


_OF_ONE = {
    "relu": "F.relu(x)",
    "flatten": "torch.flatten(x, 1)",
    "mean": "x.mean((2, 3))",
}


def _window(layer: LayerRecord) -> list[str]:
    kernel, stride = layer.kernel or (1, 1), layer.stride or (1, 1)
    named: dict[str, tuple[Pair | None, Pair]] = {
        "stride": (stride, kernel),
        "padding": (layer.padding, (0, 0)),
    }
    more = [f"{name}={_one(value)}" for name, (value, default) in named.items() if value and value != default]
    return [str(_one(kernel)), *more, *(["ceil_mode=True"] if layer.ceil_mode else [])]
