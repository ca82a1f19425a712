"""Volumes and what is counted of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from explorer.arithmetic.branches import conv_cost
from explorer.arithmetic.receptive import field_of_input, rf_window
from explorer.arithmetic.stacks import reached
from explorer.glossary.contract import Term, grouped
from explorer.records.stacks import WindowLayer

_ARAUJO = "Araujo, Norris & Sim 2019, Distill, doi:10.23915/distill.00021"


def _parameters() -> Mapping[str, str]:
    return {"parameters": f"{conv_cost((1, 1), 64, 128, (3, 3)).parameters.value:,}"}


def _macs() -> Mapping[str, str]:
    macs = conv_cost((56, 56), 64, 64, (3, 3)).macs.value
    return {"macs": f"{macs:,}", "flops": f"{2 * macs:,}"}


def _memory() -> Mapping[str, str]:
    numbers = prod((56, 56, 256))
    return {"numbers": f"{numbers:,}", "megabytes": f"{4 * numbers / 2**20:.2f}"}


def _fields() -> Mapping[str, str]:
    field, sizes = field_of_input(), []
    for _ in range(3):
        field = rf_window(field, (3, 3), (1, 1))
        sizes.append(str(field.size[0]))
    return dict(zip(("one", "two", "three"), sizes, strict=True))


def _jump() -> Mapping[str, str]:
    field = field_of_input()
    for stride in (2, 1, 2, 2):
        field = rf_window(field, (3, 3), (stride, stride))
    return {"jump": str(field.jump[0])}


def _ways() -> Mapping[str, str]:
    ways = reached((WindowLayer(3, 1, 1),) * 3, 21, 10)[0].ways
    return {"all": str(sum(ways)), "middle": str(max(ways)), "edge": str(min(filter(None, ways)))}


SPECS = grouped(
    "volumes",
    Term("n_h", "pipeline", {"net": "lenet5"}, related=("n_w", "n_c", "stride", "padding"), common=True),
    Term("n_w", "pipeline", {"net": "lenet5"}, related=("n_h", "n_c", "stride", "padding"), common=True),
    Term("n_c", "pipeline", {"net": "resnet50"}, related=("feature-map", "kernel", "pointwise"), common=True),
    Term("feature-map", "maps", related=("n_c", "unit", "kernel", "maximisation")),
    Term("unit", "maps", {"cell": "3,3"}, related=("feature-map", "rf", "activation"), common=True),
    Term(
        "parameters",
        "pipeline",
        {"net": "vgg16"},
        r"(f \cdot f \cdot n_C + 1) \cdot n_C'",
        ("macs", "buffer", "kernel"),
        example=_parameters,
        common=True,
    ),
    Term(
        "macs",
        "atlas",
        {"against": "parameters"},
        r"n_H' \cdot n_W' \cdot f \cdot f \cdot n_C \cdot n_C'",
        ("flops", "parameters", "separable"),
        example=_macs,
    ),
    Term(
        "flops", "pipeline", {"net": "resnet50", "view": "torchinfo"}, r"\text{FLOPs} = 2 \cdot \text{MACs}", ("macs",)
    ),
    Term("depth", "pipeline", {"net": "resnet50", "level": "layer"}, related=("degradation", "stage"), common=True),
    Term("memory", "pipeline", {"net": "vgg16"}, related=("parameters", "mini-batch"), example=_memory, common=True),
    Term(
        "rf",
        "convolution",
        {"view": "field", "stack": "3.1.1.1_3.1.1.1"},
        r"r_l = r_{l-1} + (f_l - 1) \cdot j_{l-1}",
        ("jump", "effective-field", "dilation"),
        _ARAUJO,
        _fields,
    ),
    Term(
        "jump",
        "convolution",
        {"view": "field", "stack": "3.2.1.1_3.1.1.1_3.2.1.1_3.2.1.1", "stack-n": "48"},
        r"j_l = j_{l-1} \cdot s_l",
        ("rf", "stride"),
        _ARAUJO,
        _jump,
        common=True,
    ),
    Term(
        "effective-field",
        "maps",
        {"net": "cifar-resnet20", "cell": "3,3"},
        r"\mathbb{E}\left[\left(\frac{\partial y}{\partial x_{ij}}\right)^2\right]",
        ("rf", "attribution"),
        "Luo et al. 2016, arXiv:1701.04128",
        _ways,
    ),
)
