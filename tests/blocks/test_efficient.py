"""The experiments behind the page of separable, inverted and dense blocks, each computed another way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch.nn import functional as F

from explorer import arithmetic
from explorer.blocks.inverted import traced_blocks
from explorer.blocks.reading import by_source, dense_run, mean_reuse, reuse, untrained, who_reads_whom
from explorer.blocks.separable import as_modules, closest_pair, random_kernel, trained_kernel, two_steps
from explorer.blocks.spiral import POINTS, errors, spiral, through
from explorer.models import shipped_model
from explorer.networks import network
from explorer.records import NetworkInstance
from explorer.tracing import trace_shapes

RESNET = "cifar-he-cifar-resnet20-seed0"


@pytest.mark.parametrize("seed", [1, 7])
def test_the_two_steps_are_torchs(seed: int) -> None:
    view = two_steps(seed)
    values = {plane.key: torch.tensor(plane.values).reshape(plane.rows, plane.columns) for plane in view.planes}

    def stack(letter: str) -> torch.Tensor:
        return torch.stack([value for key, value in values.items() if key[0] == letter])

    middle = F.conv2d(stack("x")[None], stack("d")[:, None], groups=3)
    assert torch.equal(middle[0], stack("m"))
    out = F.conv2d(middle, stack("p").reshape(5, 3, 1, 1))
    assert torch.equal(out[0], stack("y"))
    assert (stack("x").shape, stack("m").shape, stack("y").shape) == ((3, 6, 6), (3, 4, 4), (5, 4, 4))
    first, second = view.steps
    assert len(first.taps) * len(first.pairs) == 432
    assert len(second.taps) * len(second.pairs) == 240


@given(st.integers(1, 6), st.integers(1, 4), st.sampled_from((1, 2, 3)), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_closest_pair_is_separable_and_no_other_is_closer(n_out: int, n_in: int, f: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=(n_out, n_in, f, f))
    found = closest_pair(kernel)
    for channel in range(n_in):
        slices = found.closest[:, channel].reshape(n_out, f * f)
        assert np.linalg.matrix_rank(slices, tol=1e-9) <= 1
    missed = ((kernel - found.closest) ** 2).sum() / (kernel**2).sum()
    assert found.kept[0] == pytest.approx(1 - missed)
    assert found.kept[-1] == pytest.approx(1)
    assert all(a <= b + 1e-12 for a, b in zip(found.kept, found.kept[1:], strict=False))
    depthwise, pointwise = rng.normal(size=(n_in, f, f)), rng.normal(size=(n_out, n_in))
    for _ in range(30):  # alternating least squares comes down to the same error, and never below
        pointwise = np.einsum("ocij,cij->oc", kernel, depthwise) / (depthwise**2).sum((1, 2))
        depthwise = (
            np.einsum("ocij,oc->cij", kernel, pointwise) / np.maximum((pointwise**2).sum(0), 1e-12)[:, None, None]
        )
    other = pointwise[:, :, None, None] * depthwise[None]
    assert ((kernel - other) ** 2).sum() >= ((kernel - found.closest) ** 2).sum() - 1e-9


def test_the_code_that_is_shown_builds_what_is_counted() -> None:
    pair, whole = as_modules(3, 5, 3)
    steps, full = arithmetic.separable(6, 3, 5, 3), arithmetic.full(6, 3, 5, 3)
    x = torch.randn(1, 3, 6, 6)
    assert pair(x).shape[1:] == whole(x).shape[1:] == steps[1].after == full.after
    assert [each.numel() for each in pair.parameters()] == [step.weights.value for step in steps]
    assert sum(each.numel() for each in whole.parameters()) == full.weights.value


def test_a_kernel_that_is_a_pair_is_kept_whole() -> None:
    rng = np.random.default_rng(0)
    depthwise, pointwise = rng.normal(size=(3, 3, 3)), rng.normal(size=(5, 3))
    kernel = pointwise[:, :, None, None] * depthwise[None]
    found = closest_pair(kernel)
    assert found.kept[0] == pytest.approx(1)
    x = torch.from_numpy(rng.normal(size=(1, 3, 6, 6)))
    whole = F.conv2d(x, torch.from_numpy(found.closest))
    steps = F.conv2d(x, torch.from_numpy(depthwise)[:, None], groups=3)
    assert torch.allclose(whole, F.conv2d(steps, torch.from_numpy(pointwise)[..., None, None]))
    with pytest.raises(ValueError, match="four axes"):
        closest_pair(kernel[0])


def test_a_trained_kernel_is_the_models() -> None:
    expected = dict(shipped_model(RESNET).state)["layer3.1.conv1.weight"]
    assert torch.equal(torch.from_numpy(trained_kernel(RESNET, "layer3.1.conv1")), expected)


def test_a_trained_kernel_is_nearer_to_a_pair_than_a_random_one() -> None:
    """What the lesson says of every 3x3 layer of the trained network."""
    for layer in ("layer1.0.conv1", "layer2.1.conv1", "layer3.1.conv1", "layer3.2.conv2"):
        kernel = trained_kernel(RESNET, layer)
        assert closest_pair(kernel).kept[0] > closest_pair(random_kernel(kernel.shape, 0)).kept[0] + 0.05
        assert closest_pair(kernel).kept[0] < 0.8


def test_the_blocks_of_mobilenet_v2() -> None:
    blocks = traced_blocks(trace_shapes(NetworkInstance.of(network("mobilenet-v2"))))
    assert len(blocks) == 17
    assert [len(block.steps) for block in blocks] == [2, *[3] * 16]
    assert sum(block.skip for block in blocks) == 10
    narrow, wide = blocks[2].steps[0].before, blocks[2].steps[0].after
    assert (narrow, wide, blocks[2].steps[-1].after) == ((24, 56, 56), (144, 56, 56), (24, 56, 56))
    for block in blocks:
        same = block.steps[0].before == block.steps[-1].after
        assert block.skip == same


# --- the spiral -------------------------------------------------------------------------------------------------------


def test_without_an_activation_nothing_is_lost() -> None:
    for n in (2, 3, 15):
        found = through(n, "linear", 0)
        assert found.error == pytest.approx(0, abs=1e-9)
        assert found.lost == 0
        assert np.allclose(found.back, spiral())


@pytest.mark.parametrize("activation", ["relu", "relu6"])
def test_the_way_through_is_torchs(activation: str) -> None:
    n, seed = 5, 3
    found = through(n, activation, seed)
    matrix = torch.from_numpy(np.random.default_rng([seed, n]).normal(size=(n, 2)))
    points = torch.from_numpy(spiral())
    wide = getattr(F, activation)(points @ matrix.T)
    back = torch.linalg.lstsq(matrix, wide.T).solution.T
    scale = (points * back).sum() / (back * back).sum()
    assert torch.allclose(torch.from_numpy(found.back), scale * back)
    error = (points - scale * back).pow(2).sum().sqrt() / points.pow(2).sum().sqrt()
    assert found.error == pytest.approx(float(error))
    assert found.lost == pytest.approx(float(((wide > 0).sum(1) < 2).double().mean()))


def test_few_dimensions_lose_more_than_many() -> None:
    """What the page says: errors and lost points fall with n."""
    rows = {n: (np.mean(error), np.mean(lost)) for n, error, lost in errors("relu", 20, 30)}
    assert list(rows) == list(range(2, 31))
    assert rows[2][0] > rows[15][0] > rows[30][0]
    assert rows[2][1] > 0.5
    assert rows[15][1] < 0.01
    assert len(spiral()) == POINTS
    with pytest.raises(KeyError):
        through(2, "nothing", 0)


# --- dense blocks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 2, 3])
def test_who_reads_whom_are_means_of_the_models_weights(block: int) -> None:
    state = shipped_model(dense_run().name).state
    found = who_reads_whom(block).weights
    assert found.shape == (7, 7)
    assert np.isnan(found[np.tril_indices(7, -1)]).all()
    third = state[f"dense{block}.3.conv1.weight"].abs()  # reads the input and layers 1 to 3
    growth = 12
    first = third.shape[1] - 3 * growth
    assert found[0, 3] == pytest.approx(float(third[:, :first].mean()), rel=1e-5)
    assert found[2, 3] == pytest.approx(float(third[:, first + growth : first + 2 * growth].mean()), rel=1e-5)
    last = state["fc.weight" if block == 3 else f"trans{block}.conv.weight"].abs()
    assert found[6, 6] == pytest.approx(float(last[:, -growth:].mean()), rel=1e-5)
    assert found.shape == untrained(block).weights.shape


def test_before_training_a_reader_weighs_all_alike() -> None:
    """The control: within a column the means differ by little; after training by more."""

    def spread(weights: np.ndarray) -> float:
        columns = [column[~np.isnan(column)] for column in weights.T]
        return float(np.mean([column.std() / column.mean() for column in columns[1:]]))

    for block in (1, 2, 3):
        assert spread(untrained(block).weights) < 0.05
        assert np.allclose(np.nanmean(who_reads_whom(block).relative, 0), 1)
        assert spread(who_reads_whom(block).weights) > 1.5 * spread(untrained(block).weights)


def test_the_classifier_reads_the_last_layers_most() -> None:
    """As Huang et al. found (their section 5); before training it does not."""
    last = who_reads_whom(3).relative[:, -1]
    assert last[:2].max() < 0.7 < 1 < last[3:].min()
    control = untrained(3).relative[:, -1]
    assert 0.85 < control.min() < control.max() < 1.15


def test_by_source_by_hand() -> None:
    first, second = np.array([[1.0, 3.0]]), np.array([[2.0, 4.0, 10.0]])
    found = by_source([first, second], 1)
    assert found[0].tolist() == [2, 3]
    assert found[1, 1] == 10
    assert np.isnan(found[1, 0])


def test_concatenation_keeps_every_layer_and_addition_does_not() -> None:
    found = reuse(24, 12, 6, 0)
    assert found.channels == (24 + 6 * 12, 25)
    assert found.weights == (sum((24 + 12 * i) * 12 for i in range(6)), 6 * 25 * 25)
    assert found.concat == pytest.approx([1] * 6)
    assert all(0 < share < 0.95 for share in found.added)
    assert mean_reuse(24, 12, 6, 2).added == pytest.approx(
        np.mean([reuse(24, 12, 6, seed).added for seed in (0, 1)], 0)
    )
