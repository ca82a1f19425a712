"""Models from a visitor's weights: match a state dict with a network, and name every key that does not fit."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

import torch
from torch import Tensor

from explorer.errors import BadWeights, ExplorerError
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
from explorer.records import (
    MOST_CLASSES,
    Control,
    ModelMeta,
    NetworkInstance,
    NetworkSpec,
    Normalize,
    OptionValue,
)
from explorer.tracing import build_on_meta, trace_shapes
from explorer.weights import shipped_runs

_MOST_VARIANTS, _NAMED = 16, 3
_COUNTER = "num_batches_tracked"  # of batch normalisation; old files have none, and only training reads it
_PROFILER_KEYS = frozenset({"total_ops", "total_params"})  # buffers that thop adds when it counts operations
_WRAPPERS = frozenset({"module", "_orig_mod"})  # DataParallel and compiled modules, the whole network or a part
_DEEPEST = 8
_CIFAR_SHAPE = (3, 32, 32)

Problems = tuple[tuple[str, str, str, str], ...]


def own_model(data: bytes, slug: str) -> Model:
    """A network with the weights in a file, converted to its dtypes. Raises `UnknownEntry`, `BadWeights`.

    The number of classes follows from the head, the network's options from the keys. Class names and normalisation, if
    not in the file, are those of the data set that the network was published on.
    """
    spec = network(slug)
    digest = hashlib.sha256(slug.encode() + b":" + data).hexdigest()[:32]
    state = read_state(data)
    meta = read_meta(data)
    if meta and meta.instance.slug == slug and _is_valid(meta, state):
        converted = _converted(build_on_meta(meta.instance).state_dict(), state)
        return require_finite_output(Model(f"own:{digest}", meta, converted))
    (options, classes), converted = match_state(spec, state)
    instance = NetworkInstance.of(spec, classes=classes, options=options)
    meta = ModelMeta(instance, *default_classes(spec, classes))
    return require_finite_output(Model(f"own:{digest}", meta, converted))


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
    return Model(f"{own}~{chosen}" if chosen else own, replace(model.meta, instance=instance), model.state)


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
        return not _problems(build_on_meta(meta.instance).state_dict(), state)
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


def match_state(
    spec: NetworkSpec, state: Mapping[str, Tensor], *, with_options: bool = True
) -> tuple[tuple[dict[str, OptionValue], int], dict[str, Tensor]]:
    """The options and number of classes that a state dict fits, and its tensors by the network's keys and dtypes.

    Raises `BadWeights` with every key that is missing, surplus or misshapen for the closest variant.
    """
    state = strip_prefixes(spec, state)
    variants = islice(_variants(spec), _MOST_VARIANTS if with_options else 1)
    best: tuple[dict[str, OptionValue], int, Problems] | None = None
    for options in variants:
        classes, expected = _expected(spec, options, state)
        problems = _problems(expected, state)
        if best is None or len(problems) < len(best[2]):
            best = options, classes, problems
        if not problems:
            return (options, classes), _converted(expected, state)
    assert best, "a network has at least its defaults"
    raise _does_not_fit(spec, best[2])


def strip_prefixes(spec: NetworkSpec, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a network that is a submodule in the state dict of a training script, by the network's own keys.

    The prefix of most of its keys ("module.", "model.encoder.") is removed, and tensors without it (a loss's weights, a
    count of averages) are left out.
    """
    expected = build_on_meta(NetworkInstance.of(spec)).state_dict()
    state = {key: value for key, value in state.items() if key.rpartition(".")[2] not in _PROFILER_KEYS}
    prefixes = Counter(prefix for key in state for prefix, name in _splits(key) if name in expected)
    prefix = max(prefixes, key=prefixes.__getitem__, default="")
    if 2 * prefixes[prefix] < len(expected):  # weights of another network: every key is to be reported
        return state
    inside = {key: value for key, value in state.items() if key.startswith(prefix)}
    stripped = {_unwrapped(key.removeprefix(prefix)): value for key, value in inside.items()}
    return stripped if len(stripped) == len(inside) else inside


def _splits(key: str) -> Iterator[tuple[str, str]]:
    """All (prefix, rest) of a key, split at its dots."""
    parts = key.split(".", _DEEPEST)
    for position, part in enumerate(parts):
        if part not in _WRAPPERS:
            rest = ".".join(parts[position:])
            yield key.removesuffix(rest), _unwrapped(rest)


def _unwrapped(key: str) -> str:
    return ".".join(part for part in key.split(".") if part not in _WRAPPERS)


def _variants(spec: NetworkSpec) -> Iterator[dict[str, OptionValue]]:
    """Options to try: the shipped weights', the defaults, then every combination of discrete options."""
    defaults = spec.options()
    trained = next(iter(shipped_runs(spec.slug)), None)
    if trained:
        yield {**defaults, **dict(trained.config.options)}
    yield defaults
    discrete = [control for control in spec.controls if control.choices]
    for values in product(*(control.choices for control in discrete)):
        yield {**defaults, **{control.name: value for control, value in zip(discrete, values, strict=True)}}


def _expected(
    spec: NetworkSpec, options: Mapping[str, OptionValue], state: Mapping[str, Tensor]
) -> tuple[int, dict[str, Tensor]]:
    """The number of classes of a state dict's head, and the tensors (meta) of the network with that many.

    The head is where the shapes depend on the number of classes.
    """
    default, other = (_meta_state(spec, n, options) for n in (spec.classes, spec.classes + 1))
    heads = [key for key in default if default[key].shape != other[key].shape]
    counts = {int(state[key].shape[0]) for key in heads if key in state and state[key].ndim == default[key].ndim}
    if len(counts) == 1 and 1 < (classes := counts.pop()) <= MOST_CLASSES and classes != spec.classes:
        return classes, _meta_state(spec, classes, options)
    return spec.classes, default


def _meta_state(spec: NetworkSpec, classes: int, options: Mapping[str, OptionValue]) -> dict[str, Tensor]:
    state: dict[str, Tensor] = build_on_meta(NetworkInstance.of(spec, classes=classes, options=options)).state_dict()
    return state


def _problems(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> Problems:
    rows = [
        (key, "missing", "", _shape(value)) for key, value in expected.items() if _required(key) and key not in state
    ]
    rows += [(key, "surplus", _shape(value), "") for key, value in state.items() if key not in expected]
    rows += [
        (key, "misshapen", _shape(state[key]), _shape(value))
        for key, value in expected.items()
        if key in state and state[key].shape != value.shape
    ]
    return tuple(rows)


def _required(key: str) -> bool:
    return not key.endswith(_COUNTER)


def _shape(value: Tensor) -> str:
    return "×".join(map(str, value.shape)) or "1"


def _converted(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in the network's dtypes. Raises `BadWeights` for values that are not finite."""
    converted = {key: _cast(state.get(key), value) for key, value in expected.items()}
    invalid = [key for key, value in converted.items() if not torch.isfinite(value).all()]
    if invalid:
        raise BadWeights(
            f"Tensors with numbers that are not finite: {len(invalid)}, the first is {invalid[0]}.",
            "not_finite",
            count=len(invalid),
            key=invalid[0],
        )
    return converted


def _cast(value: Tensor | None, expected: Tensor) -> Tensor:
    if value is None:
        return torch.zeros(expected.shape, dtype=expected.dtype)
    return value.detach().to(expected.dtype).contiguous()


def _does_not_fit(spec: NetworkSpec, problems: Problems) -> BadWeights:
    kinds = ("missing", "surplus", "misshapen")
    counts = {kind: sum(row[1] == kind for row in problems) for kind in kinds}
    first = ", ".join(row[0][:60] for row in problems[:_NAMED]) + (", ..." if len(problems) > _NAMED else "")
    values: dict[str, Any] = {"network": spec.title, "first": first, **counts}
    error = BadWeights(
        f"The weights do not fit {spec.title}. Keys missing: {counts['missing']}, surplus: {counts['surplus']}, "
        f"of another shape: {counts['misshapen']} ({first}).",
        "no_fit",
        **values,
    )
    error.problems = problems
    return error
