"""The user's own data sets in the datasets directory: folders of images, and Parquet files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from explorer.datasets import _disk_cache, _parquet
from explorer.datasets._declared import ImageData, split
from explorer.datasets._decoding import Decoded, Label, Sample, decode
from explorer.datasets.fetched import FOLDER
from explorer.errors import DatasetError
from explorer.paths import datasets_directory

PREFIX = "own:"

_SUFFIXES = {".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff"}
_TEST_NAMES = ("test", "val")
_TRAIN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class _Source:
    """One part that is to be split, or one for training and one for testing; and the number of samples in all."""

    parts: list[Callable[[], Iterable[Sample]]]
    count: int
    names: tuple[str, ...] | None = None


def own_slugs() -> tuple[str, ...]:
    """`own:<folder or file name>` of all folders and Parquet files with a UTF-8 name, sorted. Opens nothing."""
    entries = sorted(datasets_directory().iterdir())
    return tuple(
        PREFIX + path.name
        for path in entries
        if not path.name.startswith(".") and path.name != FOLDER and (path.is_dir() or path.suffix == ".parquet")
        if _is_text(path.name)
    )


def fingerprint(slug: str) -> str:
    """Digest of the names, sizes and times of a data set's files: 16 hexadecimal digits.

    Raises `DatasetError`.
    """
    path = _path(slug)
    with _as_dataset_error(path.name):
        stats = sorted((str(file.relative_to(path.parent)), _stat(file)) for file in _files(path))
        listed = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats]
        text = "\n".join([str(path), _disk_cache.LAYOUT, *listed])
        return hashlib.sha256(os.fsencode(text)).hexdigest()[:16]


def load_own(slug: str) -> ImageData:
    """Load a data set, from the disk cache if its files have not changed. Raises `DatasetError`."""
    path, digest = _path(slug), fingerprint(slug)
    folder = datasets_directory() / ".cache"
    data = _disk_cache.read(folder, path.name, digest)
    if data is None:
        with _as_dataset_error(path.name):
            data = _assembled(path.name, _source(path))
        _disk_cache.write(folder, path.name, digest, data)
    return data


@contextmanager
def _as_dataset_error(name: str) -> Iterator[None]:
    """Convert errors of the disk and of damaged files to `DatasetError`s, so that no page fails on one data set."""
    try:
        yield
    except (OSError, ValueError, TypeError, LookupError, RecursionError, MemoryError) as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
        raise DatasetError(f"{name} cannot be read ({said}).", "unreadable", name=name, problem=said) from error


def _is_text(name: str) -> bool:
    """Whether a file name is UTF-8; Python decodes other bytes as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_text(name: str) -> str:
    """A printable name: one that is not UTF-8 is decoded as Latin-1."""
    return name if _is_text(name) else os.fsencode(name).decode("latin-1")


def _stat(file: Path) -> os.stat_result:
    """`stat` of a link's target, or of the link itself where that does not exist."""
    try:
        return file.stat()
    except OSError:
        return file.lstat()


def _path(slug: str) -> Path:
    return datasets_directory() / slug.removeprefix(PREFIX)


def _files(path: Path) -> Iterator[Path]:
    """Every visible file, in a fixed order; links to folders are followed, but no folder is entered twice."""
    if path.is_file():
        yield path
    entered = {os.path.realpath(path)}
    for folder, inner, files in os.walk(path, followlinks=True):
        visible = {name: os.path.realpath(Path(folder, name)) for name in sorted(inner) if not name.startswith(".")}
        inner[:] = [name for name, target in visible.items() if target not in entered]
        entered |= set(visible.values())
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def _source(path: Path) -> _Source:
    """Detect the layout: a Parquet file, a folder of them, train/ and test/ folders, or class folders."""
    if path.is_file():
        return _of_parquet([[path]])
    train, *tests = (_regular(path.glob(f"{name}*.parquet")) for name in ("train", *_TEST_NAMES))
    if train:
        return _of_parquet([train, *list(filter(None, tests))[:1]])
    if (path / "train").is_dir():
        folders = [[path / name] for name in _TEST_NAMES if (path / name).is_dir()]
        return _of_folders([[path / "train"], *folders[:1]])
    return _of_folders([[path]])


def _regular(paths: Iterable[Path]) -> list[Path]:
    """The regular files among `paths`: opening a named pipe would block."""
    return sorted(path for path in paths if path.is_file())


def _of_parquet(parts: list[list[Path]]) -> _Source:
    rows = sum(_parquet.rows(file) for part in parts for file in part)
    names = _parquet.class_names(parts[0][0])
    return _Source([partial(_parquet.samples, part) for part in parts], rows, names)


def _of_folders(parts: list[list[Path]]) -> _Source:
    read = [partial(_folder_samples, part) for part in parts]
    return _Source([*read], sum(1 for part in read for _ in part()))


def _folder_samples(folders: Sequence[Path]) -> Iterator[Sample]:
    """The images of `<folder>/<class>/`, at any depth below the class."""
    for folder in folders:
        for file in _files(folder):
            name = file.relative_to(folder)
            if len(name.parts) > 1 and file.suffix.lower() in _SUFFIXES:
                yield Sample(_as_text(str(Path(folder.name) / name)), _as_text(name.parts[0]), file)


def _assembled(name: str, source: _Source) -> ImageData:
    decoded = decode(name, source.parts, source.count)
    broken = tuple(line for part in decoded for line in part.broken)
    if not all(part.labels for part in decoded):
        expected = "Expected <class>/<image>, train/<class>/<image>, or Parquet files."
        if not broken:
            raise DatasetError(f"{name} cannot be used: it holds no images. {expected}", "no_images", name=name)
        count, first = len(broken), broken[0]
        message = f"{name} cannot be used: none of {count} images could be read, first {first}. {expected}"
        raise DatasetError(message, "none_read", name=name, count=count, first=first)
    classes, index = _classes(decoded, source.names)
    strange = {label for part in decoded for label in part.labels} - set(index)
    if strange:
        count, label = len(classes), min(map(str, strange))
        message = f"{name} names {count} classes, but has the label {label}."
        raise DatasetError(message, "strange_label", name=name, count=count, label=label)
    if len(set(decoded[0].labels)) < 2:
        only = classes[index[decoded[0].labels[0]]]
        raise DatasetError(f"{name} has one class only, {only!r}; two are needed.", "one_class", name=name, only=only)
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
