"""torchvision's weights, trained on ImageNet: downloaded on request, or found in the data directory or hub cache."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from explorer import paths
from explorer.datasets import Progress
from explorer.errors import BadWeights, DatasetError, UnknownEntry
from explorer.fetching import RemoteFile, download
from explorer.models.fitting import match_state
from explorer.models.model import Model, default_meta, recorded_for_instance
from explorer.models.packaged import packaged_model
from explorer.models.reading import read_published
from explorer.models.torch_files import Stored
from explorer.networks import network, networks
from explorer.records import NetworkInstance

_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,})\.pth$")

_fetch_locks: dict[str, Lock] = {}


@dataclass(frozen=True, slots=True)
class PublishedWeights:
    """Published weights: address, size in megabytes, the first digits of their SHA-256, top-1 accuracy in percent."""

    slug: str
    url: str
    megabytes: float
    sha256: str
    top1: float

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.url.rsplit("/", 1)[1]


@cache
def published_networks() -> Mapping[str, str]:
    """Slug -> torchvision's name of each network that it publishes weights for."""
    return {spec.slug: spec.torchvision for spec in networks().values() if spec.torchvision}


@cache
def published_weights(slug: str) -> PublishedWeights:
    """torchvision's weights for a network. Raises `UnknownEntry` where there are none."""
    from torchvision import models

    published = published_networks()
    if slug not in published:
        raise UnknownEntry("pretrained network", slug, published)
    weights = models.get_model_weights(published[slug]).IMAGENET1K_V1
    digits = _HASH_IN_NAME.search(weights.url)
    assert digits, "torchvision names every file by its hash"
    top1 = weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    return PublishedWeights(slug, weights.url, weights.meta["_file_size"], digits[1], top1)


def is_here(slug: str) -> bool:
    """Whether the weights are on this machine. Only checks that the file exists."""
    if package := network(slug).package:
        return paths.weights_in_package(package) is not None
    return slug in published_networks() and _path_of(published_weights(slug)) is not None


def trained_for(instance: NetworkInstance) -> str:
    """The id of weights on this machine that were trained for exactly this network; "" where there are none."""
    if recorded := recorded_for_instance(instance):
        return recorded
    published = instance == NetworkInstance.of(network(instance.slug)) and is_here(instance.slug)
    return f"pretrained:{instance.slug}" if published else ""


def fetch(slug: str, progress: Progress = lambda done, total: None, server: str = "") -> None:
    """Download the weights of a network into the data directory, unless they are on this machine.

    A partial download is kept and resumed by the next call; the SHA-256 in the file's name is checked. `server`
    replaces the base URL. Raises `UnknownEntry`, and `BadWeights` when the download fails.
    """
    published = published_weights(slug)
    with _fetch_locks.setdefault(slug, Lock()):
        if _path_of(published) is not None:
            return
        remote = RemoteFile(published.file, sha256=published.sha256, size=int(published.megabytes * 2**20) - 1024)
        try:
            download(
                [remote],
                [server or published.url.removesuffix(published.file)],
                paths.weights_directories()[0],
                progress,
            )
        except (DatasetError, OSError) as error:
            host = (server or published.url).split("/")[2]
            raise BadWeights(
                f"{published.file} could not be fetched from {host}. Connect to the internet and try again (what has "
                "arrived is kept), or put the file into the folder checkpoints of torch's hub cache.",
                "not_fetched",
                file=published.file,
                host=host,
            ) from error


def pretrained_model(slug: str) -> Model:
    """A network with the weights of its package or torchvision's. Raises `UnknownEntry`, `BadWeights`."""
    if network(slug).package:
        return packaged_model(slug)
    published = published_weights(slug)
    path = _path_of(published)
    if path is None:
        raise BadWeights(f"{published.file} is not here; it has to be fetched first.", "not_here", file=published.file)
    spec = network(slug)
    stored = Stored(read_published(path, published.sha256))
    fit = match_state(spec, stored, with_options=False)  # sets auxiliary heads aside: they serve training only
    return Model(f"pretrained:{slug}", default_meta(spec), fit.tensors)


def _path_of(published: PublishedWeights) -> Path | None:
    """Path of the file in the data directory or in torch.hub's cache, else None."""
    found = (folder / published.file for folder in paths.weights_directories())
    return next((path for path in found if path.is_file()), None)
