"""A kernel over a photograph: every value is that of torch's conv2d."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st

from explorer.blocks.filtering import filtered, misfit, strongest
from explorer.blocks.kernels import KERNELS
from explorer.images import load, thumbnail
from explorer.records.filtered import Filter

KERNEL = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(-5, 5).map(float), min_size=shape[1], max_size=shape[1]).map(tuple),
        min_size=shape[0],
        max_size=shape[0],
    ).map(tuple)
)
FILTERS = st.builds(
    Filter,
    KERNEL,
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(1, 3),
    st.sampled_from(["grey", "sum", "each"]),
)


def by_torch(pixels: np.ndarray, asked: Filter) -> torch.Tensor:
    x = torch.from_numpy(pixels.copy()).double()
    x = x[None, None] if x.ndim == 2 else x.permute(2, 0, 1)[None]
    kernel = torch.tensor(asked.kernel, dtype=torch.float64)[None, None]
    weights = kernel.expand(1 if asked.over == "sum" else x.shape[1], 3 if asked.over == "sum" else 1, -1, -1)
    groups = 1 if asked.over == "sum" else x.shape[1]
    how = {"stride": asked.stride, "padding": asked.padding, "dilation": asked.dilation, "groups": groups}
    return F.conv2d(x, weights, **how)[0]


def image(asked: Filter, rows: int, columns: int) -> np.ndarray:
    shape = (rows, columns) if asked.over == "grey" else (rows, columns, 3)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@settings(max_examples=150, deadline=None)
@given(FILTERS, st.integers(1, 12), st.integers(1, 12))
def test_every_value_is_torchs_and_what_torch_refuses_is_refused(asked: Filter, rows: int, columns: int) -> None:
    pixels = image(asked, rows, columns)
    if (why := misfit((rows, columns), asked)) is not None:
        assert why.span > why.room
        with pytest.raises(RuntimeError):
            by_torch(pixels, asked)
        with pytest.raises(ValueError, match="fit"):
            filtered(pixels, asked)
        return
    found = filtered(pixels, asked)
    expected = by_torch(pixels, asked)
    assert torch.equal(torch.from_numpy(found.values), expected)
    assert tuple(side.value for side in found.sides) == expected.shape[1:]
    assert (found.low, found.high) == (float(expected.min()), float(expected.max()))


@pytest.mark.parametrize("padding", [0, 1])
def test_the_largest_dilation_that_fits_is_named(padding: int) -> None:
    asked = Filter(((1.0,) * 5,) * 3, padding=padding, dilation=9)
    why = misfit((30, 20), asked)
    assert why is not None
    assert misfit((30, 20), Filter(asked.kernel, padding=padding, dilation=why.dilation)) is None
    assert misfit((30, 20), Filter(asked.kernel, padding=padding, dilation=why.dilation + 1)) is not None


@pytest.mark.parametrize("code", KERNELS)
@pytest.mark.parametrize("over", ["grey", "sum", "each"])
def test_named_kernels_on_a_photograph(code: str, over: str) -> None:
    pixels = thumbnail(load("cat"), 3, 60)
    asked = Filter(KERNELS[code], padding=1, over=over)
    found = filtered(pixels[..., 0] if over == "grey" else pixels, asked)
    assert found.values == pytest.approx(by_torch(found.before, asked).numpy(), abs=1e-9)
    keeps = sum(map(sum, KERNELS[code])) > 0.5
    assert found.result == ("image" if keeps else "signed")
    assert found.total == pytest.approx(1 if keeps else 0, abs=1e-12)


def test_a_magnitude_is_the_hypotenuse_of_two_directions() -> None:
    pixels = thumbnail(load("cat"), 1, 60)[..., 0]
    asked = Filter(KERNELS["sobel-vertical"], magnitude=True)
    found = filtered(pixels, asked)
    across = by_torch(pixels, Filter(KERNELS["sobel-vertical"]))
    along = by_torch(pixels, Filter(KERNELS["sobel-horizontal"]))
    assert found.values == pytest.approx(torch.hypot(across, along).numpy(), rel=1e-12)
    assert found.result == "magnitude"


def test_the_scale_covers_99_percent_or_everything() -> None:
    pixels = thumbnail(load("cat"), 1, 120)[..., 0]
    asked = Filter(KERNELS["laplace"])
    most, everything = filtered(pixels, asked), filtered(pixels, asked, everything=True)
    outside = (np.abs(most.values) > most.limit).mean()
    assert most.beyond == outside
    assert 0.005 < outside <= 0.01
    assert (everything.beyond, everything.limit) == (0, np.abs(everything.values).max())


def test_a_grey_surface_has_no_edges() -> None:
    found = filtered(np.full((9, 9), 77, np.uint8), Filter(KERNELS["sobel-vertical"]))
    assert not found.values.any()
    assert found.limit == 1


@settings(max_examples=80, deadline=None)
@given(FILTERS, st.integers(4, 14), st.integers(4, 14))
def test_the_strongest_value_is_that_of_a_window_inside_the_image(asked: Filter, rows: int, columns: int) -> None:
    """If there is any: then of all whose windows read no padding, found with a border that cannot be missed."""
    if misfit((rows, columns), asked) is not None:
        return
    pixels = image(asked, rows, columns)
    found = filtered(pixels, asked)
    ones = Filter(
        tuple((1.0,) * len(asked.kernel[0]) for _ in asked.kernel), asked.stride, asked.padding, asked.dilation
    )
    inside = filtered(np.ones((rows, columns), np.uint8), ones).values[0] == len(asked.kernel[0]) * len(asked.kernel)
    row, column = strongest(found, asked)
    if inside.any():
        assert inside[row, column]
        assert np.abs(found.values[:, row, column]).max() == np.abs(found.values[:, inside]).max()
