"""Augmentation of a whole batch, against loops that do the same image by image."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.transforms import (
    CropFlip,
    Mixing,
    apply_crop_flip,
    apply_mixup,
    draw_crop_flip,
    draw_mixup,
    mix_labelled,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(batch: int = 32, channels: int = 3, height: int = 9, width: int = 12) -> Tensor:
    return torch.randint(1, 256, (batch, channels, height, width), dtype=torch.uint8, generator=seeded(5))


def one_by_one(x: Tensor, drawn: CropFlip) -> Tensor:
    """The slow, plain way, in NumPy."""
    batch, channels, height, width = x.shape
    out = np.zeros(x.shape, x.numpy().dtype)
    for b in range(batch):
        padded = np.zeros((channels, height + 2 * drawn.padding, width + 2 * drawn.padding), out.dtype)
        padded[:, drawn.padding : drawn.padding + height, drawn.padding : drawn.padding + width] = x[b].numpy()
        row, column = int(drawn.rows[b]), int(drawn.columns[b])
        crop = padded[:, row : row + height, column : column + width]
        out[b] = crop[:, :, ::-1] if drawn.mirrored[b] else crop
    return torch.from_numpy(out)


@pytest.mark.parametrize("padding", [0, 1, 4])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_crop_and_mirror_are_those_of_the_loop(padding: int, dtype: torch.dtype, memory: torch.memory_format) -> None:
    x = images().to(dtype).contiguous(memory_format=memory)
    drawn = draw_crop_flip(len(x), seeded(), padding)
    assert torch.equal(apply_crop_flip(x, drawn), one_by_one(x, drawn))


def test_every_crop_is_drawn_and_half_are_mirrored() -> None:
    drawn = draw_crop_flip(20_000, seeded(), 4)
    for places in (drawn.rows, drawn.columns):
        counts = places.bincount(minlength=9)
        assert len(counts) == 9
        assert counts.min() > 0.9 * 20_000 / 9
    assert drawn.mirrored.float().mean() == pytest.approx(0.5, abs=0.02)
    assert not torch.equal(drawn.rows, drawn.columns)


def test_the_middle_crop_unmirrored_is_the_image_itself() -> None:
    x = images()
    middle = torch.full((len(x),), 4)
    assert torch.equal(apply_crop_flip(x, CropFlip(4, middle, middle, torch.zeros(len(x), dtype=torch.bool))), x)


def augmented(x: Tensor, y: Tensor, generator: torch.Generator) -> tuple[Tensor, ...]:
    """Cropped images, and mixed ones with their targets."""
    cropped = apply_crop_flip(x, draw_crop_flip(len(x), generator))
    return cropped, *mix_labelled(x, y, 10, draw_mixup(len(x), 0.4, generator))


def test_only_the_given_generator_is_used() -> None:
    x, y = images().float(), torch.arange(32) % 10
    before = torch.get_rng_state()
    numpy_before = np.random.get_state()[1].copy()
    first = augmented(x, y, seeded(1))
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()
    again, other = augmented(x, y, seeded(1)), augmented(x, y, seeded(2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_mixup_is_that_of_the_loop() -> None:
    x, y = images().float(), torch.arange(32) % 7
    drawn = draw_mixup(32, 0.4, seeded(3))
    mixed, target = mix_labelled(x, y, 7, drawn)
    assert 0 <= drawn.weight <= 1
    assert sorted(drawn.partners.tolist()) == list(range(32))
    for b in range(32):
        other = int(drawn.partners[b])
        wanted = drawn.weight * x[b] + (1 - drawn.weight) * x[other]
        hot = torch.zeros(7)
        hot[y[b]] += drawn.weight
        hot[y[other]] += 1 - drawn.weight
        torch.testing.assert_close(mixed[b], wanted, rtol=1e-5, atol=1e-3)
        torch.testing.assert_close(target[b], hot, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(target.sum(1), torch.ones(32))


def test_the_weight_one_leaves_everything() -> None:
    x = images().float()
    assert torch.equal(apply_mixup(x, Mixing(torch.tensor(1.0), torch.randperm(32, generator=seeded()))), x)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 5.0])
def test_the_weights_follow_the_beta_distribution(alpha: float) -> None:
    generator = seeded()
    weights = torch.tensor([draw_mixup(1, alpha, generator).weight for _ in range(2000)])
    assert weights.mean() == pytest.approx(0.5, abs=0.03)
    assert weights.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)
