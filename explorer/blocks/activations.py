"""Non-linearities as one catalogue: value, slope, what is learned, what one value costs, where it was published.

A new one is one entry here, and its sentence, `nonlinearities.act.<slug>`, in every language. Everything is numpy;
`torch_call` is the line of PyTorch that gives the same, and tests hold the two to each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from explorer.blocks import slopes
from explorer.blocks.slopes import Values
from explorer.catalog import lookup
from explorer.records.nonlinear import Curve

Function = Callable[[np.ndarray, Values], np.ndarray]

FLAT = 0.05
"""Below this share of the steepest slope a unit counts as saturated."""


class Knob(NamedTuple):
    """A number that a function has besides its input, and the range of its slider. `learned`: by training."""

    name: str
    low: float
    high: float
    usual: float
    learned: bool = False


@dataclass(frozen=True, slots=True)
class Activation:
    """A non-linearity.

    `value` and `slope` take an array of any shape and the values of the `knobs`; the slope at a kink is torch's.
    `formula` is LaTeX, `torch_call` PyTorch with `x` and the names of knobs in braces. `pieces` is how many linear maps
    one unit needs, `per` what has a knob of its own.
    """

    slug: str
    title: str
    formula: str
    slope_formula: str
    value: Function
    slope: Function
    torch_call: str
    paper: str
    knobs: tuple[Knob, ...] = ()
    per: str = ""
    pieces: int = 1

    @property
    def usual(self) -> Values:
        """The usual values of its knobs."""
        return {knob.name: knob.usual for knob in self.knobs}

    @property
    def learned(self) -> int:
        """How many of its numbers are learned."""
        return sum(knob.learned for knob in self.knobs)

    def code(self, values: Values) -> str:
        """The line of PyTorch with the numbers put in."""
        return re.sub(r"\{(\w+)\}", lambda found: f"{values[found[1]]:g}", self.torch_call)


# --- the catalogue ----------------------------------------------------------------------------------------------------

_LEAK = r"\begin{cases}x & x>0\\ a\,x & x\le 0\end{cases}"
_LEAK_SLOPE = r"\begin{cases}1 & x>0\\ a & x\le 0\end{cases}"
_LINES = "torch.maximum({w1} * x + {b1}, {w2} * x + {b2})"

_ENTRIES = (
    Activation(
        "sigmoid",
        "Sigmoid",
        r"g(x)=\frac{1}{1+e^{-x}}",
        r"g'(x)=g(x)\,(1-g(x))\le\tfrac14",
        slopes.sigmoid,
        slopes.sigmoid_slope,
        "torch.sigmoid(x)",
        "Rumelhart, Hinton, Williams 1986 (Nature 323)",
    ),
    Activation(
        "tanh",
        "tanh",
        r"g(x)=\frac{e^{x}-e^{-x}}{e^{x}+e^{-x}}",
        r"g'(x)=1-g(x)^2\le 1",
        slopes.tanh,
        slopes.tanh_slope,
        "torch.tanh(x)",
        "LeCun, Bottou, Orr, Müller 1998 (Efficient BackProp)",
    ),
    Activation(
        "relu",
        "ReLU",
        r"g(x)=\max(0,x)",
        r"g'(x)=\begin{cases}1 & x>0\\ 0 & x\le 0\end{cases}",
        slopes.relu,
        slopes.relu_slope,
        "F.relu(x)",
        "Nair, Hinton 2010 (ICML); Krizhevsky et al. 2012 (AlexNet)",
    ),
    Activation(
        "leaky-relu",
        "Leaky ReLU",
        "g(x)=" + _LEAK,
        "g'(x)=" + _LEAK_SLOPE,
        slopes.leaky,
        slopes.leaky_slope,
        "F.leaky_relu(x, {slope})",
        "Maas, Hannun, Ng 2013 (ICML workshop)",
        knobs=(Knob("slope", 0.0, 0.5, 0.01),),
    ),
    Activation(
        "prelu",
        "PReLU",
        "g(x)=" + _LEAK,
        "g'(x)=" + _LEAK_SLOPE + r",\quad \frac{\partial g}{\partial a}=\min(x,0)",
        slopes.leaky,
        slopes.leaky_slope,
        "F.prelu(x, torch.tensor([{slope}]))",
        "He, Zhang, Ren, Sun 2015 (arXiv:1502.01852)",
        knobs=(Knob("slope", -0.5, 1.5, 0.25, learned=True),),
        per="channel",
    ),
    Activation(
        "rrelu",
        "RReLU",
        "g(x)=" + _LEAK + r",\quad a\sim U(l,u)",
        "g'(x)=" + _LEAK_SLOPE,
        slopes.rrelu,
        slopes.rrelu_slope,
        "F.rrelu(x, {lower}, {upper}, training=False)",
        "Xu, Wang, Chen, Li 2015 (arXiv:1505.00853)",
        knobs=(Knob("lower", 0.0, 0.5, 0.125), Knob("upper", 0.0, 1.0, 0.333)),
    ),
    Activation(
        "elu",
        "ELU",
        r"g(x)=\begin{cases}x & x>0\\ \alpha\,(e^{x}-1) & x\le 0\end{cases}",
        r"g'(x)=\begin{cases}1 & x>0\\ \alpha\,e^{x} & x\le 0\end{cases}",
        slopes.elu,
        slopes.elu_slope,
        "F.elu(x, {alpha})",
        "Clevert, Unterthiner, Hochreiter 2016 (arXiv:1511.07289)",
        knobs=(Knob("alpha", 0.1, 2.0, 1.0),),
    ),
    Activation(
        "maxout",
        "Maxout (k = 2)",
        r"g(x)=\max(w_1x+b_1,\ w_2x+b_2)",
        r"g'(x)=\begin{cases}w_1 & w_1x+b_1>w_2x+b_2\\ w_2 & \text{else}\end{cases}",
        slopes.maxout,
        slopes.maxout_slope,
        _LINES,
        "Goodfellow, Warde-Farley, Mirza, Courville, Bengio 2013 (arXiv:1302.4389)",
        knobs=(
            Knob("w1", -2.0, 2.0, 1.0, learned=True),
            Knob("b1", -2.0, 2.0, 0.0, learned=True),
            Knob("w2", -2.0, 2.0, -0.5, learned=True),
            Knob("b2", -2.0, 2.0, -1.0, learned=True),
        ),
        per="unit",
        pieces=2,
    ),
    Activation(
        "silu",
        "SiLU (Swish)",
        r"g(x)=x\,\sigma(x)",
        r"g'(x)=\sigma(x)\,(1+x\,(1-\sigma(x)))",
        slopes.silu,
        slopes.silu_slope,
        "F.silu(x)",
        "Elfwing, Uchibe, Doya 2018 (arXiv:1702.03118); Ramachandran et al. 2017 (arXiv:1710.05941)",
    ),
    Activation(
        "hard-swish",
        "Hard-swish",
        r"g(x)=x\,\frac{\min(\max(x+3,0),6)}{6}",
        r"g'(x)=\begin{cases}0 & x\le -3\\ (2x+3)/6 & -3<x<3\\ 1 & x\ge 3\end{cases}",
        slopes.hard_swish,
        slopes.hard_swish_slope,
        "F.hardswish(x)",
        "Howard et al. 2019 (arXiv:1905.02244, MobileNet v3)",
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({entry.slug: entry for entry in _ENTRIES})


def activation(slug: str) -> Activation:
    """An entry by its slug. Raises `UnknownEntry`."""
    return lookup(ACTIVATIONS, slug, "activation")


def steepest(entry: Activation, values: Values) -> float:
    """The largest slope, up or down, between -6 and 6."""
    return float(np.abs(entry.slope(np.linspace(-6.0, 6.0, 2401), values)).max())


def curve(slug: str, values: Values, at: float, reach: float = 5.0) -> Curve:
    """A function from -`reach` to `reach`, its slope, and both at one place. Raises `UnknownEntry`."""
    entry = activation(slug)
    # Twice each kink from either side, so that a jump of the slope is drawn upright.
    grid = np.union1d(np.linspace(-reach, reach, 161), [-3.0, -3 + 1e-9, 1e-9, 3 - 1e-9])
    point = np.array([at])
    band: tuple[tuple[float, ...], ...] = ()
    if {"lower", "upper"} <= values.keys():
        band = tuple(tuple(slopes.leaky(grid, {"slope": values[end]}).tolist()) for end in ("lower", "upper"))
    return Curve(
        tuple(grid.tolist()),
        tuple(entry.value(grid, values).tolist()),
        tuple(entry.slope(grid, values).tolist()),
        at,
        float(entry.value(point, values)[0]),
        float(entry.slope(point, values)[0]),
        band,
    )


# --- what one value costs ---------------------------------------------------------------------------------------------

_KINDS = {
    **dict.fromkeys(("exp", "tanh"), "exp"),
    **dict.fromkeys(("add", "subtract", "negative"), "add"),
    "multiply": "multiply",
    "divide": "divide",
    **dict.fromkeys(("maximum", "minimum", "greater"), "compare"),
}
"""What numpy calls an operation, and what it is counted as; a choice (`where`) comes with its comparison."""


class _Counting(np.ndarray):
    """An array that notes which operations are done with it."""

    noted: Counter[str]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        self.noted[_KINDS[ufunc.__name__]] += 1
        plain = [each.view(np.ndarray) if isinstance(each, _Counting) else each for each in inputs]
        return _counted(getattr(ufunc, method)(*plain, **kwargs), self.noted)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        plain = [each.view(np.ndarray) if isinstance(each, _Counting) else each for each in args]
        return _counted(function(*plain, **kwargs), self.noted)


def _counted(values: Any, noted: Counter[str]) -> _Counting:
    array = np.asarray(values).view(_Counting)
    array.noted = noted
    return array


def operations(entry: Activation) -> Mapping[str, int]:
    """How many operations one value takes, by kind ("exp", "add", "multiply", "divide", "compare"): counted, not told.

    The function is run on an array that notes what is done with it. tanh counts as one exponential.
    """
    noted: Counter[str] = Counter()
    entry.value(_counted(np.ones(1), noted), entry.usual)
    return {kind: noted[kind] for kind in ("exp", "add", "multiply", "divide", "compare") if noted[kind]}
