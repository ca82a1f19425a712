"""What lies in a folder of images, and which of its levels holds the classes."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from explorer.datasets._declared import Note
from explorer.datasets._decoding import MOST_IMAGES, SUFFIXES, Sample
from explorer.datasets._splits import TEST, TRAIN, UNLABELLED, VALIDATION, Part, joined, split_of
from explorer.errors import DatasetError

MOST_FILES = 4 * MOST_IMAGES
"""Files and folders that are looked at; a data set with more is refused."""

_COMPANIONS = (
    *("", ".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yml", ".yaml", ".html"),
    *(".ini", ".db", ".url", ".log", ".py", ".ipynb", ".sh"),
)
"""Suffixes of what describes images, or is put beside them by a system, and is not missed where it is not read."""


def is_text(name: str) -> bool:
    """Whether a file name is UTF-8; Python decodes other bytes as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_text(name: str) -> str:
    """A printable name, its accents composed: one that is not UTF-8 is decoded as Latin-1."""
    return unicodedata.normalize("NFC", name if is_text(name) else os.fsencode(name).decode("latin-1"))


@dataclass(eq=False)
class Folder:
    """A folder without what is hidden in it. `dead` are links that lead nowhere and are not named like images."""

    path: Path
    images: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    dead: list[Path] = field(default_factory=list)
    inner: list[Folder] = field(default_factory=list)

    @property
    def name(self) -> str:
        return as_text(self.path.name)

    @cached_property
    def count(self) -> int:
        """Images in it, at any depth."""
        return len(self.images) + sum(folder.count for folder in self.inner)

    @property
    def holding(self) -> list[Folder]:
        """Its folders that hold images."""
        return [folder for folder in self.inner if folder.count]

    def walk(self) -> Iterator[Folder]:
        """This folder and all below."""
        yield self
        for folder in self.inner:
            yield from folder.walk()

    def files(self) -> Iterator[Path]:
        """Everything in it that is no folder, at any depth."""
        for folder in self.walk():
            yield from sorted([*folder.images, *folder.others, *folder.dead])


def scanned(path: Path) -> Folder:
    """Everything below a folder. Links are followed, but into no folder that one is in. Raises `DatasetError`."""
    return _scanned(path, frozenset(), Counter(), path.name)


def _scanned(path: Path, around: frozenset[str], seen: Counter[str], name: str) -> Folder:
    folder, real = Folder(path), os.path.realpath(path)
    with os.scandir(path) as listed:
        entries = sorted((entry for entry in listed if not entry.name.startswith((".", "__MACOSX"))), key=_named)
    seen["entries"] += len(entries)
    if seen["entries"] > MOST_FILES:
        most = f"{MOST_FILES:,}"
        message = f"{name} has more than {most} files; use a part of it."
        raise DatasetError(message, "too_many_files", name=name, most=most)
    for entry in entries:
        inside = Path(entry.path)
        if entry.is_dir():
            if os.path.realpath(inside) not in around | {real}:
                folder.inner.append(_scanned(inside, around | {real}, seen, name))
        elif inside.suffix.lower() in SUFFIXES:
            folder.images.append(inside)
        elif entry.is_symlink() and not inside.exists():
            folder.dead.append(inside)
        else:
            folder.others.append(inside)
    return folder


def _named(entry: os.DirEntry[str]) -> str:
    return entry.name


# --- which level holds the classes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a folder of images by what they are for, what was decided, and the folders that were read."""

    parts: dict[str, Part]
    notes: list[Note]
    classes: tuple[str, ...]


def layout(name: str, root: Folder) -> Layout:
    """Find the folders of classes below `root`: at once, below one folder that wraps them, or in parts by name.

    Raises `DatasetError`, naming what was found, where that cannot be told.
    """
    top = _unwrapped(name, root)
    inner = top.holding
    if split_of(top.name) == TRAIN:  # who says so may call a class "test"
        return _only(top)
    parts = {folder.path: split_of(folder.name) for folder in inner}
    within = [{split_of(each.name) for each in folder.holding} for folder in inner]
    if TRAIN in parts.values() and _is_split(name, top, parts):
        return _by_split(name, top, parts)
    if inner and all(TRAIN in each and "" not in each and len(each) > 1 for each in within):
        return _by_class_then_split(name, inner)
    asides = [folder for folder in inner if parts[folder.path] in (TEST, VALIDATION)]
    if any(folder.holding or parts[folder.path] == TEST for folder in asides):  # without folders, "valid" is a class
        return _beside_classes(name, [folder for folder in inner if folder not in asides], asides)
    return _only(top)


def _unwrapped(name: str, folder: Folder) -> Folder:
    """The folder itself, or the first below it that holds more than one other folder. Raises `DatasetError`."""
    while len(holding := folder.holding) == 1 and holding[0].holding:
        if folder.images or holding[0].images:
            mixed = folder if folder.images else holding[0]
            message = (
                f"{name} cannot be used: in {mixed.name}, {len(mixed.images)} images lie beside folders of images "
                f"({_listed(mixed.holding)}), so that it cannot be told which level holds the classes."
            )
            count, folders = len(mixed.images), _listed(mixed.holding)
            raise DatasetError(message, "mixed", name=name, folder=mixed.name, count=count, folders=folders)
        folder = holding[0]
    if folder.images and len(holding) <= 1:
        raise _flat(name, folder)
    return folder


def _flat(name: str, folder: Folder) -> DatasetError:
    count = len(folder.images) or folder.count
    message = f"{name} cannot be used: {count} images in {folder.name} lie in no folder of a class."
    return DatasetError(message, "flat", name=name, folder=folder.name, count=count)


def _listed(folders: Iterable[Folder], most: int = 4) -> str:
    names = [folder.name for folder in folders]
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _is_split(name: str, top: Folder, parts: dict[Path, str]) -> bool:
    """Whether the folders of a level are parts: "train" may be a vehicle. Raises `DatasetError`."""
    trains = [folder for folder in top.holding if parts[folder.path] == TRAIN]
    others = [folder for folder in top.holding if not parts[folder.path]]
    if any(folder.holding for folder in trains):
        return not others or len(set(parts.values())) > 2
    if not others:
        raise _flat(name, trains[0])
    return False


def _by_split(name: str, top: Folder, parts: dict[Path, str]) -> Layout:
    """Parts first, classes in them. What has no classes has no labels, and is left aside."""
    notes, found = _strays(top), {}
    train = [_unwrapped(name, folder) for folder in top.holding if parts[folder.path] == TRAIN and folder.holding]
    classes = {each.name for folder in train for each in folder.holding}
    for part in dict.fromkeys(parts.values()):
        levels = train
        if part != TRAIN:
            levels = [_level(folder, classes) for folder in top.holding if parts[folder.path] == part]
        usable = [folder for folder in levels if folder.holding and part not in ("", UNLABELLED)]
        for folder in (folder for folder in levels if folder not in usable):
            notes.append(Note.of("aside", folder=folder.name, count=folder.count))
        if usable:
            found[part] = joined(_part(top, each, (each.name,)) for folder in usable for each in folder.holding)
            notes += [note for folder in usable for note in _strays(folder)]
    return Layout(found, notes, tuple(sorted(classes)))


def _level(folder: Folder, classes: set[str]) -> Folder:
    """The level below a part that has the classes of training; the part itself where none has."""
    level = folder
    while not classes & {each.name for each in level.holding}:
        if len(level.holding) != 1 or level.images:
            return level if level.holding and not level.images else folder
        level = level.holding[0]
    return level


def _by_class_then_split(name: str, inner: list[Folder]) -> Layout:
    """Classes first, their parts in them."""
    if any(each.holding for folder in inner for each in folder.holding):
        folders = _listed(inner)
        message = f"{name} cannot be used: each of {folders} holds a data set of its own. Use one of these folders."
        raise DatasetError(message, "several", name=name, folders=folders)
    pairs: dict[str, list[Part]] = {}
    for folder in inner:
        for each in folder.holding:
            pairs.setdefault(split_of(each.name), []).append(_part(folder.path, each, (folder.name,)))
    aside = pairs.pop(UNLABELLED, None)
    notes = [Note.of("aside", folder=UNLABELLED, count=joined(aside).count)] if aside else []
    return Layout({part: joined(each) for part, each in pairs.items()}, notes, tuple(folder.name for folder in inner))


def _beside_classes(name: str, classes: list[Folder], asides: list[Folder]) -> Layout:
    """A folder for testing beside the folders of classes, which are then for training. Raises `DatasetError`."""
    known = {folder.name for folder in classes}
    if not known or any(not known & {each.name for each in aside.holding} for aside in asides):
        folders, others = _listed(asides), _listed(classes) or "—"
        message = (
            f"{name} cannot be used: {folders} may be a class or images to test with, beside {others}; "
            "put the others into a folder named train."
        )
        raise DatasetError(message, "test_beside", name=name, folders=folders, others=others)
    found = {TRAIN: joined(_part(folder.path.parent, folder, (folder.name,)) for folder in classes)}
    for aside in asides:
        each = [_part(aside.path.parent, folder, (folder.name,)) for folder in aside.holding]
        found[split_of(aside.name)] = joined(each)
    return Layout(found, [], tuple(sorted(known)))


def _only(top: Folder) -> Layout:
    """Classes alone."""
    inner = top.holding
    notes = _strays(top)
    below = [{each.name for each in folder.holding} for folder in inner]
    if len(inner) > 1 and len(below[0]) > 1 and all(each == below[0] for each in below):
        names = ", ".join(sorted(below[0])[:4])
        notes.append(Note.of("below", classes=_listed(inner), folders=names))
    part = joined(_part(top, folder, (folder.name,)) for folder in inner)
    return Layout({"": part}, notes, tuple(folder.name for folder in inner))


def _strays(folder: Folder) -> list[Note]:
    """What is said of images beside the folders of classes."""
    return [Note.of("strays", folder=folder.name, count=len(folder.images))] if folder.images else []


def _part(top: Folder | Path, folder: Folder, labels: tuple[str]) -> Part:
    return Part(folder.count, partial(_samples, top if isinstance(top, Path) else top.path, folder, labels))


def _samples(top: Path, folder: Folder, labels: tuple[str]) -> Iterator[Sample]:
    """The images of a class, at any depth below it."""
    for each in folder.walk():
        for file in each.images:
            yield Sample(as_text(str(Path(top.name) / file.relative_to(top))), labels, file)


# --- what is not read -------------------------------------------------------------------------------------------------


def unread(root: Folder) -> list[Note]:
    """What is said of files that are not read, most frequent suffix first, of dead links, and of empty folders."""
    suffixes = Counter(path.suffix.lower() for path in _others(root) if path.suffix.lower() not in _COMPANIONS)
    notes = [Note.of("suffix", suffix=as_text(suffix), count=n) for suffix, n in suffixes.most_common(5)]
    if dead := [path for folder in root.walk() for path in folder.dead]:
        notes.append(Note.of("dead", count=len(dead), first=as_text(str(dead[0].relative_to(root.path)))))
    if empty := [folder for folder in root.walk() if folder is not root and not folder.count and not folder.inner]:
        notes.append(Note.of("empty", count=len(empty), folders=_listed(empty)))
    return notes


def _others(root: Folder) -> Iterator[Path]:
    return (path for folder in root.walk() for path in folder.others)


def found_instead(root: Folder) -> str:
    """What a folder without images holds, in a few words: "3 .zip, 1 .csv"."""
    suffixes = Counter(path.suffix.lower() or path.name for path in _others(root))
    return ", ".join(f"{count:,} {as_text(suffix)}" for suffix, count in suffixes.most_common(5))
