"""What is done to every number: non-linearities, normalisation, softmax."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, sqrt
from statistics import fmean, pstdev

from explorer.glossary.contract import Term, grouped

_NORM = "Ioffe & Szegedy 2015, arXiv:1502.03167"


def _swish() -> Mapping[str, str]:
    from explorer.blocks.activations import curve  # numpy, which nothing else here needs

    hard, smooth = (curve(name, {}, 1.0).value for name in ("hard-swish", "silu"))
    return {"hard": f"{hard:.3f}", "smooth": f"{smooth:.3f}"}


def _normalised() -> Mapping[str, str]:
    values = (1.0, 2.0, 3.0, 6.0)
    mean, deviation = fmean(values), sqrt(pstdev(values) ** 2 + 1e-5)
    return {"values": " · ".join(f"{(x - mean) / deviation:.2f}".replace("-", "−") for x in values)}


def _buffers() -> Mapping[str, str]:
    channels = 64
    return {"parameters": str(2 * channels), "buffers": str(2 * channels)}


def _shares() -> Mapping[str, str]:
    powers = [exp(logit) for logit in (2, 1, 0)]
    return {"shares": " · ".join(f"{power / sum(powers):.3f}" for power in powers)}


SPECS = grouped(
    "functions",
    Term("activation", "nonlinearities", {"fn": "tanh"}, r"a = g(z)", ("relu", "affine", "unit")),
    Term(
        "relu",
        "nonlinearities",
        {"fn": "relu"},
        r"\max(0, z)",
        ("dead-relu", "activation", "initialisation"),
        "Nair & Hinton 2010",
    ),
    Term("dead-relu", "nonlinearities", {"view": "dying", "counted": "silent"}, related=("relu", "initialisation")),
    Term(
        "hard-swish",
        "nonlinearities",
        {"fn": "hard-swish", "x": "1"},
        r"x \cdot \frac{\mathrm{ReLU6}(x + 3)}{6}",
        ("activation", "inverted-residual"),
        "Howard et al. 2019, arXiv:1905.02244",
        _swish,
    ),
    Term(
        "batch-norm",
        "nonlinearities",
        {"view": "batchnorm"},
        r"\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma \hat x + \beta",
        ("train-eval", "affine", "buffer", "mini-batch"),
        _NORM,
        _normalised,
    ),
    Term(
        "train-eval",
        "nonlinearities",
        {"view": "batchnorm", "companion": "rocket"},
        related=("batch-norm", "dropout", "buffer", "frozen"),
        source=_NORM,
    ),
    Term(
        "affine",
        "nonlinearities",
        {"view": "batchnorm", "affine": "own"},
        r"y = Wx + b",
        ("batch-norm", "activation", "parameters"),
        common=True,
    ),
    Term("buffer", "transfer", {"transferview": "reused"}, related=("batch-norm", "train-eval"), example=_buffers),
    Term(
        "lrn",
        "pipeline",
        {"net": "alexnet", "o.lrn": "0"},
        r"b_i = a_i \Big/ \Big(k + \alpha \sum_{j=i-n/2}^{i+n/2} a_j^2\Big)^{\beta}",
        ("batch-norm",),
        "Krizhevsky, Sutskever & Hinton 2012",
    ),
    Term("logit", "why", related=("softmax", "head", "attribution")),
    Term(
        "softmax",
        "crops",
        {"scheme": "one"},
        r"p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",
        ("logit", "cross-entropy", "ensemble"),
        example=_shares,
    ),
)
