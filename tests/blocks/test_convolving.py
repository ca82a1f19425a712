"""Every convolution is PyTorch's and SciPy's; a tap is where autograd finds a gradient; the code on screen gives it."""

from __future__ import annotations

import contextlib
import io
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from scipy import signal
from torch.nn import functional as F

from explorer.blocks.convolving import axes, misfit, outputs, padding_of, pytorch, sizes, view_of
from explorer.blocks.setups import SETUPS
from explorer.records.convolving import Convolution
from tests.blocks.convolutions import array, convolutions

WORDS = {"input": "In", "kernel": "K", "output": "Out"}
CALM = settings(deadline=None, database=None, derandomize=True, max_examples=150)


def theirs(c: Convolution) -> torch.Tensor:
    """The output of PyTorch: of conv1d for a line."""
    x, w = torch.from_numpy(array(c.inputs))[None], torch.from_numpy(array(c.kernels))
    if c.flipped:
        w = w.flip(-2, -1)
    b = torch.tensor(c.bias, dtype=torch.float64) if c.bias else None
    if c.line:
        x = F.pad(x[:, :, 0], (c.before[1], c.after[1]))
        return F.conv1d(x, w[:, :, 0], b, c.stride[1], 0, c.dilation[1], c.groups)[0][:, None]
    x = F.pad(x, (c.before[1], c.after[1], c.before[0], c.after[0]))
    return F.conv2d(x, w, b, c.stride, 0, c.dilation, c.groups)[0]


@CALM
@given(convolutions())
def test_every_output_is_pytorchs(c: Convolution) -> None:
    found = outputs(c)
    assert np.array_equal(array(found), theirs(c).numpy())
    rows, columns = sizes(c)
    assert (len(found), rows.value, columns.value) == tuple(theirs(c).shape)


@CALM
@given(convolutions(plain=True))
def test_without_stride_it_is_scipys(c: Convolution) -> None:
    """`correlate` for cross-correlation, `convolve` for the kernel turned."""
    ask = signal.convolve if c.flipped else signal.correlate
    assert np.allclose(array(outputs(c))[0], ask(array(c.inputs)[0], array(c.kernels)[0][0], mode="valid"), atol=1e-9)


@settings(CALM, max_examples=60)
@given(convolutions())
def test_an_input_feeds_the_outputs_whose_gradient_it_gets(c: Convolution) -> None:
    """And each weight reaches the outputs that autograd says it does: with values that never cancel."""
    view = view_of(c, WORDS)
    step = view.steps[-1]
    rows, columns = axes(c)
    x = torch.ones(1, len(c.inputs), rows.padded, columns.padded, dtype=torch.float64, requires_grad=True)
    w = torch.ones(array(c.kernels).shape, dtype=torch.float64, requires_grad=True)
    y = F.conv2d(x, w, None, c.stride, 0, c.dilation, c.groups)[0].flatten(1)  # (filters, cells)
    reads = w.shape[1]
    for k, cell in product(range(len(y)), range(0, y.shape[1], 5)):
        by_input, by_weight = torch.autograd.grad(y[k, cell], (x, w), retain_graph=True)
        here = [(source, weight) for out, source, weight in step.pairs if out == k]
        inputs = {(s, i) for s, _ in here for out, i, _ in step.taps if out == cell}
        weights = {(m, v) for _, m in here for out, _, v in step.taps if out == cell}
        assert inputs == {(s, i) for s, i in by_input[0].flatten(1).nonzero().tolist()}
        assert weights == {(k_ * reads + c_, v) for k_, c_, v in by_weight.flatten(2).nonzero().tolist()}


@settings(CALM, max_examples=60)
@given(convolutions())
def test_the_code_on_screen_gives_the_same(c: Convolution) -> None:
    assert np.allclose(run(pytorch(c))["y"], array(outputs(c))[:, 0][None] if c.line else array(outputs(c))[None])


def run(code: str) -> dict[str, object]:
    """What code leaves behind, in double precision."""
    names: dict[str, object] = {}
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, names)
    finally:
        torch.set_default_dtype(before)
    return {name: value.numpy() for name, value in names.items() if isinstance(value, torch.Tensor)}


def test_the_printed_code_runs_in_single_precision_as_it_stands() -> None:
    c = Convolution(inputs=(((1.0, 2.0),),), kernels=((((3.0,),),),), bias=(1.0,), flipped=True)
    names: dict[str, torch.Tensor] = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(pytorch(c), names)
    assert names["y"].tolist() == [[[[4, 7]]]]
    assert "tensor([[[[4., 7.]]]])" in said.getvalue()


# --- padding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "d"), list(product(range(1, 6), (1, 2))))
def test_same_padding_is_pytorchs_with_the_odd_zero_at_the_end(f: int, d: int) -> None:
    x, w = torch.rand(1, 1, 9, dtype=torch.float64), torch.rand(1, 1, f, dtype=torch.float64)
    with torch.no_grad():
        wanted = _quietly(lambda: F.conv1d(x, w, padding="same", dilation=d))
    assert torch.allclose(F.conv1d(F.pad(x, padding_of(9, f, 1, d, "same")), w, dilation=d), wanted)


def _quietly(call: object) -> torch.Tensor:
    """PyTorch warns that an even kernel makes it copy the input: that is just the case."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return call()  # type: ignore[operator,no-any-return]


@pytest.mark.parametrize("f", range(1, 6))
@pytest.mark.parametrize("mode", ["same", "full"])
def test_scipys_convolve_has_the_odd_zero_at_the_start(f: int, mode: str) -> None:
    rng = np.random.default_rng(f)
    x, w = rng.integers(-9, 9, 9), rng.integers(-9, 9, f)
    before, after = padding_of(9, f, 1, 1, mode, odd_at_end=False)  # type: ignore[arg-type]
    c = Convolution(
        inputs=((tuple(x.tolist()),),),
        kernels=(((tuple(w.tolist()),),),),
        before=(0, before),
        after=(0, after),
        flipped=True,
        line=True,
    )
    assert array(outputs(c))[0, 0].tolist() == signal.convolve(x, w, mode=mode).tolist()


@pytest.mark.parametrize(("n", "f", "s"), list(product((5, 6, 7), (1, 2, 3, 4), (1, 2, 3))))
def test_same_gives_as_many_outputs_as_strides_fit(n: int, f: int, s: int) -> None:
    """ceil(n / s), as TensorFlow documents it."""
    before, after = padding_of(n, f, s, 1, "same")
    assert (n + before + after - f) // s + 1 == -(-n // s)
    assert after - before in (0, 1)


# --- what cannot be ---------------------------------------------------------------------------------------------------


@CALM
@given(convolutions())
def test_what_can_be_is_no_misfit(c: Convolution) -> None:
    assert misfit(axes(c), len(c.inputs), len(c.kernels), c.groups) is None


@pytest.mark.parametrize(
    ("n", "f", "d", "setting", "value"),
    [
        (3, 5, 1, "kernel", 3),
        (5, 3, 3, "dilation", 2),
        (2, 3, 3, "kernel", 1),
        (6, 7, 2, "kernel", 3),
        (1, 7, 1, "kernel", 1),
    ],
)
def test_a_window_that_does_not_fit_has_a_nearest_that_does(n: int, f: int, d: int, setting: str, value: int) -> None:
    from explorer.arithmetic.taps import ONE, Axis

    found = misfit((ONE, Axis(n, f, d=d)), 1, 1, 1)
    assert found
    assert (found.reason, found.axis, found.setting, found.value) == ("window", "columns", setting, value)
    assert dict(found.numbers) == {"span": d * (f - 1) + 1, "padded": n}
    mended = Axis(n, **({"f": value, "d": d} if setting == "kernel" else {"f": f, "d": value}))
    assert mended.out >= 1
    with pytest.raises(RuntimeError, match="Kernel size can't be greater"):
        F.conv1d(torch.ones(1, 1, n), torch.ones(1, 1, f), dilation=d)


@pytest.mark.parametrize(("c", "k", "g", "nearest"), [(3, 2, 3, 1), (3, 3, 2, 1), (2, 4, 3, 2), (3, 4, 3, 1)])
def test_groups_that_do_not_divide_have_a_nearest_that_do(c: int, k: int, g: int, nearest: int) -> None:
    found = misfit((), c, k, g)
    assert found
    assert (found.reason, found.setting, found.value) == ("groups", "groups", nearest)
    with pytest.raises((RuntimeError, ValueError)):
        torch.nn.Conv2d(c, k, 1, groups=g)(torch.ones(1, c, 1, 1))


# --- the view ---------------------------------------------------------------------------------------------------------


def test_every_plane_of_a_step_is_there_and_its_cells_too() -> None:
    c = Convolution(
        inputs=(((1.0, 2.0, 3.0),) * 3,) * 2, kernels=((((1.0, 0.0),) * 2,) * 2,) * 3, before=(1, 0), flipped=True
    )
    view = view_of(c, WORDS)
    known = {plane.key: plane for plane in view.planes}
    assert len(known) == len(view.planes) == 2 + 6 + 3
    for step in view.steps:
        assert {*step.inputs, *step.weights, *step.outputs} <= known.keys()
        for out, source, weight in step.pairs:
            for target, cell, w in step.taps:
                assert target < len(known[step.outputs[out]].values)
                assert cell < len(known[step.inputs[source]].values)
                assert weight < 0 or w < len(known[step.weights[weight]].values)
    for plane in view.planes:
        assert len(plane.values) == plane.rows * plane.columns
    assert known["x1"].rim == (1, 0, 0, 0)
    assert known["w0"].values == (0, 1, 0, 1), "turned by 180 degrees, as it is slid"
    assert [plane.title for plane in view.planes][:3] == ["In 1", "In 2", "K 1·1"]
    assert [plane.title for plane in view.planes][-4:] == ["K 3·2", "Out 1", "Out 2", "Out 3"]
    assert view.walk == ("y0", "y1", "y2")


# --- the course's numbers ---------------------------------------------------------------------------------------------


def test_the_slides_of_the_course() -> None:
    edge, numbers, stride = (
        outputs(Convolution(inputs=s.inputs, kernels=s.kernels, stride=s.stride))
        for s in (SETUPS["slide-edge"], SETUPS["slide-numbers"], SETUPS["slide-stride"])
    )
    assert edge == (((0, 30, 30, 0),) * 4,)
    assert numbers == (((-5, -4, 0, 8), (-10, -2, 2, 3), (0, -2, -4, -7), (-3, -2, -3, -16)),)
    assert stride == (((91, 100, 88), (69, 91, 117), (44, 72, 74)),)


def test_a_decaying_signal_is_what_its_impulse_leaves() -> None:
    decay = SETUPS["decay"]
    c = Convolution(
        inputs=(((0, 1, 0, 0),),), kernels=decay.kernels, before=(0, 2), after=(0, 2), flipped=True, line=True
    )
    assert outputs(c) == (((0, 1, 0.5, 0.25, 0, 0),),)
