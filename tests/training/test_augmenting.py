"""What a run does to its images: nothing, the first version's crops, or a chain; and how many images it has."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from explorer import datasets
from explorer.errors import BadOption, UnknownEntry
from explorer.records import Given, Normalize, TrainConfig
from explorer.training import Normalizer, train
from explorer.training.augmenting import canonical, chain_of
from explorer.training.feeding import Batch, Feed
from explorer.training.parsing import configurations
from explorer.training.presets import AUGMENTATIONS, DIGITS, EXPERIMENTS, SEEDS
from explorer.training.setup import Setup, training_data
from explorer.transforms import read_chain, rgb_covariance
from explorer.transforms.batched import apply_batch, draw_batch, share_of

CPU = torch.device("cpu")
QUICK = replace(DIGITS, options=(("depth", 8), ("base", 4)), dataset="shapes", batch=32, steps=4, eval_every=4)
MIXED = "mirror_crop*p-0.5_pca-colour*sigma-1_cutmix*p-0.7"


def fed(config: TrainConfig) -> tuple[Batch, dict[str, torch.Tensor]]:
    """The first batch of a run, and the row it was made of."""
    data = training_data(config)
    feed = Feed(config, data, Normalizer.of(Normalize.of("raw", data.mean, data.std)), CPU)
    row = dict(feed.draw(0))
    return feed.batch(row), row


def test_a_batch_is_what_the_chain_makes_of_its_images() -> None:
    """Worked out again with the numbers of the row, and those numbers drawn again from the seed."""
    config, data = replace(QUICK, augment=MIXED, seed=3), datasets.load("shapes")
    batch, row = fed(config)
    chain, given = read_chain(MIXED), Given((3, 32, 32), rgb_covariance(data.train_images))
    drawn = draw_batch(chain, given, 32, torch.Generator().manual_seed(3 + 7_919))
    images, labels = data.train_images[row["indices"]], data.train_labels[row["indices"]]
    assert torch.equal(batch.x, apply_batch(chain, given, images, drawn).float())
    assert torch.equal(batch.labels, labels)
    share = share_of(chain, drawn)
    assert share is not None
    for n in range(32):
        wanted = torch.zeros(len(data.classes))
        wanted[labels[n]] += share[n]
        wanted[labels[n - 1]] += 1 - share[n]
        torch.testing.assert_close(batch.target[n], wanted)


def test_without_mixing_the_target_is_the_label() -> None:
    for augment in ("none", "crop-flip", "crop_mirror_noise"):
        batch, _ = fed(replace(QUICK, augment=augment))
        assert torch.equal(batch.target, batch.labels)


def test_the_chain_of_crop_and_mirror_is_the_crop_and_flip_of_the_first_version_in_distribution() -> None:
    """Of an image that is one white pixel in the middle: how often it lands where."""
    data = datasets.load("shapes")
    white = torch.zeros_like(data.train_images)
    white[:, :, 16, 10] = 255
    places = {}
    for augment in ("crop-flip", "crop_mirror"):
        config = replace(QUICK, augment=augment, batch=4_000)
        feed = Feed(config, replace(data, train_images=white), Normalizer.of(Normalize.of("raw", (), ())), CPU)
        feed._scale = lambda images: images  # type: ignore[assignment]
        found = feed.batch(feed.draw(0)).x[:, 0].flatten(1).argmax(1)
        places[augment] = torch.stack([found // 32, found % 32], 1).double()
    first, second = places["crop-flip"], places["crop_mirror"]
    torch.testing.assert_close(first.mean(0), second.mean(0), atol=0.4, rtol=0)
    torch.testing.assert_close(first.std(0), second.std(0), atol=0.25, rtol=0)


@pytest.mark.parametrize(
    ("augment", "says"),
    [
        ("jpeg_mirror_augmix", "jpeg, augmix"),
        ("mirror*p-2", "0 to 1"),
        ("cutmix_mirror", "last"),
        ("crop*side-1", "side"),
    ],
)
def test_a_chain_that_no_batch_can_have_is_refused_where_a_run_is_asked_for(augment: str, says: str) -> None:
    config = replace(QUICK, augment=augment)
    with pytest.raises(BadOption, match=says):
        chain_of(config)
    with pytest.raises(BadOption, match=says):
        Setup.of(config)
    with pytest.raises(BadOption, match=says):
        configurations("digits", [f"augment={augment}"])
    with pytest.raises(BadOption, match=says):
        next(train(config, device="cpu"))


def test_an_unknown_transform_is_refused_with_those_that_are_like_it() -> None:
    with pytest.raises(UnknownEntry, match="mirror"):
        configurations("digits", ["augment=miror"])


def test_images_are_mixed_once() -> None:
    with pytest.raises(BadOption, match="once"):
        chain_of(replace(QUICK, augment="mirror_mixup", mixup=0.2))
    assert chain_of(replace(QUICK, augment="mirror", mixup=0.2)) == read_chain("mirror")


@pytest.mark.parametrize("augment", ["", "Mirror", "crop*padding", "a" * 601, "mirror crop", "mirror__crop", "../x", 5])
def test_what_cannot_be_a_chain_is_no_configuration(augment: object) -> None:
    with pytest.raises(BadOption, match="crop-flip, or a chain"):
        replace(QUICK, augment=augment)


def test_one_chain_has_one_text_so_that_equal_runs_are_equal() -> None:
    assert canonical("crop*padding-0.125_mirror*p-0.50") == "crop_mirror"
    assert canonical("none") == "none"
    assert canonical("crop-flip") == "crop-flip"
    (config, *_) = configurations("digits", ["augment=crop*padding-0.1250"])
    assert config.augment == "crop"


# --- some of the images -----------------------------------------------------------------------------------------------


def test_a_run_sees_so_many_images_of_each_class_and_is_scaled_by_them() -> None:
    config = replace(QUICK, per_class=7, seed=2)
    chosen = Setup.of(config).data
    whole = datasets.load("shapes")
    assert torch.bincount(chosen.train_labels).tolist() == [7] * len(whole.classes)
    assert torch.equal(chosen.test_images, whole.test_images)
    pixels = chosen.train_images.double()
    assert Setup.of(config).normalize.mean == pytest.approx(pixels.mean((0, 2, 3)).tolist())
    other = Setup.of(replace(config, seed=3)).data
    assert not torch.equal(chosen.train_images, other.train_images)
    points = list(train(config, device="cpu"))
    assert points[-1].epoch == pytest.approx(4 * 32 / 70)


def test_a_class_with_too_few_images_is_said() -> None:
    with pytest.raises(BadOption, match="1000 images of each class"):
        Setup.of(replace(QUICK, per_class=1_000))


def test_fields_that_came_later_leave_the_keys_of_older_runs_alone() -> None:
    """The key of a run that has every value of its own, as it was before chains and selections of images."""
    assert "per_class" not in QUICK.to_json()
    assert "per_class" in replace(QUICK, per_class=3).to_json()
    assert TrainConfig.from_json(replace(QUICK, per_class=3).to_json()) == replace(QUICK, per_class=3)
    assert EXPERIMENTS["cifar-he"].configs[0].key == "ec5dd2ba1993de94"


# --- with against without ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["augmentation-cifar", "augmentation-shapes"])
def test_with_against_without_differs_in_the_augmentation_alone(name: str) -> None:
    configs = EXPERIMENTS[name].configs
    assert len(set(configs)) == len(AUGMENTATIONS) * SEEDS
    assert {(config.augment, config.seed) for config in configs} == {
        (a, s) for a in AUGMENTATIONS for s in range(SEEDS)
    }
    assert len({replace(config, augment="none", seed=0) for config in configs}) == 1
    for config in configs:
        assert canonical(config.augment) == config.augment
        chain_of(config)
        assert config.eval_every % config.log_every == 0
