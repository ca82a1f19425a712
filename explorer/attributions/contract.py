"""`attribute`, and `MethodSpec`, the interface of all attribution methods."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import torch
from torch import Tensor, nn

from explorer.attributions.preparing import Prepared, prepared
from explorer.catalog import collect, lookup
from explorer.errors import AttributionFailed, BadOption
from explorer.records import Attribution, MethodCard, OptionValue, Pair

Options = Mapping[str, OptionValue]

# Captum warns of the hooks it sets; here they are on modules that only one call uses. Once, for the process:
# `catch_warnings` changes what all threads see, and two visitors' calls would restore each other's filters.
warnings.filterwarnings("ignore", message=r"\s*Setting (forward|backward)")


@dataclass(frozen=True, slots=True, eq=False)
class MethodOutput:
    """What a method returns: `map` (1, c, h, w) on the grid of the input; delta, layer and grid as in `Attribution`."""

    map: Tensor
    delta: float | None = None
    layer: str = ""
    grid: Pair | None = None


@dataclass(frozen=True, slots=True)
class MethodSpec(MethodCard):
    """An attribution method: `run(network, x, target, options)`; `x` is (1, C, H, W) and requires grad."""

    run: Callable[[Prepared, Tensor, int, Options], MethodOutput] = field(kw_only=True)


@cache
def methods() -> Mapping[str, MethodSpec]:
    """All methods, by slug, in file order."""
    return collect("explorer.attributions.entries", MethodSpec)


def method(slug: str) -> MethodSpec:
    """A method by its slug. Raises `UnknownEntry`."""
    return lookup(methods(), slug, "method")


def settings(spec: MethodSpec, chosen: Options | None = None) -> dict[str, OptionValue]:
    """All options of a method: the defaults, overridden by `chosen`. Raises `BadOption`."""
    values = {control.name: control.default for control in spec.controls}
    for name, value in (chosen or {}).items():
        control = next((control for control in spec.controls if control.name == name), None)
        if control is None or not control.accepts(value):
            raise BadOption(f"{spec.slug} cannot take {name} = {value!r}; it takes: {', '.join(values) or 'nothing'}.")
        values[name] = value
    return values


def attribute(
    network: nn.Module | Prepared,
    x: Tensor,
    method_slug: str,
    target: int,
    options: Options | None = None,
    *,
    stage: str = "",
) -> Attribution:
    """Attribution of class `target` (an index of the logits) by a method, for the normalised input `x` (1, C, H, W).

    `stage` names the map that Grad-CAM uses, by default the one before the head: it needs a `Prepared` network.
    Raises `UnknownEntry`, `BadOption`, and `AttributionFailed` where the result is not finite.
    """
    spec = method(method_slug)
    values = {**settings(spec, options), **({"stage": stage} if stage else {})}
    network = network if isinstance(network, Prepared) else prepared(network)
    leaf = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        output = spec.run(network, leaf, target, values)
    scores = output.map.detach()[0]  # (c, h, w)
    scores = scores.sum(0) if spec.signed else scores.abs().amax(0)
    if not bool(scores.isfinite().all()):
        raise AttributionFailed(f"The map of {spec.slug} is not finite: these weights give infinite or no numbers.")
    array = scores.float().cpu().numpy()
    array.setflags(write=False)
    return Attribution(spec.slug, target, array, output.delta, output.layer, output.grid)
