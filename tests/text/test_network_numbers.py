"""Numbers in the lessons of networks: every sum comes out, and what is counted is what a trace counts.

Only `sources` may have numbers that nobody can compute here: those of papers and of other programs.
"""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from math import ceil, floor, isclose, prod
from typing import Any

import pytest

from explorer import text
from explorer.networks import network, networks
from explorer.records import LayerRecord, NetworkInstance, ShapeTrace
from explorer.tracing import trace_shapes

KEYS = text.lessons("en", "networks")
COUNTED = ("idea", "why", "because", "shapes", "question", "answer")
ALSO = {
    "bn-inception": ("googlenet",),
    "densenet": ("resnet50",),
    "efficientnet-lite": ("efficientnet-b0",),
    "googlenet": ("alexnet", "vgg16"),
    "lenet-1998": ("lenet5",),
    "mobilenet-v2": ("mobilenet-v1",),
    "mobilenet-v3": ("mobilenet-v2",),
    "nin": ("alexnet",),
    "plain": ("resnet34",),
    "preact-resnet": ("resnet50",),
    "resnet": ("vgg19",),
    "squeezenet": ("alexnet",),
}
"""Networks of other lessons that a lesson compares with."""

OPTIONS = {
    "alexnet": "groups",
    "cifar-resnet20": "shortcut",
    "cifar-resnet110": "shortcut",
    "googlenet": "aux",
    "inception-v3": "aux",
    "mobilenet-v1": "width",
    "resnet152": "stride_at",
}
"""The option of a network whose other values a lesson speaks of."""

GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?!\d)")
ROUNDED = re.compile(r"(?<![\d,.])(\d+(?:\.\d+)?) ([kMG])\b")
UNITS = {"k": 1e3, "M": 1e6, "G": 1e9}
SAID = {
    "cifar-resnet": {"50,000"},  # images of CIFAR-10
    "inception-resnet": {"1,000"},  # filters, from the paper
    "lenet": {"60 k"},  # so the course says
}
"""What is no count of a network."""

_FUNCTIONS: dict[str, Callable[[float], float]] = {"floor": floor, "ceil": ceil}
_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def value_of(side: str) -> float | None:
    """What one side of a formula comes to; None for one with letters."""
    plain = side.replace("{,}", "").replace("\\cdot", "*").replace("\\left", "").replace("\\right", "")
    for name, begin, end in (("floor", "\\lfloor", "\\rfloor"), ("ceil", "\\lceil", "\\rceil")):
        plain = plain.replace(begin, f"{name}(").replace(end, ")")
    plain = re.sub(r"\\%", "", plain).replace("^", "**")
    try:
        return _evaluated(ast.parse(plain.strip(), mode="eval").body)
    except (SyntaxError, KeyError):
        return None


def _evaluated(node: ast.AST) -> float:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.BinOp):
        return float(_OPERATORS[type(node.op)](_evaluated(node.left), _evaluated(node.right)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return float(_FUNCTIONS[node.func.id](_evaluated(node.args[0])))
    raise KeyError(type(node))


def formulas(markdown: str) -> Iterator[str]:
    """Formulas, and sums in prose (1 + 2 = 3)."""
    yield from re.findall(r"\$([^$]+)\$", markdown)
    prose = re.sub(r"\$[^$]+\$", "", markdown).replace(",", "")
    yield from re.findall(r"(?<![\d.+] )\d+(?: \+ \d+)+ = \d+", prose)


@pytest.mark.parametrize("key", KEYS)
def test_every_formula_comes_out(key: str) -> None:
    for formula in formulas("\n".join(text.lesson("en", "networks", key).values())):
        first, *others = re.split(r"(=|\\approx)", formula)
        expected = value_of(first)
        for sign, side in zip(others[::2], others[1::2], strict=True):
            found = value_of(side)
            if expected is not None and found is not None:
                assert isclose(expected, found, rel_tol=0.02 if sign == "\\approx" else 1e-12), formula
            expected = found if found is not None else expected


@cache
def of(slug: str, **options: Any) -> ShapeTrace:
    """The trace of a network, with other options than it is declared with."""
    spec = network(slug)
    return trace_shapes(NetworkInstance.of(spec, options={**spec.options(), **options}))


WORKED: dict[str, dict[str, Callable[[], int]]] = {
    "bn-inception": {"9,600": lambda: 49 * 3 * 64 + 64 + 2 * 64, "9,664": lambda: 49 * 3 * 64 + 4 * 64},
    "efficientnet-lite": {"636,540": lambda: of("efficientnet-b0").parameters - of("efficientnet-lite0").parameters},
    "nin": {"159,434": lambda: sum(each.parameters for each in of("nin-cifar10").layers if each.kernel == (1, 1))},
    "plain": {"172,032": lambda: 64 * 128 + 128 * 256 + 256 * 512},
    "preact-resnet": {"3,840": lambda: 256 + 512 + 1024 + 2048},
}
"""Differences and sums that no formula of the lesson writes out, and what comes of a mistake."""


def variants(slug: str) -> Iterator[ShapeTrace]:
    """A network as declared, and with the other values of the option that its lesson speaks of."""
    name = OPTIONS.get(slug)
    controls = [control for control in network(slug).controls if control.name == name]
    yield of(slug)
    for control in controls:
        for choice in control.choices:
            if choice != control.default:
                yield of(slug, **{control.name: choice})


@cache
def counts(key: str) -> frozenset[float]:
    """All that traces count for a lesson: of layers, of stages, of kinds of layers, of networks."""
    slugs = [spec.slug for spec in networks().values() if spec.lesson == key] + list(ALSO.get(key, ()))
    found: set[float] = set()
    for each in (variant for slug in slugs for variant in variants(slug)):
        found |= {each.parameters, each.macs, each.buffers}
        sums: Counter[tuple[str, str]] = Counter()
        for layer in each.layers:
            weights = layer.parameters - (layer.out_shape[0] if layer.bias else 0)
            found |= {layer.parameters, layer.macs, weights, prod(layer.out_shape)}
            for group in (layer.kind, layer.stage, layer.block):
                sums[group, "parameters"] += layer.parameters
                sums[group, "macs"] += layer.macs
        found |= set(sums.values())
    return frozenset(found)


def known(key: str) -> set[float]:
    """What a lesson may say: what is counted, and what its own formulas come to."""
    sides = (
        side
        for formula in formulas("\n".join(text.lesson("en", "networks", key).values()))
        for side in re.split(r"=|\\approx", formula)
    )
    return {*counts(key), *(value for side in sides if (value := value_of(side)) is not None)}


def spoken(key: str) -> str:
    lesson = text.lesson("en", "networks", key)
    return "\n".join(lesson[slot] for slot in COUNTED)


@pytest.mark.parametrize("key", KEYS)
def test_a_number_in_full_is_counted_or_worked_out(key: str) -> None:
    numbers, worked = known(key), {number: work() for number, work in WORKED.get(key, {}).items()}
    for number in set(GROUPED.findall(spoken(key).replace("{,}", ","))) - SAID.get(key, set()):
        value = int(number.replace(",", ""))
        assert value in numbers or value == worked.get(number), number


@pytest.mark.parametrize("key", KEYS)
def test_a_rounded_number_is_what_is_counted(key: str) -> None:
    numbers = known(key)
    for digits, unit in ROUNDED.findall(spoken(key)):
        places = len(digits.partition(".")[2])
        fits = [number for number in numbers if f"{number / UNITS[unit]:.{places}f}" == digits]
        assert fits or f"{digits} {unit}" in SAID.get(key, set()), f"{digits} {unit}"


def share(slug: str, what: str, chosen: Callable[[LayerRecord], bool]) -> float:
    """Percent of a network's parameters or MACs that some of its layers have."""
    part = sum(float(getattr(layer, what)) for layer in of(slug).layers if chosen(layer))
    return 100 * part / float(getattr(of(slug), what))


def is_conv(layer: LayerRecord) -> bool:
    return layer.kind == "conv"


def is_linear(layer: LayerRecord) -> bool:
    return layer.kind == "linear"


def is_gate(layer: LayerRecord) -> bool:
    return is_conv(layer) and layer.out_shape[1:] == (1, 1)


def called(name: str) -> Callable[[LayerRecord], bool]:
    return lambda layer: layer.name == name


def without_gates(what: str) -> float:
    """Percent of EfficientNet-B0 that Lite0 lacks."""
    whole, rest = (float(getattr(of(slug), what)) for slug in ("efficientnet-b0", "efficientnet-lite0"))
    return 100 * (whole - rest) / whole


LARGE = "mobilenet-v3-large"
SHARES: dict[str, dict[str, Callable[[], float]]] = {
    "alexnet": {
        "96%": lambda: share("alexnet", "parameters", is_linear),
        "92%": lambda: share("alexnet", "macs", is_conv),
    },
    "cifar-resnet": {"75%": lambda: share("cifar-resnet20", "parameters", lambda layer: layer.stage == "8x8")},
    "efficientnet-lite": {"12.0%": lambda: without_gates("parameters"), "0.16%": lambda: without_gates("macs")},
    "inception-v4": {"48%": lambda: share("inception-v4", "macs", lambda layer: layer.block_type == "InceptionB")},
    "lenet": {
        "58%": lambda: share("lenet5", "macs", called("c3")),
        "78%": lambda: share("lenet5", "parameters", called("c5")),
    },
    "mobilenet-v1": {
        "94.9%": lambda: share("mobilenet-v1", "macs", lambda layer: layer.name.endswith("pw.conv")),
        "3.1%": lambda: share("mobilenet-v1", "macs", lambda layer: layer.kind == "depthwise"),
        "31%": lambda: 100 * (9 * 16 * 3 + 3 * 16 * 5) / (27 * 16 * 5),
    },
    "mobilenet-v3": {
        "27.6%": lambda: share(LARGE, "parameters", is_gate),
        "0.7%": lambda: share(LARGE, "macs", is_gate),
        "1.2%": lambda: share(LARGE, "macs", is_linear),
    },
    "vgg": {
        "74%": lambda: share("vgg16", "parameters", called("classifier.0")),
        "99%": lambda: share("vgg16", "macs", is_conv),
        "89%": lambda: share("vgg16", "parameters", is_linear),
    },
}


@pytest.mark.parametrize(("key", "said"), [(key, said) for key, shares in SHARES.items() for said in shares])
def test_a_share_is_what_is_counted(key: str, said: str) -> None:
    assert said in spoken(key)
    assert f"{SHARES[key][said]():.{len(said.partition('.')[2].rstrip('%'))}f}%" == said


FIELDS = {
    "cifar-resnet": ("cifar-resnet20", "cifar-resnet110"),
    "googlenet": ("googlenet", "googlenet-torchvision"),
    "inception-resnet": ("inception-resnet-v1", "inception-resnet-v2"),
    "inception-v3": ("inception-v3",),
    "inception-v4": ("inception-v4",),
    "mobilenet-v2": ("mobilenet-v2",),
    "nin": ("nin-imagenet", "alexnet"),
    "plain": ("plain18", "plain34"),
    "preact-resnet": ("preact-resnet164-cifar", "preact-resnet110-cifar"),
    "resnet": ("resnet50", "resnet34"),
    "vgg": ("vgg13", "vgg16-c", "vgg16"),
}
"""Networks whose receptive field at the last map a lesson gives."""


@pytest.mark.parametrize("key", FIELDS)
def test_a_receptive_field_is_that_of_the_last_map(key: str) -> None:
    for slug in FIELDS[key]:
        maps = [layer for layer in of(slug).layers if len(layer.out_shape) == 3 and layer.out_shape[1] > 1]
        last = maps[-1]
        assert re.search(rf"\b{last.rf.size[0]}\b", text.lesson("en", "networks", key)["shapes"]), (slug, last.rf)
