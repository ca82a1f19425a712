"""Random numbers of torchvision's transforms from a generator, instead of from torch's global one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_DRAWING = {
    "_sample_dirichlet",
    "bernoulli",
    "normal_",
    "rand",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "uniform_",
}
"""Names of the functions and methods of torch that draw."""


class drawing_from(TorchFunctionMode):  # noqa: N801  # used as a function: `with drawing_from(generator):`
    """In this block and this thread, torch's random functions draw from `generator`.

    Torchvision's transforms take no generator. `torch.manual_seed` for the time of a draw would give the same numbers,
    but for that time to all other threads as well.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = dict(kwargs or {})
        if getattr(func, "__name__", "") in _DRAWING:
            named.setdefault("generator", self.generator)
        return func(*args, **named)
