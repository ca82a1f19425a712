"""Training: the loss, the steps, where weights begin, and what networks are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log, sqrt

from explorer.glossary.contract import Term, grouped

_RESNET = "He et al. 2015, arXiv:1512.03385"
_YOSINSKI = "Yosinski et al. 2014, arXiv:1411.1792"


def _losses() -> Mapping[str, str]:
    return {"share": "90", "loss": f"{-log(0.9):.3f}", "guess": f"{log(10):.3f}"}


def _steps() -> Mapping[str, str]:
    return {"steps": str(ceil(50_000 / 128))}


def _velocity() -> Mapping[str, str]:
    return {"times": f"{1 / (1 - 0.9):.0f}"}


def _halving() -> Mapping[str, str]:
    return {"steps": f"{log(0.5) / log(1 - 0.1 * 0.0001):,.0f}"}


def _deviations() -> Mapping[str, str]:
    fan = 3 * 3 * 64
    return {"he": f"{sqrt(2 / fan):.4f}", "glorot": f"{sqrt(2 / (fan + fan)):.4f}"}


def _vanished() -> Mapping[str, str]:
    return {"factor": f"{0.25**20:.1e}"}


def _kept() -> Mapping[str, str]:
    return {"factor": f"{1 / (1 - 0.5):g}"}


SPECS = grouped(
    "learning",
    Term(
        "cross-entropy",
        "lenet",
        {"activation": "relu"},
        r"L = -\log p_y = -z_y + \log \sum_j e^{z_j}",
        ("softmax", "logit"),
        example=_losses,
    ),
    Term("mini-batch", "nonlinearities", {"view": "batchnorm", "batch": "digits"}, related=("epoch", "batch-norm")),
    Term("epoch", "lenet", {"epochs": "5"}, related=("mini-batch", "schedule"), example=_steps),
    Term(
        "momentum",
        "degradation",
        {"lr": "0.1"},
        r"v \leftarrow \mu v + \nabla L, \qquad w \leftarrow w - \eta v",
        ("schedule", "weight-decay"),
        "Sutskever et al. 2013",
        _velocity,
    ),
    Term(
        "weight-decay",
        "residual",
        {"view": "identity"},
        r"w \leftarrow w - \eta\,(\nabla L + \lambda w)",
        ("momentum", "identity", "overfitting"),
        _RESNET,
        _halving,
    ),
    Term("schedule", "degradation", {"replay": "cifar-56"}, related=("epoch", "momentum")),
    Term(
        "initialisation",
        "residual",
        {"view": "signals", "init": "xavier"},
        r"\mathrm{Var}(w) = \frac{2}{n_\text{in}}, \qquad \mathrm{Var}(w) = \frac{2}{n_\text{in} + n_\text{out}}",
        ("vanishing-gradient", "relu", "seed"),
        "He et al. 2015, arXiv:1502.01852; Glorot & Bengio 2010",
        _deviations,
    ),
    Term(
        "vanishing-gradient",
        "residual",
        {"view": "signals", "act": "sigmoid", "init": "xavier", "depth": "20"},
        r"\frac{\partial L}{\partial a_0} = \frac{\partial L}{\partial a_L} \prod_{l=1}^{L} g'(z_l)\, W_l",
        ("initialisation", "shortcut", "degradation"),
        "Glorot & Bengio 2010",
        _vanished,
    ),
    Term("degradation", "degradation", related=("overfitting", "residual-block", "identity"), source=_RESNET),
    Term("overfitting", "lenet", {"epochs": "30"}, related=("augmentation", "dropout")),
    Term(
        "dropout",
        "pipeline",
        {"net": "alexnet", "level": "layer"},
        r"y = \frac{m \cdot x}{1 - p}, \qquad m \sim \text{Bernoulli}(1 - p)",
        ("train-eval", "overfitting"),
        "Srivastava et al. 2014",
        _kept,
    ),
    Term(
        "augmentation", "augmentation", {"chain": "resized-crop_mirror"}, related=("mixup", "overfitting", "ten-crop")
    ),
    Term(
        "mixup",
        "augmentation",
        {"chain": "mixup"},
        r"\tilde x = \lambda x_1 + (1 - \lambda)\, x_2, \qquad \tilde y = \lambda y_1 + (1 - \lambda)\, y_2",
        ("augmentation",),
        "Zhang et al. 2017, arXiv:1710.09412",
    ),
    Term("transfer-learning", "transfer", related=("fine-tuning", "frozen", "head"), source=_YOSINSKI),
    Term(
        "fine-tuning",
        "transfer",
        {"transferview": "measured", "amount": "5"},
        related=("transfer-learning", "frozen"),
        source=_YOSINSKI,
    ),
    Term(
        "frozen",
        "transfer",
        {"transferview": "reused", "after": "5"},
        related=("train-eval", "fine-tuning", "transfer-learning"),
        source=_YOSINSKI,
    ),
    Term("checkpoint", "runs", related=("seed", "buffer"), common=True),
    Term("seed", "degradation", {"seed": "1"}, related=("initialisation", "augmentation"), common=True),
)
