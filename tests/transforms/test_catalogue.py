"""Every transform of the catalogue: what it draws, what it does, and that it is torchvision's."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.transforms import v2

from explorer.errors import BadOption
from explorer.images import fitted, load
from explorer.records import Chain, Drawn, Given, Quantity, Step
from explorer.transforms import (
    GROUPS,
    TransformSpec,
    apply,
    draw,
    draw_sheet,
    drawing_from,
    settings,
    step,
    transform,
    transforms,
)
from explorer.transforms.covariance import rgb_covariance
from explorer.transforms.entries.colour import PCAColour

SIDE = 48
SHAPES = {
    "colour": (3, SIDE, SIDE),
    "grey": (1, SIDE, SIDE),
    "digit": (1, 28, 28),
    "tiny": (3, 8, 8),
    "flat": (3, 5, 9),
}
SLUGS = sorted(transforms())


def photograph(slug: str = "cat", shape: tuple[int, ...] = (3, SIDE, SIDE)) -> Tensor:
    pixels = torch.from_numpy(fitted(load(slug), (shape[1], shape[2])).transpose(2, 0, 1).copy())
    return pixels[: shape[0]].contiguous()


def always(slug: str, **options: object) -> Chain:
    return Chain((step(slug, dict(options), 1.0),))  # type: ignore[arg-type]


def drawn_numbers(slug: str, count: int = 400, **options: object) -> dict[str, np.ndarray]:
    """Every number that a transform draws on an image of 48 x 48, by its name, from one seed."""
    found: dict[str, list[float]] = {}
    for drawn in draw_sheet(always(slug, **options), Given(SHAPES["colour"]), 5, count):
        for quantity in drawn.steps[0].numbers:
            assert quantity.value is not None
            found.setdefault(quantity.name, []).append(quantity.value)
    return {name: np.array(values) for name, values in found.items()}


# --- every one of them ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("slug", SLUGS)
def test_an_image_stays_an_image(slug: str, shape: tuple[int, ...]) -> None:
    image, partner = photograph(shape=shape), photograph("coffee", shape)
    before = image.clone()
    for drawn in draw_sheet(always(slug), Given(shape), 1, 6):
        after = apply(image, drawn, partner)
        assert after.dtype == torch.uint8
        assert after.shape == image.shape
    assert torch.equal(image, before), "what is given is not changed"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_seed_draws_the_same_and_another_one_does_not(slug: str) -> None:
    image, partner, given = photograph(), photograph("coffee"), Given(SHAPES["colour"])

    def sheet(seed: int) -> list[Tensor]:
        return [apply(image, drawn, partner) for drawn in draw_sheet(Chain((step(slug),)), given, seed, 8)]

    first = sheet(3)
    assert all(map(torch.equal, first, sheet(3)))
    assert not all(map(torch.equal, first, sheet(4)))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_draw_leaves_the_random_numbers_of_others_alone(slug: str) -> None:
    torch.manual_seed(11)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    generator = torch.Generator().manual_seed(2)
    drawn = draw(always(slug), Given(SHAPES["colour"]), generator)
    apply(photograph(), drawn, photograph("coffee"))
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()
    if slug not in ("mirror", "grey"):  # nothing but whether they are applied
        assert not torch.equal(generator.get_state(), torch.Generator().manual_seed(2).get_state())


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if transform(slug).still is not None])
def test_without_strength_nothing_changes(slug: str) -> None:
    image = photograph()
    for drawn in draw_sheet(always(slug, **dict(transform(slug).still or {})), Given(SHAPES["colour"]), 3, 6):
        assert torch.equal(apply(image, drawn), image)


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("slug", SLUGS)
def test_it_is_applied_as_often_as_its_probability_says(slug: str, chance: float) -> None:
    generator, given = torch.Generator().manual_seed(8), Given((3, 12, 12))
    draws = [draw(Chain((step(slug, probability=chance),)), given, generator) for _ in range(300)]
    share = np.mean([drawn.steps[0].applied for drawn in draws])
    assert share == pytest.approx(chance, abs=0.08)
    skipped = [drawn for drawn in draws if not drawn.steps[0].applied]
    image = photograph(shape=(3, 12, 12))
    assert all(not drawn.steps[0].numbers and torch.equal(apply(image, drawn), image) for drawn in skipped[:3])


@pytest.mark.parametrize("slug", SLUGS)
def test_its_declaration_is_sound(slug: str) -> None:
    spec = transform(slug)
    assert spec.group in GROUPS
    assert all(control.accepts(control.default) for control in spec.controls)
    if spec.swept:
        assert spec.control(spec.swept).high > spec.control(spec.swept).low
    if spec.still is not None:
        assert settings(Step(slug, tuple(spec.still.items())))
    with pytest.raises(BadOption):
        spec.control("no such")


# --- the numbers that are drawn ---------------------------------------------------------------------------------------

Law = tuple[dict[str, object], str, float, float, float, float]
"""Options, a number's name, the interval in which it lies, its mean and its standard deviation (nan: not held)."""

NAN = float("nan")
ROOT3, ROOT12 = 3**0.5, 12**0.5
LAWS: dict[str, Law] = {
    "crop": ({"padding": 0.25}, "right", -12, 12, 0, (25**2 - 1) ** 0.5 / ROOT12),
    "resized-crop": ({"low": 0.5}, "area", 49, 100, NAN, NAN),
    "rotation": ({"degrees": 30.0}, "angle", -30, 30, 0, 30 / ROOT3),
    "shear": ({"degrees": 20.0}, "shear_y", -20, 20, 0, 20 / ROOT3),
    "perspective": ({"distortion": 0.5}, "top_left", 0, 13 * 2**0.5, NAN, NAN),
    "warp": ({"strength": 0.5, "smooth": 0.05}, "mean", 0, 24, NAN, NAN),
    "jitter": ({"brightness": 0.3}, "brightness", 0.7, 1.3, 1, 0.3 / ROOT3),
    "rgb-shift": ({"sigma": 20.0}, "green", -90, 90, 0, 20),
    "pca-colour": ({"sigma": 0.1}, "alpha_2", -0.5, 0.5, 0, 0.1),
    "blur": ({"sigma": 0.04}, "sigma", 0.1, 1.92, 1.01, 1.82 / ROOT12),
    "noise": ({"sigma": 0.1}, "spread", 24, 27, 25.5, NAN),
    "jpeg": ({"low": 21}, "quality", 21, 100, 60.5, (80**2 - 1) ** 0.5 / ROOT12),
    "erasing": ({"high": 0.2}, "area", 1, 22, NAN, NAN),
    "cutout": ({"side": 0.5}, "area", 6, 25, NAN, NAN),
    "mixup": ({"alpha": 1.0}, "share", 0, 100, 50, 100 / ROOT12),
    "cutmix": ({"alpha": 1.0}, "share", 0, 100, NAN, NAN),
}


@pytest.mark.parametrize("slug", LAWS)
def test_numbers_follow_their_law(slug: str) -> None:
    options, name, low, high, mean, std = LAWS[slug]
    values = drawn_numbers(slug, 40 if slug == "warp" else 400, **options)[name]
    assert low <= values.min() < values.max() <= high
    if mean == mean:
        assert values.mean() == pytest.approx(mean, abs=0.15 * (high - low) / 2)
    if std == std:
        assert values.std() == pytest.approx(std, rel=0.12)


def test_every_transform_with_numbers_has_its_law_here() -> None:
    assert set(LAWS) | {"mirror", "grey"} == {slug for slug in SLUGS if transform(slug).group != "policy"}


def test_a_uniform_shift_stays_inside_and_a_normal_one_does_not() -> None:
    uniform = drawn_numbers("rgb-shift", sigma=20.0, law="uniform")["red"]
    assert np.abs(uniform).max() <= 20
    assert uniform.std() == pytest.approx(20 / ROOT3, rel=0.12)
    assert np.abs(drawn_numbers("rgb-shift", sigma=20.0)["red"]).max() > 40


def test_the_corners_of_a_perspective_are_those_that_were_drawn() -> None:
    """Against the places that torchvision draws, before it makes coefficients of them."""
    (drawn,) = draw_sheet(always("perspective", distortion=0.5), Given((3, 40, 60)), 9, 1)
    torch.manual_seed(9)
    torch.rand(1)  # whether it is applied
    places = [int(torch.randint(low, high, (1,))) for low, high in [(0, 16), (0, 11), (44, 60), (0, 11)]]
    moved = [np.hypot(places[0], places[1]), np.hypot(places[2] - 59, places[3])]
    assert [number.value for number in drawn.steps[0].numbers[:2]] == pytest.approx(moved, abs=0.02)


def test_the_shares_of_a_mixed_label_are_those_of_the_pixels() -> None:
    white, black = torch.full((3, SIDE, SIDE), 255, dtype=torch.uint8), torch.zeros(3, SIDE, SIDE, dtype=torch.uint8)
    for slug in ("mixup", "cutmix"):
        for drawn in draw_sheet(always(slug, alpha=1.0), Given(SHAPES["colour"]), 2, 20):
            share = float(apply(white, drawn, black).double().mean() / 255)
            assert share == pytest.approx(drawn.share, abs=0.5 / 255 + 1e-6)


def operations(drawn: Drawn) -> list[Quantity]:
    return [number for number in drawn.steps[0].numbers if number.name not in ("share", "weight")]


def test_a_policy_says_which_operations_it_drew() -> None:
    given = Given(SHAPES["colour"])
    two = draw_sheet(always("randaugment", n=2, m=10), given, 1, 100)
    assert all(len(operations(drawn)) == 2 for drawn in two)
    rotated = {q.value for drawn in two for q in operations(drawn) if q.name == "Rotate"}
    assert {abs(value) for value in rotated if value is not None} == {10.0}  # of 30 degrees in 31 steps
    assert len({q.name for drawn in two for q in operations(drawn)}) == 14
    assert all(len(operations(drawn)) == 1 for drawn in draw_sheet(always("trivialaugment"), given, 1, 30))
    assert all(len(operations(drawn)) <= 2 for drawn in draw_sheet(always("autoaugment"), given, 1, 30))
    assert all(3 <= len(operations(drawn)) <= 9 for drawn in draw_sheet(always("augmix"), given, 1, 30))


# --- AlexNet's colours ------------------------------------------------------------------------------------------------


def by_hand(image: np.ndarray, alphas: np.ndarray, root: bool) -> np.ndarray:
    """The shift of each channel in NumPy and float64; the largest number of each eigenvector is positive."""
    pixels = image.reshape(len(image), -1).astype(np.float64) / 255
    centred = pixels - pixels.mean(1, keepdims=True)
    values, vectors = np.linalg.eigh(centred @ centred.T / pixels.shape[1])
    shift = np.zeros(len(image))
    for alpha, value, vector in zip(alphas, values[::-1], vectors.T[::-1], strict=True):
        sign = np.sign(vector[np.abs(vector).argmax()])
        shift += sign * vector * alpha * (np.sqrt(max(value, 0)) if root else value)
    return shift


@pytest.mark.parametrize("root", [False, True])
@pytest.mark.parametrize("slug", ["cat", "coffee", "rocket"])
def test_pca_colour_is_that_of_a_computation_by_hand(slug: str, root: bool) -> None:
    image, alphas = photograph(slug), torch.tensor([0.13, -0.21, 0.05], dtype=torch.float64)
    covariance = torch.tensor(rgb_covariance(image), dtype=torch.float64)
    shift = PCAColour(0.1, root=root).shift(covariance, alphas)
    assert shift.numpy() == pytest.approx(by_hand(image.numpy(), alphas.numpy(), root), abs=1e-6)
    one = torch.eye(3, dtype=torch.float64)  # one component at a time: an eigenvector times its eigenvalue
    values, vectors = np.linalg.eigh(covariance.numpy())
    for component, value, vector in zip(one, values[::-1], vectors.T[::-1], strict=True):
        along = PCAColour(0.1).shift(covariance, component).numpy()
        assert np.linalg.norm(along) == pytest.approx(value, abs=1e-9)
        assert abs(along @ vector) == pytest.approx(value, abs=1e-9)  # NumPy's eigenvector, up to its sign
    after = PCAColour(0.1, rgb_covariance(image), root).transform(image, {"alphas": alphas})
    expected = (image.numpy() + 255 * shift.numpy()[:, None, None]).round().clip(0, 255)
    assert np.array_equal(after.numpy(), expected.astype(np.uint8))


def test_without_a_covariance_it_is_that_of_the_image() -> None:
    image = photograph("coffee")
    own = [apply(image, drawn) for drawn in draw_sheet(always("pca-colour", sigma=1.0), Given(image.shape), 3, 4)]
    given = Given(tuple(image.shape), rgb_covariance(image))
    told = [apply(image, drawn) for drawn in draw_sheet(always("pca-colour", sigma=1.0), given, 3, 4)]
    assert all(map(torch.equal, own, told))


# --- torchvision ------------------------------------------------------------------------------------------------------

THEIRS: dict[str, Callable[[], v2.Transform]] = {
    "mirror": lambda: v2.RandomHorizontalFlip(p=0.5),
    "resized-crop": lambda: v2.RandomResizedCrop((SIDE, SIDE), scale=(0.08, 1.0)),
    "rotation": lambda: v2.RandomRotation(15, interpolation="bilinear"),
    "jitter": lambda: v2.ColorJitter(0.4, 0.4, 0.4, 0.1),
    "noise": lambda: v2.GaussianNoise(sigma=0.1),
    "autoaugment": v2.AutoAugment,
    "randaugment": v2.RandAugment,
    "trivialaugment": v2.TrivialAugmentWide,
    "augmix": v2.AugMix,
}


@pytest.mark.parametrize("slug", THEIRS)
def test_it_draws_what_torchvision_draws_after_manual_seed(slug: str) -> None:
    image, theirs = photograph(), THEIRS[slug]()
    ours = [apply(image, drawn) for drawn in draw_sheet(Chain((step(slug),)), Given(SHAPES["colour"]), 6, 12)]
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(6)
        assert all(torch.equal(after, theirs(image)) for after in ours)


def test_a_spec_without_options_takes_none() -> None:
    assert isinstance(transform("mirror"), TransformSpec)
    with pytest.raises(BadOption, match="takes no option 'degrees'"):
        step("mirror", {"degrees": 3})


def test_another_thread_keeps_its_own_random_numbers() -> None:
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(3)
        wanted = torch.rand(4)
        torch.manual_seed(3)
        generator, found = torch.Generator().manual_seed(9), list[Tensor]()
        with drawing_from(generator):
            other = threading.Thread(target=lambda: found.append(torch.rand(4)))
            other.start()
            other.join()
            own = torch.rand(4)
    assert torch.equal(found[0], wanted)
    assert torch.equal(own, torch.rand(4, generator=torch.Generator().manual_seed(9)))
