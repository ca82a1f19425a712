"""Feature maps: what every operation of a network makes of an image."""

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
from explorer.tracing.operations import IN_PLACE, QUESTIONS
from explorer.tracing.recorder import trace_module
from explorer.tracing.shape_inference import tensors_in

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def layers_of(instance: NetworkInstance) -> tuple[LayerRecord, ...]:
    """The operations of a network that is asked for an answer: as `trace_shapes`, without auxiliary heads."""
    stages = declared(instance.slug).stages
    return trace_module(build_on_meta(instance), instance.input_shape, stages, heads=False).layers


class Capturer(TorchFunctionMode):
    """While active, keeps the volumes that the operations in `layers` make, in their order; hooks nothing.

    `wanted` names the layers to keep, None all. What torch would write into its input is written beside it, so that
    the map in front of an in-place ReLU survives. The layers are known beforehand, from a trace: telling what an
    operation is would take longer than small convolutions.
    """

    def __init__(self, x: Tensor, layers: Iterable[LayerRecord], names: Collection[str] | None = None) -> None:
        super().__init__()
        self.kept: dict[str, Tensor] = {}
        self._layers, self._wanted = iter(layers), names
        self._followed = {id(x): ref(x)}  # not held: a pass needs no more memory than what is kept

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in QUESTIONS:
            return func(*args, **kwargs)
        first = args[0] if args else None
        follows = self._follows(first) or any(map(self._follows, tensors_in((*args, *kwargs.values()))))
        result = _beside(func, args, kwargs)
        outputs = [t for t in tensors_in((result,)) if t.dim() > 1] if follows and func is not Tensor.detach else []
        if outputs:
            layer = next(self._layers)
            self._followed.update((id(t), ref(t)) for t in outputs)
            if self._wanted is None or layer.name in self._wanted:
                self.kept[layer.name] = outputs[0]
        return result

    def _follows(self, given: object) -> bool:
        known = self._followed.get(id(given))
        return known is not None and known() is given  # an id may be given to another tensor


def _beside(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function; one that would write into its input writes beside it."""
    if func in IN_PLACE:
        return IN_PLACE[func](*args, **kwargs)
    at = _place_of_inplace(func)
    if at is not None:
        if len(args) > at:
            args = (*args[:at], False, *args[at + 1 :])
        else:
            kwargs = {**kwargs, "inplace": False}
    return func(*args, **kwargs)


@cache
def _keep_freed_memory() -> None:
    """Have the C library keep what is freed, up to half a gigabyte, for the next image.

    All maps of ResNet-50 are 150 MB. Taken from the system anew for every image, and given back, they cost a fifth of
    the forward pass. Only glibc knows this switch; elsewhere nothing happens.
    """
    change = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if change is not None:
        change(_M_MMAP_THRESHOLD, 32 * 2**20)
        change(_M_TRIM_THRESHOLD, 512 * 2**20)


@cache
def _place_of_inplace(func: Callable[..., Any]) -> int | None:
    """Position of the argument `inplace` of a function written in Python; None where it takes none."""
    try:
        return list(signature(func).parameters).index("inplace")
    except ValueError:  # no such argument, or no signature
        return None


def capture(
    network: nn.Module, x: Tensor, layers: Sequence[LayerRecord], names: Collection[str] | None = None
) -> FeatureMaps:
    """All maps of one image `x` (1, C, H, W), or those of the layers named in `wanted`.

    `network` is in evaluation mode, `layers` are what `layers_of` says of it. The arrays are what the network computed,
    not copies.
    """
    _keep_freed_memory()
    capturer = Capturer(x, layers, names)
    with torch.inference_mode(), capturer:
        logits = network(x)
    maps = {name: kept[0].numpy() for name, kept in capturer.kept.items()}
    return FeatureMaps(layers=tuple(layers), maps=maps, logits=logits[0].numpy())
