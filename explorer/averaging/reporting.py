"""A measurement as a page shows it: rows of scores, and what members do together. numpy only, plain values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.averaging.scoring import (
    Bin,
    Change,
    Score,
    agreement,
    averaged,
    change,
    reliability,
    right,
    score,
    to_shares,
)
from explorer.records import AveragedSet, MemberShares


@dataclass(frozen=True, slots=True)
class Row:
    """A model, asked by a scheme: what it costs for an image, how good it is, and what it gains on one crop."""

    model: str
    scheme: str
    passes: int
    macs: int
    score: Score
    change: Change


@dataclass(frozen=True, slots=True)
class Example:
    """An image of the test set: its number, the index of its class, what each member says, and what all together."""

    number: int
    truth: int
    answers: tuple[int, ...]
    together: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Together:
    """Members of one test set, each asked by the same scheme, and their average.

    `best` is the index of the most accurate one. `agreement` is the share of images on which two members say the same.
    `counted[k]` are the images on which exactly k members are right, and on how many of them the average is.
    `before` and `after` are the reliability curves of the best member and of the average. `examples` are those whose
    pixels are kept, by kind: "mended" (the best member errs, the average does not), "spoiled" (the other way round),
    "shared" (all members err); `count` says how many images of each kind there are.
    """

    models: tuple[str, ...]
    scheme: str
    members: tuple[Score, ...]
    best: int
    average: Score
    change: Change
    passes: int
    macs: int
    agreement: tuple[tuple[float, ...], ...]
    counted: tuple[tuple[int, int], ...]
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]
    examples: Mapping[str, tuple[Example, ...]]
    count: Mapping[str, int]


def rows_of(record: AveragedSet) -> tuple[Row, ...]:
    """Every member by every scheme."""
    labels = labels_of(record)
    found = []
    for member in record.members:
        once = shares_of(record, member, "one")
        for scheme, each in member.schemes.items():
            shares = shares_of(record, member, scheme)
            cost, worth = (each.passes, each.macs), (score(shares, labels), change(once, shares, labels))
            found.append(Row(member.model, scheme, *cost, *worth))
    return tuple(found)


def together(record: AveragedSet, models: Sequence[str], scheme: str) -> Together:
    """Several members and their average. Raises `ValueError` for none, or for one that the record does not have."""
    members = [next((m for m in record.members if m.model == model), None) for model in models]
    known = [member for member in members if member is not None]
    if not known or len(known) < len(members):
        raise ValueError(f"{', '.join(models) or 'nothing'}: not all were measured on {record.name}.")
    labels, shares = labels_of(record), [shares_of(record, member, scheme) for member in known]
    mean, scores = averaged(shares), tuple(score(each, labels) for each in shares)
    best = max(range(len(scores)), key=lambda index: scores[index].accuracy)
    correct, all_right = np.stack([right(each, labels) for each in shares]), right(mean, labels)
    kinds = {
        "mended": all_right & ~correct[best],
        "spoiled": ~all_right & correct[best],
        "shared": ~correct.any(0),
    }
    answers = np.stack([each.argmax(1) for each in shares])
    return Together(
        models=tuple(models),
        scheme=scheme,
        members=scores,
        best=best,
        average=score(mean, labels),
        change=change(shares[best], mean, labels),
        passes=sum(member.schemes[scheme].passes for member in known),
        macs=sum(member.schemes[scheme].macs for member in known),
        agreement=tuple(map(tuple, agreement(list(answers)).tolist())),
        counted=_counted(correct.sum(0), all_right, len(known)),
        before=reliability(shares[best], labels),
        after=reliability(mean, labels),
        examples={kind: _examples(record, found, answers, mean) for kind, found in kinds.items()},
        count={kind: int(found.sum()) for kind, found in kinds.items()},
    )


def with_member(record: AveragedSet, member: MemberShares) -> AveragedSet:
    """The measurement with one more member on the same images."""
    return replace(record, members=(*record.members, member))


def labels_of(record: AveragedSet) -> np.ndarray:
    """The classes of the images, (N,)."""
    return np.frombuffer(record.labels, np.uint8)


def shares_of(record: AveragedSet, member: MemberShares, scheme: str) -> np.ndarray:
    """A member's softmax, float64 (N, K)."""
    return to_shares(member.schemes[scheme].shares, len(record.classes))


def example_pixels(record: AveragedSet, number: int) -> np.ndarray:
    """One of the images that are kept, uint8 (H, W, 3). Raises `ValueError` for another."""
    place = record.example_numbers.index(number)
    kept: np.ndarray = np.frombuffer(record.examples, np.uint8).reshape(-1, record.side, record.side, 3)
    pixels: np.ndarray = kept[place]
    return pixels


def _counted(rights: np.ndarray, all_right: np.ndarray, members: int) -> tuple[tuple[int, int], ...]:
    return tuple(
        (int((rights == number).sum()), int((all_right & (rights == number)).sum())) for number in range(members + 1)
    )


def _examples(record: AveragedSet, found: np.ndarray, answers: np.ndarray, mean: np.ndarray) -> tuple[Example, ...]:
    labels = labels_of(record)
    return tuple(
        Example(
            number,
            int(labels[number]),
            tuple(answers[:, number].tolist()),
            int(mean[number].argmax()),
            float(mean[number].max()),
        )
        for number in record.example_numbers
        if found[number]
    )
