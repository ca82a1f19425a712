"""What the name of a folder or file says about its part of a data set, and which parts train and test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from explorer.datasets._declared import Note
from explorer.datasets._decoding import Sample
from explorer.errors import DatasetError

TRAIN, TEST, VALIDATION, UNLABELLED = "train", "test", "validation", "unlabelled"

_WORDS = {
    TRAIN: ("train", "training", "trn", "trains", "trainval"),
    TEST: ("test", "testing", "tst", "tests"),
    VALIDATION: ("val", "valid", "validation", "validate", "validating", "dev", "eval", "evaluation"),
    UNLABELLED: ("pred", "prediction", "predict", "unlabeled", "unlabelled", "unlabel", "submission"),
}
_MEANING = {word: part for part, words in _WORDS.items() for word in words}
_SHORT = {"tr": TRAIN, "ts": TEST, "te": TEST, "va": VALIDATION}  # as a whole name only: they are words elsewhere
_GLUED = ("set", "data", "images", "imgs", "img", "pics", "dir", "ds", "split", "folder")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def split_of(name: str) -> str:
    """The part that a name speaks of, in any usual spelling ("seg_train", "TestSet", "val2017"); "" where of none."""
    if name.lower() in _SHORT:
        return _SHORT[name.lower()]
    words = re.split(r"[\W_\d]+", _CAMEL.sub(" ", name).lower())
    said = list(dict.fromkeys(filter(None, map(_meaning, words))))
    return said[0] if len(said) == 1 else ""


def _meaning(word: str) -> str:
    for end in ("", *_GLUED):
        if word.endswith(end) and (meaning := _MEANING.get(word[: len(word) - len(end)])):
            return meaning
    return ""


@dataclass(frozen=True, slots=True)
class Part:
    """The samples of a part, which can be read more than once, and their number."""

    count: int
    samples: Callable[[], Iterable[Sample]]


def joined(parts: Iterable[Part]) -> Part:
    """Several parts as one, in their order."""
    kept = tuple(parts)
    return Part(sum(part.count for part in kept), lambda: chain.from_iterable(part.samples() for part in kept))


def trained_and_tested(name: str, found: Mapping[str, Part]) -> tuple[tuple[Part, ...], list[Note]]:
    """The part to train on and the one to test on, or the only one, to be split; and what became of the others.

    Where there are three, validation is left aside: both others are then what was published. Raises `DatasetError`
    where nothing is there to train on, though there are several parts.
    """
    if len(found) == 1:
        return tuple(found.values()), []
    if TRAIN not in found:
        message = f"{name} has parts to test with, but none to train on; name one of its folders or files train."
        raise DatasetError(message, "no_train", name=name)
    if TEST not in found:
        return (found[TRAIN], found[VALIDATION]), [Note.of("validation_tests", count=found[VALIDATION].count)]
    aside = found.get(VALIDATION)
    notes = [Note.of("validation_aside", count=aside.count)] if aside else []
    return (found[TRAIN], found[TEST]), notes
