"""Feature maps: the output of every operation of a network for an image."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from inspect import signature
from typing import Any
from weakref import ref

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.networks import network as declared
from explorer.records import FeatureMaps, LayerRecord, NetworkInstance
from explorer.tracing.building import build_on_meta
from explorer.tracing.operations import IN_PLACE, QUERIES
from explorer.tracing.recorder import trace_module
from explorer.tracing.shape_inference import tensors_in

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def layers_of(instance: NetworkInstance) -> tuple[LayerRecord, ...]:
    """The operations of a network at inference: as `trace_shapes`, without auxiliary heads."""
    stages = declared(instance.slug).stages
    return trace_module(build_on_meta(instance), instance.input_shape, stages, heads=False).layers


class Capturer(TorchFunctionMode):
    """While active, keeps the outputs of the operations in `layers`, in execution order; registers no hooks.

    `names` are the layers to keep, None all. In-place operations are run out of place, so that the map before an
    in-place ReLU survives. The layers are known beforehand, from a trace: identifying an operation would take longer
    than small convolutions.
    """

    def __init__(self, x: Tensor, layers: Iterable[LayerRecord], names: Collection[str] | None = None) -> None:
        super().__init__()
        self.kept: dict[str, Tensor] = {}
        self._layers, self._names = iter(layers), names
        self._tracked = {id(x): ref(x)}  # weak references: a pass needs no more memory than the maps that are kept

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in QUERIES:
            return func(*args, **kwargs)
        first = args[0] if args else None
        depends = self._is_tracked(first) or any(map(self._is_tracked, tensors_in((*args, *kwargs.values()))))
        result = _out_of_place(func, args, kwargs)
        outputs = [t for t in tensors_in((result,)) if t.dim() > 1] if depends and func is not Tensor.detach else []
        if outputs:
            layer = next(self._layers)
            self._tracked.update((id(t), ref(t)) for t in outputs)
            if self._names is None or layer.name in self._names:
                self.kept[layer.name] = outputs[0]
        return result

    def _is_tracked(self, value: object) -> bool:
        reference = self._tracked.get(id(value))
        return reference is not None and reference() is value  # the id of a freed tensor may be reused


def _out_of_place(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function; run an in-place one out of place."""
    if func in IN_PLACE:
        return IN_PLACE[func](*args, **kwargs)
    position = _inplace_position(func)
    if position is not None:
        if len(args) > position:
            args = (*args[:position], False, *args[position + 1 :])
        else:
            kwargs = {**kwargs, "inplace": False}
    return func(*args, **kwargs)


@cache
def _keep_freed_memory() -> None:
    """Let the C library keep up to half a gigabyte of freed memory for the next image.

    All maps of ResNet-50 are 150 MB. Allocated from the system and returned for every image, they cost a fifth of
    the forward pass. Only glibc has this switch; elsewhere nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 32 * 2**20)
        mallopt(_M_TRIM_THRESHOLD, 512 * 2**20)


@cache
def _inplace_position(func: Callable[..., Any]) -> int | None:
    """Position of the argument `inplace` of a Python function; None where it takes none."""
    try:
        return list(signature(func).parameters).index("inplace")
    except ValueError:  # no such argument, or no signature
        return None


def capture(
    network: nn.Module, x: Tensor, layers: Sequence[LayerRecord], names: Collection[str] | None = None
) -> FeatureMaps:
    """All maps of one image `x` (1, C, H, W), or those of the layers in `names`.

    `network` is in evaluation mode, `layers` are its `layers_of`. The arrays share memory with the network's tensors.
    """
    _keep_freed_memory()
    capturer = Capturer(x, layers, names)
    with torch.inference_mode(), capturer:
        logits = network(x)
    maps = {name: kept[0].numpy() for name, kept in capturer.kept.items()}
    return FeatureMaps(layers=tuple(layers), maps=maps, logits=logits[0].numpy())
