"""Decoded parts and their labels become one data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from explorer.datasets._columns import MOST_CLASSES, Column
from explorer.datasets._declared import ImageData, Note, split
from explorer.datasets._decoding import Decoded, Label
from explorer.errors import DatasetError

_TRAIN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Content:
    """The decoded parts of a data set, the columns of their labels, and what is said of how they were read.

    One part, to be split, or two: to train on, to test on.
    """

    parts: list[Decoded]
    columns: tuple[Column, ...]
    notes: tuple[Note, ...]


def assembled(name: str, content: Content, column: int) -> ImageData:
    """The data set by one of its columns of labels. Raises `DatasetError`."""
    parts = [_labelled(part, column) for part in content.parts]
    broken = tuple(line for part in parts for line in part.broken)
    if not all(part.labels for part in parts):
        _refuse_empty(name, broken)
    labels = [[each[column] for each in part.labels] for part in parts]
    classes, index = _classes(labels, content.columns[column].names)
    strange = {label for part in labels for label in part} - set(index)
    if strange:
        count, label = len(classes), min(map(str, strange))
        message = f"{name} names {count} classes, but has the label {label}."
        raise DatasetError(message, "strange_label", name=name, count=count, label=label)
    if len(classes) > MOST_CLASSES:
        count, most = len(classes), MOST_CLASSES
        message = f"{name} has {count} classes, and up to {most} are read."
        raise DatasetError(message, "too_many_classes", name=name, count=count, most=most)
    if len(set(labels[0])) < 2:
        only = classes[index[labels[0][0]]]
        raise DatasetError(f"{name} has one class only, {only!r}; two are needed.", "one_class", name=name, only=only)
    numbers = [torch.tensor([index[label] for label in part]) for part in labels]
    notes = (*content.notes, *_noticed(parts, numbers, classes))
    if len(parts) == 1:
        train = max(1, min(len(numbers[0]) - 1, round(_TRAIN_SHARE * len(numbers[0]))))
        return split(parts[0].images, numbers[0], train, classes, broken, notes)
    return ImageData(
        train_images=parts[0].images,
        train_labels=numbers[0],
        test_images=parts[1].images,
        test_labels=numbers[1],
        classes=classes,
        broken=broken,
        notes=notes,
    )


def _labelled(part: Decoded, column: int) -> Decoded:
    """The images that have a label in a column."""
    kept = [row for row, labels in enumerate(part.labels) if labels[column] is not None]
    if len(kept) == len(part.labels):
        return part
    return Decoded(part.images[kept], [part.labels[row] for row in kept], part.broken, part.deep)


def _refuse_empty(name: str, broken: tuple[str, ...]) -> None:
    """Raises `DatasetError`: a part has no images."""
    expected = "Expected <class>/<image>, train/<class>/<image>, or Parquet files."
    if not broken:
        raise DatasetError(f"{name} cannot be used: it holds no images. {expected}", "no_images", name=name, found="—")
    count, first = len(broken), broken[0]
    message = f"{name} cannot be used: none of {count} images could be read, first {first}. {expected}"
    raise DatasetError(message, "none_read", name=name, count=count, first=first)


def _noticed(parts: Sequence[Decoded], numbers: Sequence[torch.Tensor], classes: tuple[str, ...]) -> list[Note]:
    """What is said of the images themselves: those that could not be read, deep ones, classes without any."""
    notes = []
    if broken := [line for part in parts for line in part.broken]:
        notes.append(Note.of("broken", count=len(broken), first=broken[0]))
    if deep := sum(part.deep for part in parts):
        notes.append(Note.of("deep", count=deep))
    if missing := _missing(numbers[0], classes):
        notes.append(Note.of("untrained", count=len(missing), classes=_listed(missing)))
    if missing := _missing(numbers[-1], classes) if len(numbers) > 1 else []:
        notes.append(Note.of("untested", count=len(missing), classes=_listed(missing)))
    return notes


def _missing(numbers: torch.Tensor, classes: tuple[str, ...]) -> list[str]:
    """The classes that no label names."""
    absent = torch.bincount(numbers, minlength=len(classes)) == 0
    return [classes[number] for number in absent.nonzero().flatten().tolist()]


def _listed(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _classes(
    labels: Sequence[Sequence[Label | None]], names: tuple[str, ...] | None
) -> tuple[tuple[str, ...], dict[Label | None, int]]:
    """The names of the classes, and the index of each label."""
    if names:
        index: dict[Label | None, int] = {number: number for number in range(len(names))}
        return names, index | {name: number for number, name in enumerate(names)}
    values = sorted(
        {label for part in labels for label in part if label is not None}, key=lambda v: (isinstance(v, str), v)
    )
    return tuple(map(str, values)), {value: number for number, value in enumerate(values)}
