"""Views are torchvision's, and what they are cut from is what Pillow resizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import CenterCrop, TenCrop

from explorer.averaging import SCHEMES, views_of
from explorer.averaging.grouping import CIFAR_FROM_IMAGENET, groups_for
from explorer.averaging.schemes import margin
from explorer.averaging.views import canvases, cut, resized, softmax_over
from explorer.images import load
from explorer.records import View
from explorer.weights import imagenet

CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def noise(side: int, count: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(side)
    return torch.randint(256, (count, 3, side, side), generator=generator).to(torch.uint8)


@pytest.mark.parametrize("side", [28, 32, 224, 240, 260])
def test_ten_crops_are_torchvisions(side: int) -> None:
    views = views_of("ten", side)
    picture = noise(side + margin(side))
    expected = TenCrop(side)(picture)
    assert len(views) == len(expected) == 10
    for view, crop in zip(views, expected, strict=True):
        assert torch.equal(cut(picture, view), crop)


@pytest.mark.parametrize("side", [28, 32, 224])
def test_one_crop_is_the_middle_and_flip_adds_its_mirror_image(side: int) -> None:
    picture = noise(side + margin(side))
    middle = CenterCrop(side)(picture)
    (one,), flip = views_of("one", side), views_of("flip", side)
    assert torch.equal(cut(picture, one), middle)
    assert [torch.equal(cut(picture, view), x) for view, x in zip(flip, (middle, middle.flip(-1)), strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize("side", [28, 32, 224, 260])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_view_lies_in_its_picture(scheme: str, side: int) -> None:
    for view in views_of(scheme, side):
        assert view.top >= 0
        assert view.left >= 0
        assert max(view.top, view.left) + view.side <= view.canvas


def test_multi_scale_sees_the_whole_image() -> None:
    views = views_of("multi", 224)
    assert [(view.canvas, view.side, view.mirrored) for view in views] == [
        (size, size, mirrored) for mirrored in (False, True) for size in (224, 256, 320)
    ]


def test_small_images_get_borders_and_larger_scales_are_resized() -> None:
    images = noise(32)
    ten, multi = views_of("ten", 32), views_of("multi", 32)
    made = canvases(images, ten + multi, 32)
    assert set(made) == {40, 32, 36, 44}
    assert torch.equal(made[40][..., 4:36, 4:36], images)
    assert int(made[40].sum()) == int(images.sum())
    assert torch.equal(made[32], images)


@pytest.mark.parametrize("size", [36, 256])
def test_enlarging_is_pillows(size: int) -> None:
    small = Image.fromarray(load("cat")).resize((32, 32))
    images = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None]
    ours = resized(images, size)[0].permute(1, 2, 0).numpy().astype(int)
    assert abs(ours - np.asarray(small.resize((size, size), Image.Resampling.BICUBIC))).max() <= 1


def test_every_imagenet_class_stands_for_one_class_at_most_and_means_it() -> None:
    indices = [index for group in CIFAR_FROM_IMAGENET.values() for index in group]
    assert len(indices) == len(set(indices))
    assert len(CIFAR_FROM_IMAGENET["dog"]) == 118
    assert len(CIFAR_FROM_IMAGENET["bird"]) == 59
    names = {name: [imagenet()[index] for index in group] for name, group in CIFAR_FROM_IMAGENET.items()}
    assert names["airplane"] == ["airliner", "warplane"]
    assert names["cat"] == ["tabby", "tiger cat", "Persian cat", "Siamese cat", "Egyptian cat"]
    assert names["frog"] == ["bullfrog", "tree frog", "tailed frog"]
    assert names["horse"] == ["sorrel"]
    assert names["truck"] == ["fire engine", "garbage truck", "moving van", "pickup", "tow truck", "trailer truck"]
    assert names["automobile"] == [
        *("beach wagon", "cab", "convertible", "jeep", "limousine", "minivan", "Model T", "racer", "sports car")
    ]
    assert names["ship"] == [
        *("aircraft carrier", "canoe", "catamaran", "container ship", "fireboat", "gondola", "lifeboat", "liner"),
        *("pirate", "schooner", "speedboat", "submarine", "trimaran", "yawl"),
    ]
    assert (names["bird"][0], names["bird"][-1]) == ("cock", "albatross")
    assert (names["dog"][0], names["dog"][-1]) == ("Chihuahua", "Mexican hairless")


def test_classes_without_a_counterpart_are_left_out() -> None:
    classes, groups = groups_for(imagenet(), CIFAR)
    assert classes == tuple(name for name in CIFAR if name != "deer")
    assert groups[classes.index("horse")] == (339,)
    assert groups_for(CIFAR, CIFAR) == (CIFAR, tuple((index,) for index in range(10)))
    with pytest.raises(ValueError, match="cannot be read"):
        groups_for(("a", "b"), CIFAR)


def test_a_group_has_the_mean_share_of_its_categories() -> None:
    logits = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    groups = [(0, 2, 4), (5,)]
    shares = logits.softmax(1)
    means = torch.stack([shares[:, list(group)].mean(1) for group in groups], 1)
    torch.testing.assert_close(softmax_over(logits, groups), means / means.sum(1, keepdim=True))


def test_views_are_plain() -> None:
    assert views_of("one", 224) == (View(256, 16, 16, 224),)
