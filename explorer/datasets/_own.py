"""What the user placed in the datasets directory: folders of images, and Parquet files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from explorer.datasets import _kept, _parquet
from explorer.datasets._declared import ImageData, split
from explorer.datasets._decoding import Decoded, Label, Sample, decode
from explorer.datasets.fetched import FOLDER
from explorer.errors import DatasetError
from explorer.places import datasets_directory

PREFIX = "own:"

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff"}
_TEST_NAMES = ("test", "val")
_TRAIN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the samples are: one part that is to be split, or one for training and one for testing."""

    parts: list[Callable[[], Iterable[Sample]]]
    names: tuple[str, ...] | None = None


def own_slugs() -> tuple[str, ...]:
    """`own:<folder or file name>` of all that lies there, sorted. Nothing is opened."""
    entries = sorted(datasets_directory().iterdir())
    return tuple(
        PREFIX + path.name
        for path in entries
        if not path.name.startswith(".") and path.name != FOLDER and (path.is_dir() or path.suffix == ".parquet")
    )


def fingerprint(slug: str) -> str:
    """Another text whenever a file of the data set is another: 16 hexadecimal digits of names, sizes and times."""
    path = _path(slug)
    stats = sorted((str(file.relative_to(path.parent)), file.stat()) for file in _files(path))
    listed = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats]
    return hashlib.sha256("\n".join([str(path), _kept.LAYOUT, *listed]).encode()).hexdigest()[:16]


def load_own(slug: str) -> ImageData:
    """The data set, from what was kept of it if nothing has changed. Raises `DatasetError`."""
    path, mark = _path(slug), fingerprint(slug)
    folder = datasets_directory() / ".cache"
    data = _kept.recall(folder, path.name, mark)
    if data is None:
        data = _assembled(path.name, _source(path))
        _kept.keep(folder, path.name, mark, data)
    return data


def _path(slug: str) -> Path:
    return datasets_directory() / slug.removeprefix(PREFIX)


def _files(path: Path) -> Iterator[Path]:
    """Every visible file, in a fixed order."""
    if path.is_file():
        yield path
    for folder, inner, files in os.walk(path):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def _source(path: Path) -> _Source:
    """Tell the layouts apart: a Parquet file, a folder of them, train/ and test/ folders, or class folders alone."""
    if path.is_file():
        return _Source([partial(_parquet.samples, [path])], _parquet.class_names(path))
    train = sorted(path.glob("train*.parquet"))
    if train:
        tests = [found for name in _TEST_NAMES if (found := sorted(path.glob(f"{name}*.parquet")))]
        return _Source(_parts(_parquet.samples, train, tests), _parquet.class_names(train[0]))
    if (path / "train").is_dir():
        tests = [[path / name] for name in _TEST_NAMES if (path / name).is_dir()]
        return _Source(_parts(_folder_samples, [path / "train"], tests))
    return _Source([partial(_folder_samples, [path])])


def _parts(
    read: Callable[[Sequence[Path]], Iterable[Sample]], train: list[Path], tests: list[list[Path]]
) -> list[Callable[[], Iterable[Sample]]]:
    return [partial(read, paths) for paths in [train, *tests[:1]]]


def _folder_samples(folders: Sequence[Path]) -> Iterator[Sample]:
    """The images of `<folder>/<class>/`, at any depth below the class."""
    for folder in folders:
        for file in _files(folder):
            name = file.relative_to(folder)
            if len(name.parts) > 1 and file.suffix.lower() in _SUFFIXES:
                yield Sample(str(Path(folder.name) / name), name.parts[0], file)


def _assembled(name: str, source: _Source) -> ImageData:
    decoded = decode(source.parts)
    broken = tuple(line for part in decoded for line in part.broken)
    if not all(part.labels for part in decoded):
        seen = f"none of {len(broken)} images could be read, first {broken[0]}" if broken else "it holds no images"
        raise DatasetError(
            f"{name} cannot be used: {seen}. Expected <class>/<image>, train/<class>/<image>, or Parquet files."
        )
    classes, index = _classes(decoded, source.names)
    strange = {label for part in decoded for label in part.labels} - set(index)
    if strange:
        raise DatasetError(f"{name} names {len(classes)} classes, but has the label {min(map(str, strange))}.")
    if len(set(decoded[0].labels)) < 2:
        raise DatasetError(f"{name} has one class only, {classes[index[decoded[0].labels[0]]]!r}; two are needed.")
    labels = [torch.tensor([index[label] for label in part.labels]) for part in decoded]
    if len(decoded) == 1:
        train = max(1, min(len(labels[0]) - 1, round(_TRAIN_SHARE * len(labels[0]))))
        return split(decoded[0].images, labels[0], train, classes, broken)
    return ImageData(
        train_images=decoded[0].images,
        train_labels=labels[0],
        test_images=decoded[1].images,
        test_labels=labels[1],
        classes=classes,
        broken=broken,
    )


def _classes(decoded: list[Decoded], names: tuple[str, ...] | None) -> tuple[tuple[str, ...], dict[Label, int]]:
    """The names of the classes, and the index of each label."""
    if names:
        index: dict[Label, int] = {number: number for number in range(len(names))}
        return names, index | {name: number for number, name in enumerate(names)}
    values = sorted({label for part in decoded for label in part.labels}, key=lambda v: (isinstance(v, str), v))
    return tuple(map(str, values)), {value: number for number, value in enumerate(values)}
