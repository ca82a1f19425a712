"""Location of an operation in a network: stage, block, type of module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import nn

from explorer.records import TRAILING, LayerRecord, Stage
from explorer.tracing.operations import Operation


class ModuleLocation(NamedTuple):
    """Location of a module. `stage` is None outside all stages; `is_standalone`: its block has no submodules."""

    stage: str | None
    block: str
    is_leaf: bool
    is_standalone: bool
    module_type: str
    block_type: str


class ModuleIndex:
    """Stage, block and type of every module of a network."""

    def __init__(self, network: nn.Module, stages: Sequence[Stage]) -> None:
        self.modules = dict(network.named_modules())
        self._parents = {path.rpartition(".")[0] for path in self.modules if path}
        self._stages = {path: stage.name for stage in stages for path in stage.modules}
        self._first_stage = stages[0].name
        self._cache: dict[str, ModuleLocation] = {}

    def type_of(self, module: str) -> str:
        """Class name of a module."""
        return type(self.modules[module]).__name__ if module in self.modules else ""

    def at(self, module: str) -> ModuleLocation:
        """Location of a module."""
        if module not in self._cache:
            stage, block = self._find(module)
            alone, leaf = block not in self._parents, module not in self._parents
            self._cache[module] = ModuleLocation(stage, block, leaf, alone, self.type_of(module), self.type_of(block))
        return self._cache[module]

    def of(self, location: ModuleLocation, operation: Operation, before: Sequence[LayerRecord]) -> tuple[str, str, str]:
        """(stage, block path, type of the block) of an operation run at a location.

        An operation of the root module, or a standalone normalisation, activation or dropout, joins the block before.
        """
        previous = before[-1] if before else None
        if location.stage is None:
            stage, joins = self._first_stage, previous is not None
        else:
            stage, trails = location.stage, location.is_standalone and operation.kind in TRAILING
            joins = trails and previous is not None and previous.stage == stage
        if joins and previous is not None:
            return previous.stage, previous.block, previous.block_type
        return stage, location.block, location.block_type

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
