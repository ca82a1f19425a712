"""An image shifted by a pixel or two: how much changes in every layer, and whether the answer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.records.nonlinear import ShiftedAnswers, ShiftedChange

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.datasets import ImageData
    from explorer.models import Model

IMAGES = 360
_POOLED = (("a1", "s2"), ("a3", "s4"))


def shifted_answers(model: Model, data: ImageData, by: int, images: int = IMAGES) -> ShiftedAnswers:
    """LeNet-5 on test images and on the same images shifted to the right by `by` pixels, black entering on the left.

    A change is the norm of the difference as a share of the norm before, on average over the images. For each pooling
    there is a control of the same size: every second value of its input, taken without pooling.
    """
    import torch

    originals, labels = data.test_images[:images], data.test_labels[:images]
    moved = torch.nn.functional.pad(originals, (by, 0))[..., : originals.shape[-1]]
    first, before = _features(model, originals)
    second, after = _features(model, moved)
    changes = [ShiftedChange("input", "input", _change(originals.float(), moved.float()))]
    for source, pooled in _POOLED:
        a, b = first[source], second[source]
        changes += [
            ShiftedChange(source, "conv", _change(a, b)),
            ShiftedChange(pooled, "pool", _change(first[pooled], second[pooled])),
            ShiftedChange(source, "skip", _change(a[..., ::2, ::2], b[..., ::2, ::2])),
        ]
    said, says = before.argmax(1), after.argmax(1)
    return ShiftedAnswers(
        tuple(changes),
        float((said == says).double().mean()),
        float((said == labels).double().mean()),
        float((says == labels).double().mean()),
        len(labels),
    )


def _features(model: Model, images: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    import torch

    net = model.instantiate()
    kept: dict[str, Tensor] = {}
    for name in (name for pair in _POOLED for name in pair):
        net.get_submodule(name).register_forward_hook(
            lambda module, args, out, name=name: kept.__setitem__(name, out.clone())
        )
    with torch.inference_mode():
        logits = net(model.scale(images))
    return kept, logits


def _change(a: Tensor, b: Tensor) -> float:
    a, b = a.flatten(1).double(), b.flatten(1).double()
    return float(((a - b).norm(dim=1) / a.norm(dim=1)).mean())
