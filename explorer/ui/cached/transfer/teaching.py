"""A visitor's own classes: features image by image, a head on them, and what it says."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.records import Explain, InputImage
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import model

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.models import Model
    from explorer.transfer import Head

SOURCE = "pretrained:efficientnet-lite0"

Classes = tuple[tuple[InputImage, ...], ...]
"""The images of each class."""


@dataclass(frozen=True, slots=True, eq=False)
class Featured:
    """Pooled features of an image, float32 (D,), and the seconds that they took."""

    features: Tensor
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """A head for some classes: with the model that it makes, and what was said of each image when it was left out.

    `left_out` are probabilities of all classes, image by image; `seconds` were spent on the head, `left_out_seconds`
    on all heads that lacked an image.
    """

    head: Head
    model: Model
    left_out: tuple[tuple[float, ...], ...]
    seconds: float
    left_out_seconds: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a head says of an image: probabilities, and (class, number in it, cosine) of the nearest images."""

    shares: tuple[float, ...]
    nearest: tuple[tuple[int, int, float], ...]


@kept(max_entries=1)
def _body() -> Any:
    """The network without its head; nobody hooks or changes it."""
    from explorer.transfer import without_head

    return without_head(model(SOURCE))


@kept(max_entries=1024)
def featured(image: InputImage) -> Featured:
    """What an image is to the network, computed once."""
    import torch

    from explorer.transfer import features_of

    torch.set_num_threads(1)  # two threads compete with the browser for the cores
    body, source, start = _body(), model(SOURCE), time.perf_counter()
    return Featured(features_of(body, source, image.pixels), time.perf_counter() - start)


@kept(max_entries=8)
def start(name: str, neither: bool) -> Mapping[str, tuple[InputImage, ...]]:
    """Bundled images to start from, by the code of their class."""
    from explorer.transfer import STARTS

    return STARTS[name](neither=neither)


def taught(classes: Classes) -> Taught:
    """The head for these images, one class at least with two of them."""
    return _taught(_name(classes), classes)


def _name(classes: Classes) -> str:
    """Stands for the images: a visitor's own are told apart from those that everybody has."""
    keys = "|".join(",".join(image.key for image in images) for images in classes)
    digest = hashlib.sha256(keys.encode()).hexdigest()[:32]
    return f"own:{digest}" if any(image.own for images in classes for image in images) else f"bundled:{digest}"


@kept(max_entries=32)
def _taught(model_id: str, _classes: Classes) -> Taught:
    import torch

    from explorer.transfer import fit, leave_one_out, taught_model

    rows = torch.stack([featured(image).features for images in _classes for image in images])
    labels = [i for i, images in enumerate(_classes) for _ in images]
    began = time.perf_counter()
    found = fit(rows, labels, len(_classes))
    fitted = time.perf_counter()
    left_out = leave_one_out(rows, labels, len(_classes))
    done = time.perf_counter()
    made = taught_model(model(SOURCE), found, tuple(map(str, range(len(_classes)))))
    return Taught(found, made, tuple(map(tuple, left_out.tolist())), fitted - began, done - fitted)


def said(known: Taught, classes: Classes, image: InputImage, count: int = 4) -> Said:
    """What the head says of an image, and which of the images it was taught with are nearest."""
    import torch

    from explorer.transfer import nearest, probabilities

    asked = featured(image).features
    places = [(i, j) for i, images in enumerate(classes) for j in range(len(images))]
    rows = torch.stack([featured(classes[i][j]).features for i, j in places])
    near = tuple((*places[row], cosine) for row, cosine in nearest(rows, asked, count))
    return Said(tuple(probabilities(known.head, asked).tolist()), near)


def class_map(known: Taught, image: InputImage, target: int) -> bytes:
    """Grad-CAM of a class through the head, over the image, as a PNG. Raises `ExplorerError`."""
    return _class_map(known.model.id, image, target, known.model)


@kept(max_entries=128)
def _class_map(model_id: str, image: InputImage, target: int, _model: Model) -> bytes:
    from explorer import inspection
    from explorer.figures import attributions as figures

    found = inspection.explain(_model, image.pixels, Explain("grad-cam", target))
    return figures.map_png(found.values, _model.resize_crop(image.pixels), signed=False)


@kept(max_entries=512)
def thumbnail(image: InputImage, side: int = 96) -> bytes:
    """The square that the network is given of an image, small, as a PNG."""
    from explorer.figures.receptive_windows import image_png
    from explorer.images import fitted

    return image_png(fitted(image.pixels, (side, side)), side)


def export(known: Taught, names: tuple[str, ...]) -> bytes:
    """A zip file with the head and the code that runs it."""
    from explorer.transfer import archive

    return archive(known.head, model(SOURCE), names)
