"""The source files of a network, in reading order."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import ModuleType

from torch import nn

_OURS, _TORCHVISION = "explorer.networks", "torchvision.models"


def source_files(build: object, network: nn.Module) -> Mapping[str, str]:
    """File name -> source text: the family's own file first, then every other file its modules are declared in.

    Files of torch itself are left out; torchvision's are named as such.
    """
    target = getattr(build, "func", build)
    modules = [inspect.getmodule(target), *(inspect.getmodule(type(part)) for part in network.modules())]
    files: dict[str, str] = {}
    for module in dict.fromkeys(m for m in modules if m is not None):
        if module.__name__.startswith((_OURS, _TORCHVISION)):
            files.setdefault(_title(module), inspect.getsource(module))
    return files


def _title(module: ModuleType) -> str:
    package, _, name = module.__name__.rpartition(".")
    return f"{name}.py" if package == _OURS else f"torchvision/models/{name}.py"
