"""Signal propagation: what goes forward and backward through a deep network before it has learned anything.

A real torch network, one batch, one backward pass. Fully connected, or convolutions of 3 x 3 on 8 x 8 maps that are
padded around the edge (zeros would fade the signal from the border). Layers are ordered as in the pre-activation ResNet
(normalise, activate, weigh; He et al. 2016), with a skip around every two of them or none. Everything is computed in
float64, so that what is as small as 1e-100 is seen; float32 would have lost it at 1e-45.
"""

from __future__ import annotations

from math import log10, sqrt
from typing import TYPE_CHECKING

from explorer.arithmetic import mean_field
from explorer.errors import BadOption
from explorer.records.residual import Signals, SignalSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

NETS = ("fc", "conv")
ACTIVATIONS = ("relu", "tanh", "sigmoid", "linear")
INITS = ("he", "xavier", "orthogonal", "small", "zero", "dirac")
DEEPEST = 100
FC_WIDTHS, CONV_WIDTHS = (32, 64, 128, 256), (8, 16, 32)
BATCH, CONV_BATCH, SIDE = 128, 16, 8

SMALL = 0.01
"""Standard deviation of AlexNet's first weights (Krizhevsky et al. 2012, section 5)."""

_SATURATED = 0.01  # of the largest slope of a tanh or a sigmoid


def is_possible(net: str, init: str) -> bool:
    """Whether a start exists: Dirac is a kernel of a convolution."""
    return init != "dirac" or net == "conv"


def gain2(settings: SignalSettings) -> float | None:
    """sigma_w^2: the variance of a weight times its fan-in; None where weights are not drawn."""
    fan_in = settings.width * (9 if settings.net == "conv" else 1)
    return {
        "he": 2.0,
        "xavier": 1.0,
        "orthogonal": 2.0 if settings.activation == "relu" else 1.0,
        "small": fan_in * SMALL**2,
        "zero": 0.0,
    }.get(settings.init)


def propagate(settings: SignalSettings) -> Signals:
    """One batch forward and one gradient back, with what mean field theory predicts. Raises `BadOption`."""
    import torch

    if not is_possible(settings.net, settings.init):
        raise BadOption("A Dirac kernel is one of a convolution; a fully connected layer has none.")
    drawn = torch.Generator().manual_seed(settings.seed)
    weights = [_weight(settings, drawn).requires_grad_() for _ in range(settings.depth)]
    shape = (BATCH, settings.width) if settings.net == "fc" else (CONV_BATCH, settings.width, SIDE, SIDE)
    path = forward(settings, weights, torch.randn(shape, generator=drawn, dtype=torch.float64))
    wanted = torch.randn(path[-1].shape, generator=drawn, dtype=torch.float64)
    gradients = torch.autograd.grad((wanted * path[-1]).sum(), [*path, *weights], allow_unused=True)
    with torch.no_grad():
        return _read(settings, path, [each if each is not None else torch.zeros(1) for each in gradients])


def _weight(settings: SignalSettings, drawn: torch.Generator) -> Tensor:
    """The weights of one layer, by torch's own initialisers."""
    import torch
    from torch.nn import init

    width = settings.width
    weight = torch.empty((width, width) if settings.net == "fc" else (width, width, 3, 3), dtype=torch.float64)
    if settings.init == "he":
        return init.kaiming_normal_(weight, generator=drawn)
    if settings.init == "xavier":
        return init.xavier_normal_(weight, generator=drawn)
    if settings.init == "orthogonal":
        return init.orthogonal_(weight, gain=sqrt(gain2(settings) or 0), generator=drawn)
    if settings.init == "dirac":
        return init.dirac_(weight)
    return init.normal_(weight, std=SMALL, generator=drawn) if settings.init == "small" else init.zeros_(weight)


def forward(settings: SignalSettings, weights: list[Tensor], x: Tensor) -> list[Tensor]:
    """The pre-activations behind every layer; with a skip, the sum behind every block of two layers."""
    if settings.skip:
        sums = []
        for first, second in zip(weights[::2], weights[1::2], strict=True):
            x = x + settings.alpha * _layer(settings, second, _layer(settings, first, x))
            sums.append(x)
        return sums
    found = [_weigh(settings, weights[0], x)]
    for weight in weights[1:]:
        found.append(_layer(settings, weight, found[-1]))
    return found


def _layer(settings: SignalSettings, weight: Tensor, z: Tensor) -> Tensor:
    return _weigh(settings, weight, activate(settings, z))


def activate(settings: SignalSettings, z: Tensor) -> Tensor:
    """Batch normalisation, if there is any, and the activation."""
    import torch
    from torch.nn import functional

    if settings.norm:
        z = functional.batch_norm(z, None, None, training=True)
    kinds: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    return kinds[settings.activation](z) if settings.activation in kinds else z


def _weigh(settings: SignalSettings, weight: Tensor, a: Tensor) -> Tensor:
    from torch.nn import functional

    if settings.net == "fc":
        return a @ weight.T  # (B, n)
    return functional.conv2d(functional.pad(a, (1, 1, 1, 1), mode="circular"), weight)  # (B, C, H, W)


# --- what is read off ------------------------------------------------------------------------------------------------


def _read(settings: SignalSettings, path: list[Tensor], gradients: list[Tensor]) -> Signals:
    read = [activate(settings, z) for z in path]
    back = gradients[: len(path)]
    everything = [float(each.abs().max()) for each in (*read, *back)]
    decades = _decades(everything)
    predicted = predict(settings)
    return Signals(
        settings=settings,
        layers=tuple(range(2, settings.depth + 1, 2) if settings.skip else range(1, settings.depth + 1)),
        deviation=tuple(float(z.std(correction=0)) for z in path),
        mean=tuple(float(a.mean()) for a in read),
        spread=tuple(float(a.std(correction=0)) for a in read),
        silent=tuple(_silent(settings, a) for a in read),
        gradient=tuple(float(each.square().mean().sqrt()) for each in back),
        weight_gradient=tuple(float(each.norm()) for each in gradients[len(path) :]),
        decades=decades,
        forward=tuple(_shares(a, decades) for a in read),
        backward=tuple(_shares(each, decades) for each in back),
        predicted_deviation=predicted[0],
        predicted_gradient=predicted[1],
    )


def _silent(settings: SignalSettings, a: Tensor) -> float:
    """The share of units that no image moves: a ReLU at 0, a tanh or sigmoid saturated, for every one of them."""
    units = a.transpose(0, 1).flatten(1)  # (n, B)
    if settings.activation == "tanh":
        off = 1 - units.square() < _SATURATED
    elif settings.activation == "sigmoid":
        off = 4 * units * (1 - units) < _SATURATED
    else:
        off = units == 0
    return float(off.all(1).double().mean())


def _decades(largest: list[float]) -> tuple[int, ...]:
    """Powers of ten that the bins of size begin with: at most 24, the uppermost one holds the largest value."""
    seen = [log10(value) for value in largest if value > 0]
    top = int(max(seen, default=0.0) // 1)
    low = int(min(seen, default=0.0) // 1) - 2
    step = max(1, -(-(top - low + 1) // 24))
    return tuple(range(top - step * ((top - low) // step), top + 1, step))


def _shares(values: Tensor, decades: tuple[int, ...]) -> tuple[float, ...]:
    """The share of exact zeros, then that of each bin; what is smaller than the lowest counts there."""
    import torch

    sizes = values.abs().flatten()
    nonzero = sizes[sizes > 0].log10()
    step = decades[1] - decades[0] if len(decades) > 1 else 1
    bins = ((nonzero - decades[0]) / step).floor().clamp(0, len(decades) - 1).long()
    counts = torch.bincount(bins, minlength=len(decades)).double() / sizes.numel()
    return (1 - len(nonzero) / sizes.numel(), *(float(count) for count in counts))


# --- what is predicted -----------------------------------------------------------------------------------------------


def predict(settings: SignalSettings) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Standard deviations of the pre-activations and of the gradients, for infinite width; nothing for Dirac."""
    sigma2 = gain2(settings)
    if sigma2 is None:
        return (), ()
    if settings.skip:
        found = mean_field.residual(settings.activation, sigma2, settings.depth // 2, settings.norm, settings.alpha)
    else:
        found = mean_field.plain(settings.activation, sigma2, settings.depth, settings.norm)
    forward_, backward = (tuple(sqrt(each) for each in side) for side in found)
    return forward_, backward
