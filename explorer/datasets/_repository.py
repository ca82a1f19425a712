"""Parquet files: one, or a folder of them as a Hugging Face repository lays them out.

What a file is for is in its name ("train-00000-of-00002.parquet") or in that of the nearest folder that says it
("default/train/0000.parquet"). Folders above that are configurations, unless the card of the repository names others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from explorer.datasets import _card, _parquet
from explorer.datasets._columns import Column, image_column, label_columns
from explorer.datasets._declared import Note
from explorer.datasets._decoding import MOST_IMAGES, Label
from explorer.datasets._splits import TEST, TRAIN, UNLABELLED, VALIDATION, Part, split_of
from explorer.errors import DatasetError

_MOST_CHOICES = 50
_Counts = dict[str, list[Counter[Label | None]]]


@dataclass(frozen=True, slots=True)
class Table:
    """One configuration, ready to be read: its parts by what they are for, and the columns that may hold the labels."""

    parts: dict[str, Part]
    columns: tuple[Column, ...]
    notes: list[Note]


@dataclass(frozen=True, slots=True)
class _Config:
    name: str
    files: dict[str, list[Path]]
    classes: Mapping[str, tuple[str, ...]]


def choices(name: str, path: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """By what a data set has to be told apart: configurations, columns of labels, or both; () where nothing is open.

    Raises `DatasetError`.
    """
    found, open_ones = _configs(path, files), []
    for config in found:
        columns = _label_columns(name, config)[0]
        own = [config.name] if len(found) > 1 else []
        open_ones += ["/".join([*own, *([column.name] if len(columns) > 1 else [])]) for column in columns]
    return tuple(open_ones[:_MOST_CHOICES]) if len(open_ones) > 1 else ()


def table(name: str, path: Path, files: Sequence[Path], choice: str) -> Table:
    """The configuration of a choice, with every column that may hold its labels. Raises `DatasetError`."""
    config = _chosen(path, files, choice)
    columns, counts = _label_columns(name, config)
    hidden = [_hidden(column, index, counts) for index, column in enumerate(columns)]
    notes, parts = [], {}
    for split, part_files in config.files.items():
        rows = sum(_parquet.rows(file) for file in part_files)
        missing = [sum(counts[split][i][label] for label in none | {None}) for i, none in enumerate(hidden)]
        if split not in ("", TRAIN, TEST, VALIDATION) and len(config.files) > 1:
            notes.append(Note.of("aside", folder=split, count=rows))
        elif min(missing) == rows:
            notes.append(Note.of("unlabelled", folder=split or name, count=rows))
        else:
            read = partial(_parquet.samples, part_files, [column.name for column in columns], hidden)
            parts[split] = Part(rows - min(missing), read)
            if min(missing):
                notes.append(Note.of("unlabelled", folder=split or name, count=min(missing)))
    if not parts:
        raise DatasetError(f"{name} cannot be used: none of its images has a label.", "no_labels", name=name)
    return Table(parts, columns, notes)


def config_of(path: Path, files: Sequence[Path], choice: str) -> str:
    """The name of the configuration of a choice. Raises `DatasetError`."""
    return _chosen(path, files, choice).name


def _chosen(path: Path, files: Sequence[Path], choice: str) -> _Config:
    found = _configs(path, files)
    if len(found) == 1:
        return found[0]
    return next((each for each in found if f"{choice}/".startswith(f"{each.name}/")), found[0])


# --- which files are for what -----------------------------------------------------------------------------------------


def _configs(path: Path, files: Sequence[Path]) -> list[_Config]:
    """The configurations among files with a column of images: the default one alone, where there is one."""
    usable = [file for file in files if image_column(_parquet.schema(file)) is not None]
    if not usable:
        raise _parquet.no_columns(files[0])
    if path.is_file():
        return [_Config("", {"": usable}, {})]
    described = _card.configs(path)
    named = {PurePosixPath(file.relative_to(path).as_posix()): file for file in usable}
    by_card = [(each, _by_card(each, named)) for each in described]
    found = [_Config(each.name, of_files, each.classes) for each, of_files in by_card if of_files]
    defaults = {each.name for each in described if each.default} or {"default"}
    if not found:
        classes = {each.name: each.classes for each in described}
        only = next(iter(classes.values())) if len(classes) == 1 else {}
        found = [_Config(n, f, classes.get(n, only)) for n, f in _by_folder(named).items()]
    return [each for each in found if each.name in defaults][:1] or found


def _by_card(config: _card.Config, named: Mapping[PurePosixPath, Path]) -> dict[str, list[Path]]:
    """The files of each split as the card has them."""
    found: dict[str, list[Path]] = {}
    for split, patterns in config.files.items():
        files = [file for name, file in named.items() if any(_card.matches(name, pattern) for pattern in patterns)]
        if files:
            found.setdefault(split_of(split) or split, []).extend(files)
    return found


def _by_folder(named: Mapping[PurePosixPath, Path]) -> dict[str, dict[str, list[Path]]]:
    """The files of each split of each configuration, by their names alone."""
    found: dict[str, dict[str, list[Path]]] = {}
    for name, file in named.items():
        folders = name.parts[:-1]
        split = next(filter(None, map(split_of, [name.stem, *reversed(folders)])), "")
        config = "/".join(folder for folder in folders if not split or split_of(folder) != split)
        found.setdefault(config, {}).setdefault(split, []).append(file)
    if len(found) > 1 and all(set(splits) == {""} for splits in found.values()):
        return {"": {"": list(named.values())}}
    return {config: _told(splits) for config, splits in found.items()}


def _told(splits: dict[str, list[Path]]) -> dict[str, list[Path]]:
    """Files that do not say what they are for are left aside where others do."""
    if "" in splits and set(splits) & {TRAIN, TEST, VALIDATION}:
        splits = {UNLABELLED if split == "" else split: files for split, files in splits.items()}
    return splits


# --- which column holds the labels ------------------------------------------------------------------------------------


def _label_columns(name: str, config: _Config) -> tuple[tuple[Column, ...], _Counts]:
    """The columns that may hold the labels, one where that is certain, and how often each label is in each part.

    Raises `DatasetError`.
    """
    first = next(iter(config.files.values()))[0]
    columns, certain = label_columns(_parquet.schema(first), config.classes)
    files = [file for part in config.files.values() for file in part]
    rows = sum(_parquet.rows(file) for file in files)
    if rows > MOST_IMAGES:
        has, most = f"{rows:,}", f"{MOST_IMAGES:,}"
        message = f"{name} has {has} images, and up to {most} are read. Use a part of it."
        raise DatasetError(message, "too_many", name=name, count=has, most=most)
    counted = {column: counts for column in columns if (counts := _counted(name, config, column, certain))}
    if not certain:
        several = {column: counts for column, counts in counted.items() if _repeats(counts.values())}
        counted = several or {}
    if not counted:
        raise _parquet.no_columns(first)
    return tuple(counted), {split: [counts[split] for counts in counted.values()] for split in config.files}


def _counted(name: str, config: _Config, column: Column, certain: bool) -> dict[str, Counter[Label | None]]:
    """How often each label is in each part; nothing for a column that is not certain and holds no labels."""
    try:
        return {
            split: sum((_parquet.counted(file, column.name) for file in files), Counter())
            for split, files in config.files.items()
        }
    except _parquet.NoLabelsError as error:
        if not certain:
            return {}
        message = f"{name} cannot be used: its column {column.name} holds what names no classes."
        raise DatasetError(message, "not_labels", name=name, column=column.name) from error


def _repeats(counts: Iterable[Counter[Label | None]]) -> bool:
    """Whether a column tells few classes apart: two at least, each of two images on the average."""
    total: Counter[Label | None] = sum(counts, Counter())
    del total[None]
    return 2 <= len(total) <= total.total() / 2


def _hidden(column: Column, index: int, counts: _Counts) -> frozenset[Label]:
    """The number that stands for a label that is not told, -1: not where it is one of two classes."""
    known = {label for part in counts.values() for label in part[index]} - {None, -1}
    return frozenset({-1}) if column.names or len(known) > 1 else frozenset()
