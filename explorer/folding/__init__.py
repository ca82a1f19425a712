"""Fold a trace for display: into stages, blocks or layers; the graph of one block; the block that tells most.

Law: records only, no torch: a recorded trace is folded before it is imported. `outline` folds, `block_graph` is the
inside of one block, `longest_route` the path that a network's depth is counted on, `telling_block` the block whose
inside shows the idea, `parameters_by_place` says where the parameters sit.
"""

from explorer.folding.outline import block_graph, longest_route, outline
from explorer.folding.places import PLACES, parameters_by_place
from explorer.folding.telling import TellingBlock, telling_block

__all__ = [
    "PLACES",
    "TellingBlock",
    "block_graph",
    "longest_route",
    "outline",
    "parameters_by_place",
    "telling_block",
]
