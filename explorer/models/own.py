"""Weights that a visitor brings: what fits, what does not, and everything that is wrong by name."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

import torch
from torch import Tensor

from explorer.errors import BadWeights, ExplorerError
from explorer.models.model import (
    Model,
    carried_meta,
    check_finite,
    class_names,
    default_normalize,
    meta_of_recorded,
    shipped_for,
)
from explorer.models.reading import read_state
from explorer.networks import network
from explorer.records import (
    MOST_CLASSES,
    ModelMeta,
    NetworkInstance,
    NetworkSpec,
    Normalize,
    OptionValue,
)
from explorer.tracing import build_on_meta, trace_shapes

_MOST_VARIANTS, _NAMED = 16, 3
_COUNTER = "num_batches_tracked"  # of batch normalisation; old files have none, and only training reads it
_COUNTED = frozenset({"total_ops", "total_params"})  # left behind by a counter of operations (thop)
_AROUND = frozenset({"module", "_orig_mod"})  # parallel and compiled modules, the whole network or a part of it
_DEEPEST = 8
_CIFAR_SHAPE = (3, 32, 32)

Problems = tuple[tuple[str, str, str, str], ...]


def own_model(data: bytes, slug: str) -> Model:
    """A network with the weights in a file, float32 whatever the file holds. Raises `UnknownEntry`, `BadWeights`.

    The number of classes is read off the head, the network's options are those that the keys fit. What the file cannot
    tell is assumed: class names and scale of the pixels are those of the data set the network was published on.
    """
    spec = network(slug)
    digest = hashlib.sha256(slug.encode() + b":" + data).hexdigest()[:32]
    state = read_state(data)
    said = carried_meta(data)
    if said and said.instance.slug == slug and _fits(said, state):
        return check_finite(Model(f"own:{digest}", said, _as_taken(build_on_meta(said.instance).state_dict(), state)))
    (options, classes), fitted = fitting(spec, state)
    instance = NetworkInstance.of(spec, classes=classes, options=options)
    return check_finite(Model(f"own:{digest}", ModelMeta(instance, *presumed(spec, classes)), fitted))


def _fits(said: ModelMeta, state: Mapping[str, Tensor]) -> bool:
    """Whether what a file says of its weights is true of them: anybody can write anything into a file."""
    if len(said.categories) != said.instance.classes or len(said.normalize.mean) != said.instance.input_shape[0]:
        return False
    if len(said.normalize.std) != len(said.normalize.mean) or not all(value > 0 for value in said.normalize.std):
        return False
    try:
        trace_shapes(said.instance)
        return not _problems(build_on_meta(said.instance).state_dict(), state)
    except (ExplorerError, TypeError, ValueError):
        return False


def presumed(spec: NetworkSpec, classes: int) -> tuple[tuple[str, ...], Normalize]:
    """Names of the classes and scale of the pixels, where nobody says what they are."""
    shipped = shipped_for(spec.slug)
    if shipped is None and spec.input_shape == _CIFAR_SHAPE:
        shipped = shipped_for("cifar-resnet20")
    if shipped and len(shipped.classes) == classes:
        return shipped.classes, meta_of_recorded(shipped).normalize
    names = class_names(spec) if classes == spec.classes else tuple(map(str, range(classes)))
    return names, default_normalize(spec)


def fitting(
    spec: NetworkSpec, state: Mapping[str, Tensor], *, with_options: bool = True
) -> tuple[tuple[dict[str, OptionValue], int], dict[str, Tensor]]:
    """The options and number of classes that a state dict fits, and it, as the network takes it.

    Raises `BadWeights` with every key that is missing, surplus or misshapen beside the variant that is nearest.
    """
    state = as_named_here(spec, state)
    variants = islice(_variants(spec), _MOST_VARIANTS if with_options else 1)
    best: tuple[dict[str, OptionValue], int, Problems] | None = None
    for options in variants:
        classes, expected = _expected(spec, options, state)
        problems = _problems(expected, state)
        if best is None or len(problems) < len(best[2]):
            best = options, classes, problems
        if not problems:
            return (options, classes), _as_taken(expected, state)
    assert best, "a network has at least its defaults"
    raise _does_not_fit(spec, best[2])


def as_named_here(spec: NetworkSpec, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a network that a training script kept inside something larger, by the network's own names.

    What stands in front of the names of most of its tensors ("module.", "model.encoder.") is taken off, and tensors
    outside of that (a loss's weights, a count of averages) are left out.
    """
    known = build_on_meta(NetworkInstance.of(spec)).state_dict()
    kept = {key: value for key, value in state.items() if key.rpartition(".")[2] not in _COUNTED}
    prefixes = Counter(prefix for key in kept for prefix, name in _cut_at_dots(key) if name in known)
    prefix = max(prefixes, key=prefixes.__getitem__, default="")
    if 2 * prefixes[prefix] < len(known):  # weights of another network: let every key be named
        return kept
    inside = {key: value for key, value in kept.items() if key.startswith(prefix)}
    named = {_bare(key.removeprefix(prefix)): value for key, value in inside.items()}
    return named if len(named) == len(inside) else inside


def _cut_at_dots(key: str) -> Iterator[tuple[str, str]]:
    """A key cut in two in front of each of its parts: what may be a prefix, and what may be a name."""
    parts = key.split(".", _DEEPEST)
    for at, part in enumerate(parts):
        if part not in _AROUND:
            rest = ".".join(parts[at:])
            yield key.removesuffix(rest), _bare(rest)


def _bare(key: str) -> str:
    return ".".join(part for part in key.split(".") if part not in _AROUND)


def _variants(spec: NetworkSpec) -> Iterator[dict[str, OptionValue]]:
    """The network's options: its defaults, then every choice of those that can be chosen."""
    defaults = spec.options()
    trained = shipped_for(spec.slug)
    if trained:
        yield {**defaults, **dict(trained.config.options)}
    yield defaults
    discrete = [control for control in spec.controls if control.choices]
    for values in product(*(control.choices for control in discrete)):
        yield {**defaults, **{control.name: value for control, value in zip(discrete, values, strict=True)}}


def _expected(
    spec: NetworkSpec, options: Mapping[str, OptionValue], state: Mapping[str, Tensor]
) -> tuple[int, dict[str, Tensor]]:
    """The number of classes that the head of a state dict has, and the tensors (meta) of the network with that many.

    The head is what changes with the number of classes.
    """
    some, more = (_shapes(spec, n, options) for n in (spec.classes, spec.classes + 1))
    heads = [key for key in some if some[key].shape != more[key].shape]
    counts = {int(state[key].shape[0]) for key in heads if key in state and state[key].ndim == some[key].ndim}
    if len(counts) == 1 and 1 < (classes := counts.pop()) <= MOST_CLASSES and classes != spec.classes:
        return classes, _shapes(spec, classes, options)
    return spec.classes, some


def _shapes(spec: NetworkSpec, classes: int, options: Mapping[str, OptionValue]) -> dict[str, Tensor]:
    state: dict[str, Tensor] = build_on_meta(NetworkInstance.of(spec, classes=classes, options=options)).state_dict()
    return state


def _problems(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> Problems:
    rows = [(key, "missing", "", _shape(value)) for key, value in expected.items() if _needed(key) and key not in state]
    rows += [(key, "surplus", _shape(value), "") for key, value in state.items() if key not in expected]
    rows += [
        (key, "misshapen", _shape(state[key]), _shape(value))
        for key, value in expected.items()
        if key in state and state[key].shape != value.shape
    ]
    return tuple(rows)


def _needed(key: str) -> bool:
    return not key.endswith(_COUNTER)


def _shape(value: Tensor) -> str:
    return "×".join(map(str, value.shape)) or "1"


def _as_taken(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in the network's own kinds of number. Raises `BadWeights` for what is not finite."""
    taken = {key: _cast(state.get(key), value) for key, value in expected.items()}
    strange = [key for key, value in taken.items() if not torch.isfinite(value).all()]
    if strange:
        raise BadWeights(
            f"Tensors with numbers that are not finite: {len(strange)}, the first is {strange[0]}.",
            "not_finite",
            count=len(strange),
            key=strange[0],
        )
    return taken


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
