"""The block that a network is built of, from the inside."""

from __future__ import annotations

from explorer.figures.notation import operation_text, shape_text
from explorer.records import BlockGraph
from explorer.ui.cached import figures, networks as cached
from explorer.ui.parts.architectures.pipeline import PipelineInput, figure_labels
from explorer.ui.shell import exhibit, layout, session
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, sentences, t
from explorer.ui.widgets.operation_words import operation_labels


def telling_block(chosen: PipelineInput) -> None:
    """The network's own block, and what is to be seen in it; nothing where every block is a single layer."""
    from explorer.folding import telling_block as telling

    found = telling(cached.trace(chosen.instance))
    if found is None:
        return
    where = t("pipeline.block_where", path=found.graph.block, kind=found.graph.type, count=found.alike)
    said = sentences(*(t(f"idea.{idea}") for idea in found.ideas), where)
    layout.section(t(f"idea_head.{found.ideas[0]}"), said)
    show_graph(chosen, found.graph, f"block-{chosen.spec.slug}")


def show_graph(chosen: PipelineInput, graph: BlockGraph, key: str) -> None:
    """The graph of a block as an exhibit."""
    from explorer.figures.graph import block_graph as drawn, columns
    from explorer.folding import block_graph

    title, data_key = f"{chosen.spec.title} · {graph.block}", (chosen.instance, graph.block)
    side_by_side = columns(graph)
    exhibit.show(
        Exhibit(
            key,
            figures.figure(drawn, session.dark(), figure_labels(), data_key, (graph,), title=title),
            _sentence(graph, title),
            code=(block_graph,),
            wide=1 + (side_by_side >= 8) + (side_by_side >= 12),
        )
    )


def _sentence(graph: BlockGraph, title: str) -> str:
    lines, names = [], operation_labels()
    for i, node in enumerate(graph.nodes, 1):
        what = " · ".join(operation_text(layer, names) for layer in node.layers)
        reads = listed(str(s + 1) if s >= 0 else t("figure.input") for s in node.inputs)
        lines.append(t("pipeline.graph_line", number=i, what=what, reads=reads, shape=shape_text(node.out_shape)))
    head = t("pipeline.graph_alt", title=title, count=len(lines))
    return "\n".join((head, "", *(f"- {line}" for line in lines)))
