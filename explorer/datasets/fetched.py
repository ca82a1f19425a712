"""MNIST, Fashion-MNIST and CIFAR-10: downloaded on request, unpacked and read by torchvision."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from explorer.datasets._declared import DatasetSpec, ImageData
from explorer.errors import DatasetError
from explorer.fetching import Progress, RemoteFile, download
from explorer.paths import datasets_directory

FOLDER = "torchvision"
"""In the datasets directory, with torchvision's own layout: a copy of another machine's folder works as well."""

_DIGITS = tuple("0123456789")
_CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
_CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

# Bytes of each archive, in torchvision's order: known beforehand, for one progress bar over all files.
_SIZES = {
    "MNIST": (9_912_422, 28_881, 1_648_877, 4_542),
    "FashionMNIST": (26_421_880, 29_515, 4_422_102, 5_148),
    "CIFAR10": (170_498_071,),
}
_UNPACKED = {"MNIST": "MNIST/raw", "FashionMNIST": "FashionMNIST/raw", "CIFAR10": "."}
_TOP = {"MNIST": "MNIST", "FashionMNIST": "FashionMNIST", "CIFAR10": "cifar-10-batches-py"}


def archives(name: str) -> tuple[list[RemoteFile], list[str]]:
    """The files of torchvision's data set `name`, with their checksums, and its base URLs."""
    from torchvision import datasets as published

    kind = getattr(published, name)
    if name == "CIFAR10":
        return [RemoteFile(kind.filename, kind.tgz_md5, *_SIZES[name])], [kind.url.removesuffix(kind.filename)]
    files = [RemoteFile(file, md5, size) for (file, md5), size in zip(kind.resources, _SIZES[name], strict=True)]
    return files, list(kind.mirrors)


def fetch_archives(name: str, progress: Progress, servers: Sequence[str] | None = None) -> None:
    """Download and unpack torchvision's data set `name`; `servers` replaces its base URLs. Raises `DatasetError`.

    The unpacked files are moved to their final folder in one step, so that it is complete or does not exist.
    """
    files, mirrors = archives(name)
    work = datasets_directory() / ".downloads" / name
    download(files, mirrors if servers is None else servers, work, progress)
    try:
        _unpack(name, [work / file.name for file in files], work / "unpacked")
        shutil.rmtree(work)
    except OSError as error:
        message = f"{name} was downloaded, but could not be unpacked ({error})."
        raise DatasetError(message, "not_unpacked", name=name, problem=str(error)) from error


def _unpack(name: str, packed: Sequence[Path], temporary: Path) -> None:
    from torchvision.datasets.utils import extract_archive

    shutil.rmtree(temporary, ignore_errors=True)
    inside = temporary / _UNPACKED[name]
    inside.mkdir(parents=True)
    for archive in packed:
        extract_archive(str(archive), str(inside))
    final = _folder(name)
    final.parent.mkdir(exist_ok=True)
    shutil.rmtree(final, ignore_errors=True)
    (temporary / _TOP[name]).rename(final)


def _folder(name: str) -> Path:
    return datasets_directory() / FOLDER / _TOP[name]


def _present(name: str) -> bool:
    return _folder(name).is_dir()


def _load(name: str, title: str, classes: tuple[str, ...]) -> ImageData:
    if not _present(name):
        message = f"{title} is not there yet: fetch it first, or pick a data set that is bundled."
        raise DatasetError(message, "not_here", title=title)
    from torchvision import datasets as published

    root = datasets_directory() / FOLDER
    try:
        parts = [getattr(published, name)(root, train=train) for train in (True, False)]
    except (RuntimeError, ValueError, OSError) as error:
        folder = str(_folder(name))
        message = f"{title} is damaged ({error}). Delete {folder} and fetch it again."
        raise DatasetError(message, "damaged", title=title, problem=str(error), folder=folder) from error
    images = [torch.as_tensor(part.data) for part in parts]  # (N, H, W), or (N, H, W, C)
    images = [x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2).contiguous() for x in images]  # (N, C, H, W)
    labels = [torch.as_tensor(part.targets, dtype=torch.int64) for part in parts]
    return ImageData(
        train_images=images[0],
        train_labels=labels[0],
        test_images=images[1],
        test_labels=labels[1],
        classes=classes,
    )


def _spec(
    slug: str, title: str, name: str, classes: tuple[str, ...], shape: tuple[int, int, int], train: int, source: str
) -> DatasetSpec:
    return DatasetSpec(
        slug=slug,
        title=title,
        classes=classes,
        shape=shape,
        train=train,
        test=10_000,
        source=source,
        bundled=False,
        load=partial(_load, name, title, classes),
        present=partial(_present, name),
        download_mb=round(sum(_SIZES[name]) / 1e6, 1),
        fetch=partial(fetch_archives, name),
    )


SPECS = (
    _spec("mnist", "MNIST", "MNIST", _DIGITS, (1, 28, 28), 60_000, "LeCun, Bottou, Bengio and Haffner 1998"),
    _spec(
        "fashion-mnist", "Fashion-MNIST", "FashionMNIST", _CLOTHES, (1, 28, 28), 60_000, "Xiao, Rasul and Vollgraf 2017"
    ),
    _spec("cifar10", "CIFAR-10", "CIFAR10", _CIFAR, (3, 32, 32), 50_000, "Krizhevsky 2009"),
)
