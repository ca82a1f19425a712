"""Sliding windows: convolutions, what surrounds them, and pooling."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.arithmetic.cost import filter_weights
from explorer.arithmetic.separable import cost_ratio, depthwise, full, pointwise, separable
from explorer.arithmetic.sizes import output_size, same_padding, transposed_size
from explorer.glossary.contract import Term, grouped

_DUMOULIN = "Dumoulin & Visin 2016, arXiv:1603.07285"
_SIZE = r"n' = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1"


def _size(n: int, f: int, s: int = 1, p: int = 0) -> Mapping[str, str]:
    return {"size": str(output_size(n, f, s=s, p=p).value)}


def _valid() -> Mapping[str, str]:
    return _size(6, 3)


def _same() -> Mapping[str, str]:
    p = same_padding(28, 5, 1).value // 2
    return {"p": str(p), **_size(28, 5, p=p)}


def _full() -> Mapping[str, str]:
    return _size(6, 3, p=2)


def _strided() -> Mapping[str, str]:
    return _size(7, 3, 2)


def _dilated() -> Mapping[str, str]:
    gap = output_size(9, 3, d=2).value  # positions of the spread kernel on nine cells
    return {"span": str(9 - gap + 1)}


def _grouped() -> Mapping[str, str]:
    whole, two = (filter_weights((5, 5), 96, 256, groups)[0] for groups in (1, 2))
    return {"whole": f"{whole:,}", "grouped": f"{two:,}"}


def _pointwise() -> Mapping[str, str]:
    return {"weights": f"{pointwise(1, 192, 16).weights.value:,}"}


def _depthwise() -> Mapping[str, str]:
    return {"weights": f"{depthwise(3, 128, 3).weights.value:,}"}


def _separable() -> Mapping[str, str]:
    two = sum(step.weights.value for step in separable(3, 128, 128, 3))
    whole = full(3, 128, 128, 3).weights.value
    return {"two": f"{two:,}", "whole": f"{whole:,}", "percent": f"{100 * float(cost_ratio(128, 3)):.1f}"}


def _transposed() -> Mapping[str, str]:
    return {"size": str(transposed_size(2, 3, s=2, p=1).value)}


def _pooled() -> Mapping[str, str]:
    flat, pooled = (pointwise(1, numbers, 4096).weights.value for numbers in (7 * 7 * 512, 512))
    return {"flat": f"{flat:,}", "pooled": f"{pooled:,}"}


SPECS = grouped(
    "convolutions",
    Term(
        "cross-correlation",
        "convolution",
        {"case": "flip"},
        r"y_{ij} = \sum_{u,v} x_{i+u,\,j+v}\, w_{uv}",
        ("kernel", "transposed"),
        _DUMOULIN,
    ),
    Term("kernel", "convolution", {"view": "photograph"}, related=("feature-map", "n_c", "cross-correlation")),
    Term(
        "padding",
        "convolution",
        {"case": "slide-same"},
        _SIZE,
        ("valid-padding", "same-padding", "full-padding", "stride"),
        _DUMOULIN,
    ),
    Term(
        "valid-padding",
        "convolution",
        {"case": "slide-numbers"},
        "p = 0",
        ("same-padding", "full-padding"),
        _DUMOULIN,
        _valid,
    ),
    Term(
        "same-padding",
        "convolution",
        {"case": "slide-same"},
        r"p = \frac{f - 1}{2}",
        ("valid-padding", "full-padding", "padding"),
        _DUMOULIN,
        _same,
    ),
    Term(
        "full-padding",
        "convolution",
        {"case": "slide-numbers", "pad": "full"},
        "p = f - 1",
        ("valid-padding", "same-padding", "transposed"),
        _DUMOULIN,
        _full,
    ),
    Term("stride", "convolution", {"case": "slide-stride"}, _SIZE, ("padding", "jump", "pooling"), _DUMOULIN, _strided),
    Term(
        "dilation",
        "convolution",
        {"case": "dilated"},
        "d(f - 1) + 1",
        ("rf", "stride", "kernel"),
        "Yu & Koltun 2015, arXiv:1511.07122",
        _dilated,
    ),
    Term(
        "groups",
        "pipeline",
        {"net": "alexnet", "o.groups": "1"},
        r"f \cdot f \cdot \frac{n_C}{g} \cdot n_C'",
        ("depthwise", "parameters"),
        "Krizhevsky, Sutskever & Hinton 2012",
        _grouped,
    ),
    Term(
        "pointwise",
        "inception",
        {"view": "pointwise"},
        r"y_{k,ij} = \sum_c w_{kc}\, x_{c,ij} + b_k",
        ("bottleneck", "separable", "n_c"),
        "Lin, Chen & Yan 2013, arXiv:1312.4400",
        _pointwise,
    ),
    Term(
        "depthwise",
        "convolution",
        {"case": "depthwise"},
        r"f \cdot f \cdot n_C",
        ("separable", "groups", "inverted-residual"),
        "Howard et al. 2017, arXiv:1704.04861",
        _depthwise,
    ),
    Term(
        "separable",
        "efficient",
        {"view": "separable"},
        r"\frac{f^2 n_C + n_C n_C'}{f^2 n_C n_C'} = \frac{1}{n_C'} + \frac{1}{f^2}",
        ("depthwise", "pointwise", "macs"),
        "Howard et al. 2017, arXiv:1704.04861",
        _separable,
    ),
    Term(
        "transposed",
        "convolution",
        {"view": "transposed"},
        r"n' = (n - 1)\, s - 2p + f",
        ("cross-correlation", "stride", "full-padding"),
        _DUMOULIN,
        _transposed,
    ),
    Term("pooling", "nonlinearities", {"view": "pooling"}, _SIZE, ("gap", "stride")),
    Term(
        "gap",
        "nonlinearities",
        {"view": "pooling", "pool": "mean", "global": "1"},
        r"y_c = \frac{1}{n_H n_W} \sum_{i,j} x_{c,ij}",
        ("head", "pooling", "squeeze-excitation"),
        "Lin, Chen & Yan 2013, arXiv:1312.4400",
        _pooled,
    ),
)
