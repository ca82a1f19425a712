"""Fit the tensors of a file to a network: the prefix of its keys, its options and classes, and what is left over.

One rule: a prefix is looked for after which the network's keys are complete. What stands elsewhere in the file, or
belongs to a part that the network does not have (a loss, an average, an auxiliary head), is set aside; what belongs
to a part that it has, but would compute something else there (a bias more, a gate), means another network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor

from explorer.errors import BadWeights
from explorer.models.reading import unreadable
from explorer.models.torch_files import Stored
from explorer.records import MOST_CLASSES, NetworkInstance, NetworkSpec, OptionValue
from explorer.tracing import build_on_meta
from explorer.weights import shipped_runs

_ANCHORS, _LIKELY, _NAMED = 12, 4, 3
_COUNTER = "num_batches_tracked"  # of batch normalisation; old files have none, and only training reads it
_PROFILER_KEYS = frozenset({"total_ops", "total_params"})  # buffers that thop adds when it counts operations
_WRAPPERS = frozenset({"module", "_orig_mod"})  # DataParallel and compiled modules, the whole network or a part

Problems = tuple[tuple[str, str, str, str], ...]
Options = dict[str, OptionValue]

Aside = tuple[tuple[str, int], ...]
"""Parts of a file that a network does not have: the name of each, and how many tensors it holds."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A network's options and classes, its tensors by its own keys and dtypes, and what the file has besides."""

    options: Options
    classes: int
    tensors: dict[str, Tensor]
    aside: Aside = ()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The tensors of a file laid on one variant of a network."""

    options: Options
    classes: int
    prefix: str
    expected: dict[str, Tensor]  # on meta
    faults: int


def match_state(spec: NetworkSpec, stored: Stored, *, with_options: bool = True) -> Fit:
    """The variant of a network that a file's tensors fit. Without `with_options`, only the defaults are tried.

    Raises `BadWeights` with every key that is missing, surplus or misshapen for the closest variant.
    """
    tensors = _unwrapped(stored.tensors)
    attempt = _closest(spec, tensors, with_options=with_options)
    if attempt.faults:
        raise _does_not_fit(spec, attempt, tensors, stored.unreadable)
    found = {key: tensors.get(attempt.prefix + key) for key in attempt.expected}
    taken = {attempt.prefix + key for key in attempt.expected}
    left = [key for key in (*stored.tensors, *stored.unreadable) if _without_wrappers(key) not in taken]
    return Fit(attempt.options, attempt.classes, _converted(attempt.expected, found), _parts(left, attempt.prefix))


def problems_of(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> Problems:
    """Every key that does not fit: (key, "missing" or "surplus" or "misshapen", shape in the file, expected shape)."""
    rows = [
        (key, "missing", "", _shape(value)) for key, value in expected.items() if _required(key) and key not in tensors
    ]
    rows += [(key, "surplus", _shape(value), "") for key, value in tensors.items() if key not in expected]
    rows += [
        (key, "misshapen", _shape(tensors[key]), _shape(value))
        for key, value in expected.items()
        if key in tensors and tensors[key].shape != value.shape
    ]
    return tuple(rows)


def converted(instance: NetworkInstance, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a network by its keys, in its dtypes. Raises `BadWeights`."""
    return _converted(build_on_meta(instance).state_dict(), tensors)


# --- names ------------------------------------------------------------------------------------------------------------


def _without_wrappers(key: str) -> str:
    return ".".join(part for part in key.split(".") if part not in _WRAPPERS)


def _unwrapped(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors without the names of wrappers in their keys; of two with the same name then, the first."""
    found: dict[str, Tensor] = {}
    for key, value in tensors.items():
        if key.rpartition(".")[2] not in _PROFILER_KEYS:
            found.setdefault(_without_wrappers(key), value)
    return found


def _prefix(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> str:
    """The prefix behind which most of a network's keys stand, of several the first in the file.

    It need not end with a dot. The shapes decide where the keys of a larger network contain this one's.
    """
    anchors = list(expected)[:: max(1, len(expected) // _ANCHORS)]
    hits = Counter(key.removesuffix(anchor) for key in tensors for anchor in anchors if key.endswith(anchor))
    counts = {prefix: _hits(prefix, expected, tensors) for prefix, _ in hits.most_common(_LIKELY)}
    best = max(counts, key=counts.__getitem__, default="")
    return best if counts and counts[best] >= _hits("", expected, tensors) else ""


def _hits(prefix: str, expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> tuple[int, int]:
    """How many of a network's keys stand behind a prefix with their shape, and how many with any."""
    found = [(tensors[prefix + key].shape, value.shape) for key, value in expected.items() if prefix + key in tensors]
    return sum(mine == wanted for mine, wanted in found), len(found)


def _behind(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def _parts(keys: Collection[str], prefix: str) -> Aside:
    """The keys by the part of the file that they belong to, named just far enough to tell it from `prefix`."""
    inside = prefix.split(".")
    counts = Counter[str]()
    for key in keys:
        parts = key.split(".")
        if parts[-1] not in _PROFILER_KEYS:
            shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(parts, inside, strict=False)))
            counts[".".join(parts[: shared + 1])] += 1
    return tuple(counts.items())


# --- variants ---------------------------------------------------------------------------------------------------------


def _closest(spec: NetworkSpec, tensors: Mapping[str, Tensor], *, with_options: bool) -> _Attempt:
    """The variant that leaves the fewest problems: from the usual ones, one option at a time is changed."""
    starts = _usual(spec) if with_options else iter((spec.options(),))
    best = _attempt(spec, next(starts), tensors)
    for options in starts:
        best = min(best, _attempt(spec, options, tensors), key=_faults) if best.faults else best
    while with_options and best.faults:
        near = ({**best.options, control.name: value} for control in spec.controls for value in control.choices)
        near = (options for options in near if options != best.options)
        nearer = min((_attempt(spec, options, tensors) for options in near), key=_faults, default=best)
        if nearer.faults >= best.faults:
            break
        best = nearer
    return best


def _faults(attempt: _Attempt) -> int:
    return attempt.faults


def _count(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> int:
    """How many keys do not fit; one of a part that the network does not have is no fault."""
    parts = {key.partition(".")[0] for key in expected}
    surplus = sum(key not in expected and key.partition(".")[0] in parts for key in tensors)
    return surplus + sum(
        tensors[key].shape != value.shape if key in tensors else _required(key) for key, value in expected.items()
    )


def _usual(spec: NetworkSpec) -> Iterator[Options]:
    """The options of the weights that ship, and the defaults: where keys cannot tell, the first are assumed."""
    trained = next(iter(shipped_runs(spec.slug)), None)
    if trained:
        yield {**spec.options(), **dict(trained.config.options)}
    yield spec.options()


def _attempt(spec: NetworkSpec, options: Options, tensors: Mapping[str, Tensor]) -> _Attempt:
    expected = _meta_state(spec, spec.classes, options)
    prefix = _prefix(expected, tensors)
    inside = _behind(prefix, tensors)
    # The head has a row for each class: another number of rows, if they agree on it, is the number of classes.
    heads = [key for key, value in expected.items() if value.shape[:1] == (spec.classes,) and key in inside]
    counts = {int(inside[key].shape[0]) for key in heads if inside[key].shape[1:] == expected[key].shape[1:]}
    classes = counts.pop() if len(counts) == 1 else spec.classes
    if classes != spec.classes and 1 < classes <= MOST_CLASSES:
        expected = _meta_state(spec, classes, options)
    else:
        classes = spec.classes
    return _Attempt(options, classes, prefix, expected, _count(expected, inside))


def _meta_state(spec: NetworkSpec, classes: int, options: Options) -> dict[str, Tensor]:
    state: dict[str, Tensor] = build_on_meta(NetworkInstance.of(spec, classes=classes, options=options)).state_dict()
    return state


def _required(key: str) -> bool:
    return not key.endswith(_COUNTER)


def _shape(value: Tensor) -> str:
    return "×".join(map(str, value.shape)) or "1"


# --- the tensors, or why not ------------------------------------------------------------------------------------------


def _converted(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor | None]) -> dict[str, Tensor]:
    """The tensors in the network's dtypes. Raises `BadWeights` for whole numbers, and for what is not finite."""
    found = {key: _cast(key, tensors.get(key), value) for key, value in expected.items()}
    invalid = [key for key, value in found.items() if not torch.isfinite(value).all()]
    if invalid:
        raise BadWeights(
            f"Tensors with numbers that are not finite: {len(invalid)}, the first is {invalid[0]}.",
            "not_finite",
            count=len(invalid),
            key=invalid[0],
        )
    return found


def _cast(key: str, value: Tensor | None, expected: Tensor) -> Tensor:
    if value is None:
        return torch.zeros(expected.shape, dtype=expected.dtype)
    if expected.is_floating_point() and not value.is_floating_point():
        raise unreadable(key, "quantised")
    return value.detach().to(expected.dtype).contiguous()


def _does_not_fit(
    spec: NetworkSpec, attempt: _Attempt, tensors: Mapping[str, Tensor], strange: Mapping[str, str]
) -> BadWeights:
    """The error for the closest variant; where the network's own tensors are there but not plain, it says so."""
    wanted = {attempt.prefix + key for key in attempt.expected}
    for key, reason in strange.items():
        if reason == "quantised" or _without_wrappers(key) in wanted:
            return unreadable(key, reason)
    problems = problems_of(attempt.expected, _behind(attempt.prefix, tensors))
    if 2 * sum(kind == "missing" for _, kind, _, _ in problems) > len(attempt.expected):  # of another network
        problems = problems_of(attempt.expected, tensors)
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
