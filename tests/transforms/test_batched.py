"""Batches of the catalogue's transforms, against its single images: the same pixels, the same distribution."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp, rankdata
from torch import Tensor

from explorer.errors import BadOption
from explorer.images import fitted, load
from explorer.records import Chain, Given
from explorer.transforms import apply, draw_sheet, read_chain, rgb_covariance, settings, step, transform, transforms
from explorer.transforms.batched import (
    Tensors,
    apply_batch,
    batched,
    draw_batch,
    require_batches,
    share_of,
    unbatched,
)
from explorer.transforms.contract import Call, Parameters

SLUGS = sorted(batched())
SHAPES = {"colour": (3, 32, 32), "wide": (3, 24, 40), "grey": (1, 28, 28)}
PHOTOGRAPHS = ("cat", "coffee", "rocket", "astronaut")
COUNT = 32
STRONGER = {
    "rgb-shift": {"law": "uniform", "sigma": 60.0},
    "pca-colour": {"sigma": 2.0, "root": True},
    "blur": {"sigma": 0.04},
    "rotation": {"degrees": 180.0},
    "perspective": {"distortion": 0.8},
    "resized-crop": {"low": 0.02},
    "erasing": {"high": 0.8, "fill": 255},
    "jitter": {"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.5},
    "mixup": {"alpha": 1.0},
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def photographs(shape: tuple[int, ...], count: int = COUNT) -> Tensor:
    """Photographs, and the same brighter and darker, so that none of the batch is another's twin."""
    found = [torch.from_numpy(fitted(load(slug), shape[1:]).transpose(2, 0, 1).copy()) for slug in PHOTOGRAPHS]
    images = torch.stack([found[n % len(found)].roll(n, 2) for n in range(count)])
    return images[:, : shape[0]].contiguous()


def given_of(images: Tensor) -> Given:
    return Given(tuple(images.shape[1:]), rgb_covariance(images))


def always(slug: str, *, stronger: bool = False, **options: float) -> Chain:
    return Chain((step(slug, dict(STRONGER.get(slug, {})) if stronger else dict(options), 1.0),))  # type: ignore[arg-type]


def call_of(chain: Chain, given: Given) -> Call:
    return transform(chain.steps[0].slug).call(settings(chain.steps[0]), given)


def stacked(chain: Chain, given: Given, parameters: list[Parameters]) -> Tensors:
    """What was drawn for single images, as a batch has it."""
    slug = chain.steps[0].slug
    return {f"0.{name}": t for name, t in batched()[slug].stack(call_of(chain, given), given, parameters).items()}


# --- given numbers give the same pixels -------------------------------------------------------------------------------


@pytest.mark.parametrize("stronger", [False, True], ids=["usual", "stronger"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_numbers_of_single_images_give_their_pixels(slug: str, shape: tuple[int, ...], stronger: bool) -> None:
    images = photographs(shape)
    given, chain, before = given_of(images), always(slug, stronger=stronger), images.clone()
    draws = draw_sheet(chain, given, 7, COUNT)
    singly = torch.stack(
        [apply(image, one, images[n - 1]) for n, (image, one) in enumerate(zip(images, draws, strict=True))]
    )
    numbers = stacked(chain, given, [drawn.steps[-1].parameters for drawn in draws])
    together = apply_batch(chain, given, images, numbers)
    assert together.dtype == torch.uint8
    assert torch.equal(images, before), "what is given is not changed"
    off = (together.int() - singly.int()).abs()
    assert off.max() <= batched()[slug].within
    assert (off > 1).float().mean() <= 0.002
    if transform(slug).mixes and (share := share_of(chain, numbers)) is not None:
        assert share.tolist() == pytest.approx([drawn.share for drawn in draws], abs=1e-6)


# --- drawn numbers have the same distribution -------------------------------------------------------------------------

MANY = 3000


COVARIANCE = (0.06, 0.05, 0.05), (0.05, 0.06, 0.05), (0.05, 0.05, 0.07)


def columns(numbers: Tensor) -> np.ndarray:
    """The numbers of each image in a row, those that are drawn at all; what differs by rounding alone is equal."""
    table = numbers.reshape(len(numbers), -1).double().numpy().round(9)
    return table[:, table.std(0) > 1e-9]


@pytest.mark.parametrize("stronger", [False, True], ids=["usual", "stronger"])
@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in ("mirror", "grey", "noise", "warp")])
def test_drawn_in_batches_the_numbers_have_the_distribution_of_single_draws(slug: str, stronger: bool) -> None:
    """Each number's distribution (Kolmogorov and Smirnov), and how those of one image go together (Spearman)."""
    given, chain = Given((3, 32, 32), COVARIANCE), always(slug, stronger=stronger)
    singly = stacked(chain, given, [one.steps[-1].parameters for one in draw_sheet(chain, given, 3, MANY)])
    together = draw_batch(chain, given, MANY, seeded(4))
    together.pop("0.applied", None)
    assert together.keys() == singly.keys()
    for name, wanted in singly.items():
        assert (together[name].shape, together[name].dtype) == (wanted.shape, wanted.dtype), name
    found, expected = (np.hstack([columns(numbers[name]) for name in singly]) for numbers in (together, singly))
    assert found.shape == expected.shape
    for one, other in zip(found.T, expected.T, strict=True):
        assert ks_2samp(one, other).pvalue > 1e-4
    ranks = [rankdata(table, axis=0) for table in (found, expected)]
    np.testing.assert_allclose(*(np.corrcoef(table.T) for table in ranks), atol=0.1)


def test_noise_is_normal_and_cut_to_whole_levels_as_that_of_single_images() -> None:
    given, chain = Given((3, 16, 16)), always("noise")
    singly = stacked(chain, given, [one.steps[0].parameters for one in draw_sheet(chain, given, 3, 30)])["0.noise"]
    found = draw_batch(chain, given, 30, seeded(4))["0.noise"]
    assert (found.shape, found.dtype) == (singly.shape, singly.dtype) == ((30, 3, 16, 16), torch.int16)
    assert ks_2samp(found.flatten().numpy(), singly.flatten().numpy()).pvalue > 1e-4
    assert found.double().std() == pytest.approx(0.1 * 255, rel=0.02)


@pytest.mark.parametrize("smooth", [0.02, 0.06])
def test_pixels_are_warped_as_far_and_as_smoothly_as_those_of_single_images(smooth: float) -> None:
    """How far pixels move, and how much a neighbour, one to the right or one below, moves along."""
    given, chain = Given((3, 32, 24)), always("warp", smooth=smooth)
    singly = stacked(chain, given, [one.steps[0].parameters for one in draw_sheet(chain, given, 3, 300)])
    first, second = singly["0.displacement"], draw_batch(chain, given, 300, seeded(4))["0.displacement"]
    assert (first.shape, first.dtype) == (second.shape, second.dtype) == ((300, 32, 24, 2), torch.float32)
    for place in ((0, 0), (16, 12), (31, 5)):
        for axis in (0, 1):
            assert ks_2samp(first[:, *place, axis].numpy(), second[:, *place, axis].numpy()).pvalue > 1e-4
    for axis in (0, 1):
        assert float(second[..., axis].std()) == pytest.approx(float(first[..., axis].std()), rel=0.03)
        for ahead, behind in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
            along = [
                np.corrcoef(way[..., axis][ahead].flatten().numpy(), way[..., axis][behind].flatten().numpy())[0, 1]
                for way in (first, second)
            ]
            assert along[0] == pytest.approx(along[1], abs=0.02)


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("slug", SLUGS)
def test_each_image_is_changed_as_often_as_the_probability_says(slug: str, chance: float) -> None:
    images = photographs((3, 12, 12), 300)
    given, chain = given_of(images), Chain((step(slug, dict(STRONGER.get(slug, {})), chance),))  # type: ignore[arg-type]
    drawn = draw_batch(chain, given, 300, seeded(2))
    applied = drawn.get("0.applied", torch.ones(300, dtype=torch.bool))
    assert float(applied.float().mean()) == pytest.approx(chance, abs=0.08)
    changed = (apply_batch(chain, given, images, drawn) != images).flatten(1).any(1)
    assert not (changed & ~applied).any()
    if chance:
        assert changed.sum() > 0.5 * applied.sum()
    if (share := share_of(chain, drawn)) is not None:
        assert (share[~applied] == 1).all()


# --- chains -----------------------------------------------------------------------------------------------------------

LONG = "mirror_crop*padding-0.25_rotation*p-0.5_jitter*p-0.8_pca-colour_blur_noise*p-0.3_erasing_cutmix*p-0.7"


def test_a_chain_is_its_steps_one_after_the_other() -> None:
    images, chain = photographs((3, 32, 32)), read_chain(LONG)
    given = given_of(images)
    drawn = draw_batch(chain, given, COUNT, seeded(1))
    wanted = images
    for place, one in enumerate(chain.steps):
        own = {f"0.{name.partition('.')[2]}": t for name, t in drawn.items() if name.startswith(f"{place}.")}
        wanted = apply_batch(Chain((one,)), given, wanted, own)
    assert torch.equal(apply_batch(chain, given, images, drawn), wanted)
    assert not torch.equal(wanted, images)


def test_a_chain_changes_a_batch_as_it_changes_single_images() -> None:
    """The mean and the spread of what becomes of one photograph, pixel by pixel, in 600 draws each."""
    image = photographs((3, 16, 16), 1)[0]
    chain = read_chain("mirror_crop_rotation*p-0.5_jitter*p-0.8_noise*p-0.3_erasing")
    given = Given((3, 16, 16), COVARIANCE)
    singly = torch.stack([apply(image, drawn) for drawn in draw_sheet(chain, given, 5, 600)]).double()
    batch = image.expand(600, -1, -1, -1)
    together = apply_batch(chain, given, batch, draw_batch(chain, given, 600, seeded(6))).double()
    error = (singly.var(0) / 600 + together.var(0) / 600).sqrt() + 1e-9
    scores = (singly.mean(0) - together.mean(0)) / error
    assert scores.abs().mean() < 1.3  # 0.8 for numbers that are normal and independent of each other
    assert scores.abs().max() < 5
    torch.testing.assert_close(singly.std(0).mean(), together.std(0).mean(), rtol=0.03, atol=0)


def test_a_generator_draws_the_same_and_no_other_is_touched() -> None:
    given, chain = Given((3, 32, 32), COVARIANCE), read_chain(LONG)
    torch.manual_seed(11)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first, again, other = (draw_batch(chain, given, 8, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("slug", SLUGS)
def test_on_the_device_nothing_is_read_back_and_nothing_comes_from_the_host(slug: str) -> None:
    """Tensors without values: what asks for one, or meets a tensor elsewhere, raises; so no capture is disturbed."""
    given, chain = Given((3, 32, 32), COVARIANCE), Chain((step(slug, probability=0.5),))
    drawn = {name: numbers.to("meta") for name, numbers in draw_batch(chain, given, 4, seeded()).items()}
    assert all(numbers.dtype != torch.float64 for numbers in drawn.values()), "not every device has it"
    images = torch.empty(4, 3, 32, 32, dtype=torch.uint8, device="meta")
    changed = apply_batch(chain, given, images, drawn)
    assert (changed.shape, changed.dtype, changed.device) == (images.shape, images.dtype, images.device)
    if (share := share_of(chain, drawn)) is not None:
        assert share.shape == (4,)


def test_what_works_on_one_image_alone_is_named() -> None:
    assert set(transforms()) - set(SLUGS) == {"jpeg", "autoaugment", "randaugment", "trivialaugment", "augmix"}
    chain = read_chain("jpeg_mirror_augmix_jpeg")
    assert unbatched(chain) == ("jpeg", "augmix")
    with pytest.raises(BadOption, match="jpeg, augmix"):
        require_batches(chain)
    with pytest.raises(BadOption, match="jpeg, augmix"):
        draw_batch(chain, Given((3, 8, 8)), 2, seeded())
    require_batches(read_chain(LONG))


def test_colours_of_each_image_alone_have_no_batch() -> None:
    with pytest.raises(BadOption, match="covariance"):
        draw_batch(read_chain("pca-colour"), Given((3, 8, 8)), 2, seeded())


def test_the_label_of_a_mixed_image_is_that_of_its_neighbour_as_well() -> None:
    images = torch.zeros(4, 1, 8, 8, dtype=torch.uint8)
    images[:] = torch.tensor([0, 80, 160, 240], dtype=torch.uint8)[:, None, None, None]
    for slug in ("mixup", "cutmix"):
        chain = always(slug, stronger=True)
        drawn = draw_batch(chain, Given((1, 8, 8)), 4, seeded(3))
        share = share_of(chain, drawn)
        assert share is not None
        wanted = share * images.float().mean((1, 2, 3)) + (1 - share) * images.float().mean((1, 2, 3)).roll(1)
        found = apply_batch(chain, Given((1, 8, 8)), images, drawn).float().mean((1, 2, 3))
        torch.testing.assert_close(found, wanted, atol=0.51, rtol=0)
