"""Cut a network at the borders of its stages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import fx, nn

from explorer.errors import BadOption
from explorer.records import NetworkSpec
from explorer.training import weight_layers


def last_layer(net: nn.Module) -> str:
    """The name of the last weight layer: the one that is new in a transfer."""
    return list(weight_layers(net))[-1]


def split(net: nn.Module, spec: NetworkSpec) -> tuple[nn.Module, ...]:
    """One module for each stage of `spec`, and what remains, which begins with the last weight layer.

    They share the modules of `net`: one after the other they compute what it does. The last stage ends before that
    layer. Raises `BadOption` where a later stage needs more than the output of the one before.
    """
    graph = _Outline(net, spec).trace(net)
    nodes = list(graph.nodes)
    cuts = [nodes[0], *_ends(nodes, net, spec), nodes[-1].args[0]]
    return tuple(_between(net, nodes, begin, end, spec) for begin, end in pairwise(cuts))


class _Outline(fx.Tracer):
    """Traces a network's own forward; its stages are single calls, but for the one with the last weight layer."""

    def __init__(self, net: nn.Module, spec: NetworkSpec) -> None:
        super().__init__()
        last = last_layer(net)
        modules = {name for stage in spec.stages for name in stage.modules}
        self._whole = {name for name in modules if not _is_inside(last, name)} | {last}

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Whether a module is one call."""
        return module_qualified_name in self._whole or super().is_leaf_module(m, module_qualified_name)


def _is_inside(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def _ends(nodes: Sequence[fx.Node], net: nn.Module, spec: NetworkSpec) -> list[fx.Node]:
    """The node whose output is that of each stage."""
    last = last_layer(net)
    calls = [node for node in nodes if node.op == "call_module"]
    ends: list[fx.Node] = []
    for stage in spec.stages[:-1]:
        inside = [n for n in calls if any(_is_inside(str(n.target), module) for module in stage.modules)]
        if not inside:
            raise BadOption(f"{spec.title} does not run its stage {stage.name} as a whole: it cannot be cut there.")
        ends.append(inside[-1])
    (classifier,) = (node for node in calls if node.target == last)
    return [*ends, classifier.all_input_nodes[0]]


def _between(net: nn.Module, nodes: Sequence[fx.Node], begin: fx.Node, end: fx.Node, spec: NetworkSpec) -> nn.Module:
    """The part of a network that makes the value `end` of the value `begin` alone."""
    part = fx.Graph()
    values = {begin: part.placeholder("x")}
    for node in nodes[nodes.index(begin) + 1 : nodes.index(end) + 1]:
        if not set(node.all_input_nodes) <= set(values):
            raise BadOption(f"{spec.title} cannot be cut before {node.target}: it needs more than one earlier output.")
        values[node] = part.node_copy(node, values.__getitem__)
    part.output(values[end])
    return fx.GraphModule(net, part)
