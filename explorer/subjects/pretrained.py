"""Weights that torchvision publishes, trained on ImageNet: fetched when asked for, used where they already lie."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import torch

from explorer import places
from explorer.datasets import Progress
from explorer.datasets._downloading import RemoteFile, download
from explorer.errors import BadWeights, DatasetError, UnknownEntry
from explorer.networks import network
from explorer.subjects.own import fitting
from explorer.subjects.reading import read_published
from explorer.subjects.subject import IMAGENET_MEAN, IMAGENET_STD, Subject, class_names
from explorer.training.evaluating import Scale

_SAME_NAME = (
    *("vgg11", "vgg13", "vgg16", "vgg19", "inception-v3", "squeezenet1-0", "squeezenet1-1"),
    *("mobilenet-v2", "mobilenet-v3-large", "mobilenet-v3-small"),
    *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152)),
    *(f"densenet{depth}" for depth in (121, 169, 201, 161)),
    *(f"efficientnet-b{i}" for i in range(8)),
)
TORCHVISION: Mapping[str, str] = {
    "alexnet-torchvision": "alexnet",
    "googlenet-torchvision": "googlenet",
    **{slug: slug.replace("-", "_") for slug in _SAME_NAME},
}
"""torchvision's name of each network of the catalogue that is, with its default options, torchvision's own."""

_NAMED_BY_HASH = re.compile(r"-([0-9a-f]{8,})\.pth$")
_HALVES = (0.5, 0.5, 0.5)
_FROM_TENSORFLOW = frozenset({"googlenet-torchvision", "inception-v3"})
"""They see pixels from -1 to 1; with these weights torchvision's own turns ImageNet's scale into that inside."""

_fetching: dict[str, Lock] = {}


@dataclass(frozen=True, slots=True)
class Offer:
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
def offer(slug: str) -> Offer:
    """What torchvision publishes for a network. Raises `UnknownEntry` where that is nothing."""
    from torchvision import models

    if slug not in TORCHVISION:
        raise UnknownEntry("pretrained network", slug, TORCHVISION)
    weights = models.get_model_weights(TORCHVISION[slug]).IMAGENET1K_V1
    digits = _NAMED_BY_HASH.search(weights.url)
    assert digits, "torchvision names every file by its hash"
    top1 = weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    return Offer(slug, weights.url, weights.meta["_file_size"], digits[1], top1)


def is_here(slug: str) -> bool:
    """Whether the weights can be had without a network. Only looks for the file."""
    return slug in TORCHVISION and _found(offer(slug)) is not None


def fetch(slug: str, progress: Progress = lambda done, total: None, server: str = "") -> None:
    """Download the weights of a network into the data directory, unless they are here.

    What a cut connection leaves is kept and completed by the next call; the SHA-256 that the name of the file carries
    must be right. `server` replaces the base URL. Raises `UnknownEntry`, and `BadWeights` when they cannot be had.
    """
    wanted = offer(slug)
    with _fetching.setdefault(slug, Lock()):
        if _found(wanted) is not None:
            return
        remote = RemoteFile(wanted.file, sha256=wanted.sha256, size=int(wanted.megabytes * 2**20) - 1024)
        try:
            download([remote], [server or wanted.url.removesuffix(wanted.file)], _folder(), progress)
        except (DatasetError, OSError) as error:
            host = (server or wanted.url).split("/")[2]
            raise BadWeights(
                f"{wanted.file} could not be fetched from {host}. Connect to the internet and try again (what has "
                "arrived is kept), or put the file into the folder checkpoints of torch's hub cache.",
                "not_fetched",
                file=wanted.file,
                host=host,
            ) from error


def pretrained_subject(slug: str) -> Subject:
    """A network with the weights torchvision publishes for it. Raises `UnknownEntry`, `BadWeights`."""
    wanted = offer(slug)
    path = _found(wanted)
    if path is None:
        raise BadWeights(f"{wanted.file} is not here; it has to be fetched first.", "not_here", file=wanted.file)
    with path.open("rb") as file:
        if not hashlib.file_digest(file, "sha256").hexdigest().startswith(wanted.sha256):
            raise BadWeights(
                f"{wanted.file} is damaged: its checksum is wrong. Delete it and fetch it anew.",
                "wrong_hash",
                file=wanted.file,
            )
    spec = network(slug)
    state = {key: value for key, value in read_published(path).items() if not key.startswith(("aux", "AuxLogits"))}
    _, state = fitting(spec, state, with_options=False)  # auxiliary heads serve training only
    moments = (_HALVES, _HALVES) if slug in _FROM_TENSORFLOW else (IMAGENET_MEAN, IMAGENET_STD)
    mean, std = (tuple(255 * value for value in values) for values in moments)
    scale = Scale.of("standard", mean, std, torch.device("cpu"))
    return Subject(f"pretrained:{slug}", spec, tuple(spec.options().items()), class_names(spec), scale, state)


def _folder() -> Path:
    return places.data_directory() / "pretrained"


def _found(wanted: Offer) -> Path | None:
    """Where the file lies: in the data directory, or in the cache that torch.hub fills."""
    folders = (_folder(), Path(torch.hub.get_dir()) / "checkpoints")
    return next((folder / wanted.file for folder in folders if (folder / wanted.file).is_file()), None)
