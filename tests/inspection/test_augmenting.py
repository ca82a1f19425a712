"""Augmented images, the colours of images and mirrored sets, each against another way to compute it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer import datasets
from explorer.images import fitted, load
from explorer.inspection import (
    SIDE,
    answers,
    augmented_sheet,
    colours_of_dataset,
    colours_of_image,
    drawn_numbers,
    mirrored_set,
    shift,
    shifted,
    square,
    swept,
)
from explorer.models import pretrained_model, shipped_model
from explorer.records import Given
from explorer.transforms import read_chain, step, transform
from explorer.transforms.entries.colour import PCAColour
from explorer.ui.parts.practice.augmentation import PRESETS
from tests.inspection.conftest import lenet, resnet

GIVEN = Given((3, SIDE, SIDE))


def plainly(slug: str) -> np.ndarray:
    return fitted(load(slug), (SIDE, SIDE))


def test_a_sheet_holds_each_draw_on_the_middle_of_the_image() -> None:
    found = augmented_sheet(load("cat"), load("coffee"), read_chain("mirror"), GIVEN, 3, 12)
    assert found.images.shape == (12, SIDE, SIDE, 3)
    applied = [drawn.steps[0].applied for drawn in found.drawn]
    assert 0 < sum(applied) < 12
    for image, turned in zip(found.images, applied, strict=True):
        assert np.array_equal(image, plainly("cat")[:, ::-1] if turned else plainly("cat"))


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (7, 300), (600, 400)])
def test_an_image_of_any_size_is_made_a_square(size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 77, np.uint8)
    assert square(image).shape == (3, SIDE, SIDE)
    assert (square(image) == 77).all()


def test_a_sweep_has_the_same_random_numbers_each_time() -> None:
    found = swept(load("cat"), load("coffee"), "rotation", "degrees", GIVEN, 4)
    assert found.values == (0, 22.5, 45, 67.5, 90, 112.5, 135, 157.5, 180)
    angles = [drawn.steps[0].numbers[0].value for drawn in found.augmented.drawn]
    assert angles[0] == 0
    assert all(angle is not None for angle in angles)
    ratios = {round((angle or 0) / float(value), 5) for angle, value in zip(angles[1:], found.values[1:], strict=True)}
    assert len(ratios) == 1
    assert np.array_equal(found.augmented.images[0], plainly("cat"))


@pytest.mark.parametrize(("slug", "name"), [("erasing", "fill"), ("autoaugment", "policy"), ("randaugment", "m")])
def test_a_sweep_goes_through_choices_and_whole_numbers(slug: str, name: str) -> None:
    found = swept(load("cat"), load("coffee"), slug, name, GIVEN, 1)
    control = transform(slug).control(name)
    assert all(control.accepts(value) for value in found.values)
    assert len(set(found.values)) == len(found.values) == len(found.augmented.images)
    if control.choices:
        assert found.values == control.choices
    else:
        assert all(isinstance(value, int) for value in found.values)


def test_drawn_numbers_are_those_of_many_draws_in_which_the_step_is_applied() -> None:
    numbers = drawn_numbers(step("rgb-shift", {"sigma": 10.0}, 0.1), GIVEN, 1, 500)
    assert set(numbers) == {"red", "green", "blue"}
    assert all(len(values) == 500 for values in numbers.values())
    spread = np.std([value for values in numbers.values() for value in values if value is not None])
    assert spread == pytest.approx(10, rel=0.1)


def test_answers_are_those_of_the_network_to_each_image() -> None:
    images = np.stack([plainly("cat"), plainly("rocket")])
    found = answers(resnet(), images)
    with torch.no_grad():
        network = resnet().instantiate()
        shares = [network(resnet().preprocess(image)).softmax(1)[0] for image in images]
    assert [answer.index for answer in found] == [int(each.argmax()) for each in shares]
    assert [answer.share for answer in found] == pytest.approx([float(each.max()) for each in shares], abs=1e-5)


def test_a_grey_model_answers_too() -> None:
    assert all(0 <= answer.index < 10 for answer in answers(lenet(), plainly("cat")[None]))


@pytest.mark.parametrize("slug", ["cat", "coffee"])
def test_a_cloud_has_the_components_of_numpys_covariance(slug: str) -> None:
    found = colours_of_image(load(slug))
    pixels = plainly(slug).reshape(-1, 3) / 255
    values, vectors = np.linalg.eigh(np.cov(pixels.T, bias=True))
    assert found.values == pytest.approx(values[::-1], abs=1e-7)
    assert np.abs((found.vectors * vectors.T[::-1]).sum(1)) == pytest.approx(1, abs=1e-5)
    assert (found.vectors[np.arange(3), np.abs(found.vectors).argmax(1)] > 0).all()
    assert found.mean == pytest.approx(pixels.mean(0), abs=1e-9)
    assert sum(found.shares) == pytest.approx(1)
    assert found.points.min() >= 0
    assert found.points.max() <= 1


def test_the_colours_of_a_data_set_are_those_of_its_training_images() -> None:
    found = colours_of_dataset("shapes")
    images = datasets.load("shapes").train_images[:1000].permute(0, 2, 3, 1).reshape(-1, 3).double().numpy() / 255
    assert found.values == pytest.approx(np.linalg.eigvalsh(np.cov(images.T, bias=True))[::-1], abs=1e-7)


def test_the_colours_of_one_colour_have_no_variance() -> None:
    found = colours_of_image(np.full((9, 9, 3), 200, np.uint8))
    assert found.shares == (0, 0, 0)
    assert np.isfinite(found.vectors).all()


def test_a_shift_along_a_component_is_that_of_the_transform() -> None:
    found = colours_of_image(load("cat"))
    covariance = torch.tensor(found.covariance, dtype=torch.float64)
    for component in range(3):
        alphas = 0.3 * torch.eye(3, dtype=torch.float64)[component]
        wanted = PCAColour(0.1).shift(covariance, alphas).numpy()
        assert shift(found, component, 0.3) == pytest.approx(wanted, abs=1e-9)
        (moved,) = shifted(load("cat"), found, component, (0.3,))
        after = PCAColour(0.1, found.covariance).transform(square(load("cat")), {"alphas": alphas})
        assert np.array_equal(moved, after.permute(1, 2, 0).numpy())


def test_what_the_lesson_says_of_the_cat_is_so() -> None:
    model, cat = pretrained_model("efficientnet-lite0"), load("cat")
    (first,) = answers(model, plainly("cat")[None])
    assert round(100 * first.share) == 38
    for chain, kept in (("resized-crop", 23), ("mirror", 24), ("jitter", 16), (PRESETS["much"], 6)):
        found = answers(model, augmented_sheet(cat, load("coffee"), read_chain(chain), GIVEN, 2, 24).images)
        same = [answer.share for answer in found if answer.index == first.index]
        assert len(same) == kept, chain
        if chain == "resized-crop":
            assert round(100 * sum(same) / 24) == 48
    colours = colours_of_image(cat)
    assert [round(255 * float(shift(colours, 0, 0.1, root=root).max()), 1) for root in (False, True)] == [0.7, 3.2]


def test_a_mirrored_set_is_counted_image_by_image() -> None:
    model = shipped_model("lenet-lab-90af4ec6f73d695b")
    found = mirrored_set(model, "digits28")
    data, network = datasets.load("digits28"), model.instantiate()
    right, turned, taken = [0] * 10, [0] * 10, [[0] * 10 for _ in range(10)]
    with torch.no_grad():
        for image, label in zip(data.test_images, data.test_labels.tolist(), strict=True):
            right[label] += int(network(model.scale(image[None])).argmax()) == label
            answer = int(network(model.scale(image.flip(2)[None])).argmax())
            turned[label] += answer == label
            taken[label][answer] += 1
    assert (found.right, found.right_mirrored) == (tuple(right), tuple(turned))
    assert sum(found.counts) == len(data.test_labels)
    assert all(counts[answer] == max(counts) for counts, answer in zip(taken, found.taken_for, strict=True))
    assert (sum(right), sum(turned), turned[5], turned[6]) == (348, 145, 0, 0), "as the lesson says"
