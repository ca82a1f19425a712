"""Parts of networks, and how networks are enlarged."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.arithmetic.branches import bottleneck, conv_cost
from explorer.arithmetic.compound import multiplied_cost
from explorer.arithmetic.separable import inverted, pointwise
from explorer.arithmetic.sizes import output_size
from explorer.glossary.contract import Term, grouped

_INCEPTION = "Szegedy et al. 2014, arXiv:1409.4842"
_RESNET = "He et al. 2015, arXiv:1512.03385"


def _stem() -> Mapping[str, str]:
    side = output_size(output_size(224, 7, s=2, p=3).value, 3, s=2, p=1).value
    return {"before": "224", "after": str(side)}


def _head() -> Mapping[str, str]:
    return {"parameters": f"{conv_cost((1, 1), 2048, 1000, (1, 1)).parameters.value:,}"}


def _bottleneck() -> Mapping[str, str]:
    size = (28, 28)
    narrow = sum(conv.macs.value for conv in bottleneck(size, 192, 16, 32, 5))
    return {"direct": f"{conv_cost(size, 192, 32, (5, 5)).macs.value:,}", "narrow": f"{narrow:,}"}


def _options() -> Mapping[str, str]:
    return {"a": "0", "b": f"{pointwise(1, 64, 128).weights.value:,}"}


def _inverted() -> Mapping[str, str]:
    return {"weights": f"{sum(step.weights.value for step in inverted(56, 24, 24, t=6)):,}"}


def _gate() -> Mapping[str, str]:
    both = conv_cost((1, 1), 72, 24, (1, 1)), conv_cost((1, 1), 24, 72, (1, 1))
    weights = sum(conv.macs.value for conv in both)  # at one position, one multiply-add a weight
    return {"weights": f"{weights:,}", "biases": str(sum(conv.parameters.value for conv in both) - weights)}


def _grown() -> Mapping[str, str]:
    return {"channels": str(64 + 6 * 32)}


def _halved() -> Mapping[str, str]:
    whole, half = (pointwise(1, width, width).weights.value for width in (256, 128))
    return {"whole": f"{whole:,}", "half": f"{half:,}"}


def _compound() -> Mapping[str, str]:
    return {"factor": f"{multiplied_cost(1.2, 1.1, 1.15):.2f}"}


SPECS = grouped(
    "networks",
    Term("stem", "pipeline", {"net": "resnet50", "level": "stage"}, related=("stage", "head"), example=_stem),
    Term(
        "stage",
        "pipeline",
        {"net": "resnet34", "level": "stage"},
        related=("block", "stem", "head", "transfer-learning"),
        common=True,
    ),
    Term("block", "pipeline", {"net": "resnet50", "view": "graph"}, related=("stage", "residual-block"), common=True),
    Term(
        "head",
        "transfer",
        {"transferview": "taught"},
        related=("gap", "logit", "transfer-learning"),
        example=_head,
        common=True,
    ),
    Term(
        "inception-module",
        "inception",
        {"view": "module"},
        related=("bottleneck", "pointwise", "auxiliary"),
        source=_INCEPTION,
    ),
    Term(
        "bottleneck",
        "inception",
        {"view": "bottleneck"},
        r"n_H n_W (n_C\, r + f^2\, r\, n_C') < n_H n_W\, f^2\, n_C\, n_C'",
        ("pointwise", "inception-module", "inverted-residual"),
        _INCEPTION,
        _bottleneck,
    ),
    Term(
        "residual-block",
        "residual",
        {"view": "block"},
        r"a^{[l+2]} = g\big(z^{[l+2]} + a^{[l]}\big)",
        ("shortcut", "identity", "degradation"),
        _RESNET,
    ),
    Term(
        "shortcut",
        "residual",
        {"view": "gradient"},
        r"\frac{\partial E}{\partial x_l} = \frac{\partial E}{\partial x_L}"
        r"\Big(1 + \frac{\partial}{\partial x_l} \sum_{i=l}^{L-1} F(x_i)\Big)",
        ("residual-block", "option-abc", "vanishing-gradient"),
        "He et al. 2016, arXiv:1603.05027",
    ),
    Term(
        "identity",
        "residual",
        {"view": "block", "w": "0", "b": "0"},
        r"F(x) = 0 \;\Rightarrow\; x + F(x) = x",
        ("residual-block", "degradation"),
        _RESNET,
        common=True,
    ),
    Term(
        "option-abc",
        "residual",
        {"view": "shapes", "shortcut": "projection"},
        r"y = F(x) + W_s x",
        ("shortcut", "pointwise"),
        _RESNET,
        _options,
    ),
    Term(
        "inverted-residual",
        "efficient",
        {"view": "inverted"},
        r"n_C \cdot t n_C + f^2 \cdot t n_C + t n_C \cdot n_C'",
        ("bottleneck", "depthwise", "squeeze-excitation"),
        "Sandler et al. 2018, arXiv:1801.04381",
        _inverted,
    ),
    Term(
        "squeeze-excitation",
        "efficient",
        {"view": "gates", "module": "2"},
        r"x \cdot \sigma\big(W_2\, \mathrm{ReLU}(W_1\, \mathrm{GAP}(x))\big)",
        ("gap", "inverted-residual", "activation"),
        "Hu et al. 2017, arXiv:1709.01507",
        _gate,
    ),
    Term("auxiliary", "inception", {"view": "auxiliary"}, r"L + 0.3\, L_1 + 0.3\, L_2", ("head",), _INCEPTION),
    Term(
        "growth-rate",
        "efficient",
        {"view": "dense", "k": "32"},
        r"k_0 + k\,(l - 1)",
        ("shortcut", "n_c"),
        "Huang et al. 2016, arXiv:1608.06993",
        _grown,
    ),
    Term(
        "width-multiplier",
        "pipeline",
        {"net": "mobilenet-v1", "o.width": "0.5"},
        r"\alpha n_C \cdot \alpha n_C' = \alpha^2\, n_C n_C'",
        ("compound-scaling", "separable"),
        "Howard et al. 2017, arXiv:1704.04861",
        _halved,
    ),
    Term(
        "compound-scaling",
        "efficient",
        {"view": "scaling"},
        r"d = \alpha^\phi,\quad w = \beta^\phi,\quad r = \gamma^\phi,\qquad \alpha \beta^2 \gamma^2 \approx 2",
        ("width-multiplier", "macs"),
        "Tan & Le 2019, arXiv:1905.11946",
        _compound,
    ),
)
