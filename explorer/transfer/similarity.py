"""How alike two representations of the same images are: linear CKA (Kornblith et al. 2019, arXiv:1905.00414)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from explorer.training import Normalizer

_CHUNK = 128


def gram_matrix(representation: Tensor) -> Tensor:
    """Centred inner products of the rows of (N, ...): float64 (N, N). Blind to a shift and to a rotation of them."""
    rows = representation.float().flatten(1)
    rows = rows - rows.mean(0)
    return (rows @ rows.T).double()


def linear_cka(a: Tensor, b: Tensor) -> float:
    """The similarity of two representations by their `gram_matrix`: 1 where they agree up to rotation and scale, else
    less; 0 where one is constant (equation 1 of the paper, with a linear kernel).
    """
    norm = float(a.norm() * b.norm())
    return float((a * b).sum()) / norm if norm > 0 else 0.0


@torch.inference_mode()
def stage_grams(stages: Sequence[nn.Module], images: Tensor, scale: Normalizer) -> tuple[Tensor, ...]:
    """The `gram_matrix` of the whole output of each stage for `images` (N, C, H, W), float32, in evaluation mode."""
    modes = [stage.training for stage in stages]
    for stage in stages:
        stage.eval()
    chunks = [scale(chunk) for chunk in torch.split(images, _CHUNK)]
    grams = []
    for stage in stages:
        chunks = [stage(chunk) for chunk in chunks]
        grams.append(gram_matrix(torch.cat(chunks)).cpu())
    for stage, mode in zip(stages, modes, strict=True):
        stage.train(mode)
    return tuple(grams)


def similarities(before: Sequence[Tensor], after: Sequence[Tensor]) -> tuple[tuple[float, ...], ...]:
    """`linear_cka` of every stage before with every stage after, by their Gram matrices."""
    return tuple(tuple(linear_cka(a, b) for b in after) for a in before)
