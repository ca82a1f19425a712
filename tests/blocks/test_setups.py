"""Named convolutions, and what becomes of their numbers at other sizes."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.blocks.kernels import KERNELS
from explorer.blocks.setups import PATTERNS, SETUPS, filters_of, fitted, patterned, stretched


@pytest.mark.parametrize("code", SETUPS)
def test_a_setup_is_a_convolution_within_the_limits(code: str) -> None:
    setup = SETUPS[code]
    inputs, kernels = np.array(setup.inputs), np.array(setup.kernels)
    assert inputs.shape[0] <= 3
    assert max(inputs.shape[1:]) <= 16
    assert kernels.shape[0] <= 4
    assert max(kernels.shape[2:]) <= 7
    assert kernels.shape[1] * setup.groups == inputs.shape[0]
    assert len(setup.bias) in (0, len(kernels))
    assert not setup.line or inputs.shape[1] == kernels.shape[2] == 1
    if setup.kernel:
        assert setup.kernels == ((KERNELS[setup.kernel],),)


@pytest.mark.parametrize("code", PATTERNS)
@pytest.mark.parametrize("size", [(1, 12), (6, 6), (16, 16), (1, 1)])
def test_a_pattern_has_any_size(code: str, size: tuple[int, int]) -> None:
    found = np.array(patterned(code, 3, *size))
    assert found.shape == (3, *size)
    assert 0 <= found.min() <= found.max() <= 18
    if size == (16, 16):
        assert not np.array_equal(found[0], found[1])


def test_an_input_goes_on_from_its_beginning_and_is_cut() -> None:
    grids = (((1, 2), (3, 4)),)
    assert fitted(grids, 2, 3, 3) == (((1, 2, 1), (3, 4, 3), (1, 2, 1)),) * 2
    assert fitted(grids, 1, 1, 1) == (((1,),),)


def test_a_kernel_is_stretched_and_further_filters_are_turned() -> None:
    assert stretched(((1, 0, -1),), 1, 5) == ((1, 1, 0, 0, -1),)
    four = filters_of(((KERNELS["vertical"],),), 4, 1, 3, 3)
    assert [kernel[0] for kernel in four] == [tuple(map(tuple, np.rot90(KERNELS["vertical"], -k))) for k in range(4)]
    assert filters_of((((((1, 2),)),),), 2, 2, 1, 2) == ((((1, 2),),) * 2, (((2, 1),),) * 2)
