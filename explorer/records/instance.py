"""`NetworkInstance`: a network with options, classes and input shape; the cache key of all computed from its shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from explorer.records.declared import NetworkSpec, OptionValue, Pair, Shape

Options = tuple[tuple[str, OptionValue], ...]
"""A network's options, sorted by name: hashable and JSON-serialisable."""


@dataclass(frozen=True, slots=True)
class NetworkInstance:
    """A network of the catalogue with its options, its number of classes and its input (C, H, W).

    Equal instances build equal networks. `options` includes every option of the network, also the defaults.
    """

    slug: str
    options: Options
    classes: int
    input_shape: Shape

    @classmethod
    def of(
        cls,
        spec: NetworkSpec,
        *,
        size: Pair | None = None,
        classes: int | None = None,
        options: Mapping[str, object] | None = None,
        channels: int | None = None,
    ) -> NetworkInstance:
        """An instance of `spec`, which gives what is left out. `size` is (height, width).

        Raises `BadOption` for an option that the network does not take.
        """
        default = spec.input_shape
        shape = (default[0] if channels is None else channels, *(size or default[1:]))
        chosen = tuple(sorted(spec.options(options).items()))
        return cls(spec.slug, chosen, spec.classes if classes is None else classes, shape)

    @property
    def size(self) -> Pair:
        """(height, width) of the input in pixels."""
        return self.input_shape[1], self.input_shape[2]

    def to_json(self) -> str:
        """Canonical text: equal instances have equal texts."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> NetworkInstance:
        """Parse the text of `to_json`. Raises `ValueError`, `TypeError` or `KeyError` for another text."""
        plain: dict[str, Any] = json.loads(text)
        options = tuple((str(name), value) for name, value in plain["options"])
        shape = tuple(int(side) for side in plain["input_shape"])
        return cls(str(plain["slug"]), options, int(plain["classes"]), shape)
