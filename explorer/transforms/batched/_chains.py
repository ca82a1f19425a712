"""Chains in batches."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from explorer.errors import BadOption
from explorer.records import Chain, Given
from explorer.transforms.batched._contract import Batched, Tensors, batched
from explorer.transforms.batched._pixels import each
from explorer.transforms.chains import asks, mixes
from explorer.transforms.contract import Call, settings, transform

_APPLIED = "applied"


def unbatched(chain: Chain) -> tuple[str, ...]:
    """The transforms of a chain that work on one image alone, by slug."""
    return tuple(dict.fromkeys(step.slug for step in chain.steps if step.slug not in batched()))


def require_batches(chain: Chain) -> None:
    """Raises `BadOption`, which names the transforms of a chain that work on one image alone."""
    if alone := unbatched(chain):
        raise BadOption(
            f"While a network trains, whole batches are changed; these work on one image: {', '.join(alone)}."
        )


def draw_batch(chain: Chain, given: Given, count: int, generator: torch.Generator) -> dict[str, Tensor]:
    """What a chain draws for `count` images of this shape, on the CPU: tensors (count, ...) by place and name.

    The distribution is that of `explorer.transforms.draw`; the numbers of one generator are others. Raises `BadOption`
    where the chain has no batches.
    """
    require_batches(chain)
    drawn: dict[str, Tensor] = {}
    for place, (step, (spec, call)) in enumerate(zip(chain.steps, _calls(chain, given), strict=True)):
        own = dict(spec.draw(call, given, count, generator))
        if asks(transform(step.slug), step):
            own[_APPLIED] = torch.rand(count, generator=generator) < step.probability
        drawn |= {f"{place}.{name}": numbers for name, numbers in own.items()}
    return drawn


def apply_batch(chain: Chain, given: Given, images: Tensor, drawn: Tensors) -> Tensor:
    """Images after what `draw_batch` drew for them; uint8 (B, C, H, W) to the same. `drawn` is on their device."""
    for place, (spec, call) in enumerate(_calls(chain, given)):
        own = _of(place, drawn)
        changed = spec.apply(call, images, own)
        images = torch.where(each(own[_APPLIED]), changed, images) if _APPLIED in own else changed
    return images


def share_of(chain: Chain, drawn: Tensors) -> Tensor | None:
    """Of a chain that mixes: the part of the image itself in its label, float32 (B,), the rest being its neighbour's.

    The neighbour is the image before it in the batch, of the first one the last: `labels.roll(1)`.
    """
    if not mixes(chain):
        return None
    own = _of(len(chain.steps) - 1, drawn)
    return torch.where(own[_APPLIED], own["share"], 1) if _APPLIED in own else own["share"]


def _calls(chain: Chain, given: Given) -> Iterator[tuple[Batched, Call]]:
    return ((batched()[step.slug], transform(step.slug).call(settings(step), given)) for step in chain.steps)


def _of(place: int, drawn: Tensors) -> Tensors:
    """What was drawn for one step, by name."""
    prefix = f"{place}."
    return {name.removeprefix(prefix): numbers for name, numbers in drawn.items() if name.startswith(prefix)}
