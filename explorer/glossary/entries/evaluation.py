"""How the answers of a network are asked for, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from math import comb

from explorer.arithmetic.sizes import output_size
from explorer.glossary.contract import Term, grouped

_ALEXNET = "Krizhevsky, Sutskever & Hinton 2012"


def _guessed() -> Mapping[str, str]:
    return {"one": f"{100 / 1000:g}", "five": f"{100 * 5 / 1000:g}"}


def _middle() -> Mapping[str, str]:
    return {"margin": str((256 - 224) // 2), "share": f"{100 * (224 / 256) ** 2:.1f}"}


def _views() -> Mapping[str, str]:
    return {"views": str(4 * 3 * (4 + 1 + 1) * 2)}


def _positions() -> Mapping[str, str]:
    side = output_size(384 // 32, 7).value
    return {"positions": str(side * side)}


def _majority() -> Mapping[str, str]:
    share = sum(comb(3, right) * 0.8**right * 0.2 ** (3 - right) for right in (2, 3))
    return {"majority": f"{100 * share:.1f}"}


SPECS = grouped(
    "evaluation",
    Term("top1", "atlas", related=("top5", "single-crop"), common=True),
    Term("top5", "why", related=("top1", "softmax"), example=_guessed),
    Term(
        "single-crop",
        "crops",
        {"scheme": "one"},
        related=("ten-crop", "multi-crop", "dense-evaluation"),
        example=_middle,
    ),
    Term(
        "ten-crop",
        "crops",
        {"scheme": "ten"},
        r"\bar p = \frac{1}{10} \sum_{v=1}^{10} \mathrm{softmax}\big(z^{(v)}\big)",
        ("single-crop", "multi-crop", "ensemble"),
        _ALEXNET,
    ),
    Term(
        "multi-crop",
        "crops",
        {"scheme": "multi"},
        related=("ten-crop", "dense-evaluation"),
        source="Szegedy et al. 2014, arXiv:1409.4842",
        example=_views,
    ),
    Term(
        "dense-evaluation",
        "pipeline",
        {"net": "resnet50", "h": "384", "w": "384"},
        related=("gap", "multi-crop", "pointwise"),
        source="Sermanet et al. 2013, arXiv:1312.6229; Simonyan & Zisserman 2014, arXiv:1409.1556",
        example=_positions,
    ),
    Term(
        "ensemble",
        "crops",
        {"test": "digits"},
        r"\bar p = \frac{1}{M} \sum_{m=1}^{M} p^{(m)}",
        ("softmax", "ten-crop"),
        example=_majority,
    ),
)
