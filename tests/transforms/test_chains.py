"""Chains: their text in an address, their draws, and the code that draws the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from explorer.errors import BadOption, ExplorerError, UnknownEntry
from explorer.records import Chain, Given
from explorer.transforms import (
    MOST_STEPS,
    apply,
    code,
    draw_sheet,
    mixes,
    read_chain,
    step,
    transform,
    transforms,
    write_chain,
)
from explorer.transforms.covariance import rgb_covariance
from tests.transforms.test_catalogue import photograph

LONG = (
    "crop*padding-0.25_mirror_rotation*degrees-10_warp*strength-0.5_jitter*p-0.8*hue-0.2_rgb-shift*law-uniform"
    "_pca-colour*sigma-0.5_blur_noise*p-0.3_randaugment*m-5_erasing*fill-255_cutmix*p-0.7"
)


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["none", "mirror", "mirror*p-0.25", "erasing*p-1*fill-0", "resized-crop_mirror_mixup", LONG]
)
def test_the_text_of_a_chain_is_canonical(text: str) -> None:
    assert write_chain(read_chain(text)) == text


def test_what_is_the_default_is_not_said() -> None:
    chain = read_chain("rotation*degrees-15.0*p-1_jitter*saturation-0.4*hue-0.05_pca-colour*root-1")
    assert write_chain(chain) == "rotation_jitter*hue-0.05_pca-colour*root-1"
    assert read_chain("rotation*degrees-015") == read_chain("rotation")


@pytest.mark.parametrize("slug", transforms())
def test_every_transform_can_be_written_and_read(slug: str) -> None:
    spec = transform(slug)
    for control in spec.controls:
        for value in control.choices or (control.low, control.high):
            kind = type(control.default)
            one = Chain((step(slug, {control.name: kind(value)}, 0.5),))
            assert read_chain(write_chain(one)) == one


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no-such",
        "mirror__crop",
        "_",
        "*",
        "mirror*",
        "mirror*p",
        "mirror*p-",
        "mirror*p-2",
        "mirror*p--1",
        "mirror*p-nan",
        "mirror*p-1e3",
        "mirror*p-0.5.5",
        "mirror*p-٣",
        "mirror*degrees-3",
        "rotation*degrees-181",
        "rotation*degrees-inf",
        "jpeg*low-10.5",
        "jpeg*low-0",
        "erasing*fill-7",
        "pca-colour*root-2",
        "rgb-shift*law-cauchy",
        "autoaugment*policy-",
        "mixup_mirror",
        "mixup_cutmix",
        "_".join(["mirror"] * (MOST_STEPS + 1)),
        "mirror" * 200,
        "mirror\x00",
        "<script>alert(1)</script>",
        "镜像",
    ],
)
def test_a_text_that_is_no_chain_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ExplorerError) as refused:
        read_chain(text)
    assert 0 < len(str(refused.value)) < 400


def test_an_unknown_transform_is_met_with_the_nearest_names() -> None:
    with pytest.raises(UnknownEntry, match="rotation"):
        read_chain("rotations")


# --- draws ------------------------------------------------------------------------------------------------------------


def test_a_longer_sheet_begins_like_a_shorter_one() -> None:
    given, chain = Given((3, 48, 48)), read_chain("resized-crop_mirror_jitter*p-0.8")
    image = photograph()
    short, long = (draw_sheet(chain, given, 4, count) for count in (5, 9))
    assert all(torch.equal(apply(image, a), apply(image, b)) for a, b in zip(short, long, strict=False))


def test_the_same_draw_on_another_image_has_the_same_numbers() -> None:
    (drawn,) = draw_sheet(read_chain("rgb-shift"), Given((3, 48, 48)), 4, 1)
    shift = [number.value for number in drawn.steps[0].numbers]
    for slug in ("cat", "coffee"):
        image = photograph(slug).clamp(100, 120)  # nothing reaches 0 or 255
        moved = (apply(image, drawn).double() - image).mean((1, 2))
        assert moved.tolist() == pytest.approx(shift, abs=0.5)


def test_mixing_needs_a_second_image_which_is_augmented_as_well() -> None:
    chain, given = read_chain("mirror*p-1_cutmix"), Given((3, 48, 48))
    assert mixes(chain)
    drawn = next(drawn for drawn in draw_sheet(chain, given, 1, 20) if drawn.share < 0.9)
    with pytest.raises(BadOption, match="second image"):
        apply(photograph(), drawn)
    image, partner = photograph(), photograph("coffee")
    mixed = apply(image, drawn, partner)
    left, top, right, bottom = drawn.steps[-1].parameters["box"]
    assert torch.equal(mixed[:, top:bottom, left:right], partner.flip(2)[:, top:bottom, left:right])
    assert drawn.share == pytest.approx(1 - (right - left) * (bottom - top) / 48**2)


def test_an_empty_chain_changes_nothing() -> None:
    (drawn,) = draw_sheet(Chain(), Given((3, 48, 48)), 1, 1)
    assert torch.equal(apply(photograph(), drawn), photograph())


# --- code -------------------------------------------------------------------------------------------------------------


def drawn_by_the_code(chain: Chain, given: Given, seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list:
    """What the program of a chain computes, in a folder with the two images that it reads."""
    for name, slug in (("image", "cat"), ("partner", "coffee")):
        pixels = photograph(slug, given.shape).permute(1, 2, 0).squeeze(2).numpy()
        Image.fromarray(pixels).save(folder / f"{name}.png")
    monkeypatch.chdir(folder)
    names: dict = {}
    with torch.random.fork_rng(devices=()):
        exec(compile(code(chain, given, seed, 6), "pasted.py", "exec"), names)
    return names["draws"]


@pytest.mark.parametrize("shape", [(3, 40, 48), (1, 28, 28)], ids=["colour", "grey"])
@pytest.mark.parametrize("text", ["none", *transforms(), LONG])
def test_pasted_code_draws_the_same_pixels(
    text: str, shape: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Given(shape, rgb_covariance(photograph("rocket", shape)))
    chain, image, partner = read_chain(text), photograph("cat", shape), photograph("coffee", shape)
    pasted = drawn_by_the_code(chain, given, 12, tmp_path, monkeypatch)
    drawn = draw_sheet(chain, given, 12, 6)
    assert len(pasted) == 6
    assert all(torch.equal(apply(image, one, partner), other) for one, other in zip(drawn, pasted, strict=True))
    if text == LONG:
        assert not all(torch.equal(image, other) for other in pasted)


def test_code_is_plain_torchvision_where_it_can_be() -> None:
    written = code(read_chain("resized-crop_mirror_jitter*p-0.8"), Given((3, 224, 224)), 1, 24)
    assert "class" not in written
    assert "v2.RandomResizedCrop(size=(224, 224), scale=(0.08, 1.0)" in written
    assert "v2.RandomApply([v2.ColorJitter(" in written
    assert "explorer" not in code(read_chain(LONG), Given((3, 224, 224)), 1, 24)
