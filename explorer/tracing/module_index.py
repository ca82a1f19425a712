"""Where in a network an operation stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import nn

from explorer.records import TRAILING, LayerRecord, Stage
from explorer.tracing.operations import Operation


class ModuleLocation(NamedTuple):
    """Where a module stands. `stage` is None outside all stages; a lone module is a block by itself without parts."""

    stage: str | None
    block: str
    is_leaf: bool
    is_lone: bool
    module_type: str
    block_type: str


class ModuleIndex:
    """Where in a network an operation stands: its stage, its block, the type of its module."""

    def __init__(self, network: nn.Module, stages: Sequence[Stage]) -> None:
        self.modules = dict(network.named_modules())
        self._parents = {path.rpartition(".")[0] for path in self.modules if path}
        self._stages = {path: stage.name for stage in stages for path in stage.modules}
        self._first = stages[0].name
        self._known: dict[str, ModuleLocation] = {}

    def type_of(self, module: str) -> str:
        """Class name of a module."""
        return type(self.modules[module]).__name__ if module in self.modules else ""

    def at(self, module: str) -> ModuleLocation:
        """The place of a module."""
        if module not in self._known:
            stage, block = self._find(module)
            lone, leaf = block not in self._parents, module not in self._parents
            self._known[module] = ModuleLocation(stage, block, leaf, lone, self.type_of(module), self.type_of(block))
        return self._known[module]

    def of(self, place: ModuleLocation, operation: Operation, before: Sequence[LayerRecord]) -> tuple[str, str, str]:
        """(stage, block path, type of the block) of an operation run at a place.

        An operation of the network itself, and a lone normalisation, activation or dropout, joins the block before.
        """
        previous = before[-1] if before else None
        if place.stage is None:
            stage, joins = self._first, previous is not None
        else:
            stage = place.stage
            joins = place.is_lone and operation.kind in TRAILING and previous is not None and previous.stage == stage
        if joins and previous is not None:
            return previous.stage, previous.block, previous.block_type
        return stage, place.block, place.block_type

    def _find(self, module: str) -> tuple[str | None, str]:
        """(stage, block path) of a module: the innermost stage it is in, and the part of that stage it belongs to."""
        path = module
        while path and path not in self._stages:
            path = path.rpartition(".")[0]
        if not path:
            return None, module
        root = self.modules[path]
        # A bare container is not a block, its children are; torchvision's dense block is a container of dense layers.
        container = type(root) in (nn.Sequential, nn.ModuleList) or isinstance(root, nn.ModuleDict)
        if container and module != path:
            return self._stages[path], ".".join(module.split(".")[: path.count(".") + 2])
        return self._stages[path], path
