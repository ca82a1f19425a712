"""Models from a visitor's weights: a network with the tensors of a file, and the options that the file leaves open."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from explorer.errors import ExplorerError
from explorer.models.fitting import converted, match_state, problems_of
from explorer.models.model import (
    Model,
    class_names,
    default_normalize,
    meta_of_recorded,
    read_meta,
    require_finite_output,
)
from explorer.models.reading import read_state
from explorer.networks import network
from explorer.records import Control, ModelMeta, NetworkInstance, NetworkSpec, Normalize, OptionValue
from explorer.tracing import build_on_meta, trace_shapes
from explorer.weights import shipped_runs

_CIFAR_SHAPE = (3, 32, 32)


def own_model(data: bytes, slug: str) -> Model:
    """A network with the weights in a file, converted to its dtypes. Raises `UnknownEntry`, `BadWeights`.

    The number of classes follows from the head, the network's options from the keys; what the network has no part for
    is set aside. Class names and normalisation, if
    not in the file, are those of the data set that the network was published on.
    """
    spec = network(slug)
    model_id = "own:" + hashlib.sha256(slug.encode() + b":" + data).hexdigest()[:32]
    stored = read_state(data)
    meta = read_meta(data)
    if meta and meta.instance.slug == slug and _is_valid(meta, stored.tensors):
        return require_finite_output(Model(model_id, meta, converted(meta.instance, stored.tensors)))
    fit = match_state(spec, stored)
    instance = NetworkInstance.of(spec, classes=fit.classes, options=fit.options)
    meta = ModelMeta(instance, *default_classes(spec, fit.classes))
    return require_finite_output(Model(model_id, meta, fit.tensors, fit.aside))


def open_options(data: bytes, model: Model) -> tuple[Control, ...]:
    """What the file of an `own_model` leaves open: options with other values that have the same keys and shapes.

    The choices of each are those that fit, its default the one that was taken. None where the file says what it is of.
    """
    if read_meta(data) is not None:
        return ()
    shapes = _shapes(model.instance)
    chosen = dict(model.instance.options)
    found = []
    for control in model.spec.controls:
        fitting = tuple(value for value in control.choices if _shapes(_with(model, {control.name: value})) == shapes)
        if len(fitting) > 1:
            found.append(replace(control, choices=fitting, default=chosen[control.name]))
    return tuple(found)


def with_options(model: Model, options: Mapping[str, OptionValue]) -> Model:
    """The same weights in the network with other options, whose shapes they fit. Raises `BadOption`.

    Its id is that of the file, and what was chosen besides: "own:<digest>~zeros=both".
    """
    own, instance = model.id.partition("~")[0], _with(model, options)
    chosen = ",".join(f"{name}={value}" for name, value in options.items())
    return replace(model, id=f"{own}~{chosen}" if chosen else own, meta=replace(model.meta, instance=instance))


def _with(model: Model, options: Mapping[str, OptionValue]) -> NetworkInstance:
    every = model.spec.options({**dict(model.instance.options), **options})
    return replace(model.instance, options=tuple(sorted(every.items())))


def _shapes(instance: NetworkInstance) -> dict[str, torch.Size]:
    return {key: tensor.shape for key, tensor in build_on_meta(instance).state_dict().items()}


def _is_valid(meta: ModelMeta, state: Mapping[str, Tensor]) -> bool:
    """Whether a file's metadata fits its weights: anybody can write anything into a file."""
    if len(meta.categories) != meta.instance.classes or len(meta.normalize.mean) != meta.instance.input_shape[0]:
        return False
    if len(meta.normalize.std) != len(meta.normalize.mean) or not all(value > 0 for value in meta.normalize.std):
        return False
    try:
        trace_shapes(meta.instance)
        return not problems_of(build_on_meta(meta.instance).state_dict(), state)
    except (ExplorerError, TypeError, ValueError):
        return False


def default_classes(spec: NetworkSpec, classes: int) -> tuple[tuple[str, ...], Normalize]:
    """Class names and normalisation for weights without metadata."""
    shipped = next(iter(shipped_runs(spec.slug)), None)
    if shipped is None and spec.input_shape == _CIFAR_SHAPE:
        shipped = next(iter(shipped_runs("cifar-resnet20")), None)
    if shipped and len(shipped.classes) == classes:
        return shipped.classes, meta_of_recorded(shipped).normalize
    names = class_names(spec) if classes == spec.classes else tuple(map(str, range(classes)))
    return names, default_normalize(spec)
