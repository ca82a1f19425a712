"""What averaged answers are worth: accuracy with its standard error, agreement, calibration. numpy only.

Shares are softmax values, float64 (N, K): a row an image, a column a class; labels are integers (N,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

BINS = 15
"""Of equal width, for the calibration error, as in Guo et al. 2017."""


@dataclass(frozen=True, slots=True)
class Score:
    """Accuracy (0 to 1) on `images` images, its standard error, the mean confidence, the expected calibration error."""

    accuracy: float
    error: float
    confidence: float
    ece: float
    images: int


@dataclass(frozen=True, slots=True)
class Change:
    """From one way to answer to another: images that it mends and spoils, the gain in accuracy, its standard error.

    Both were asked about the same images, so only those on which they differ count in the error.
    """

    mended: int
    spoiled: int
    gain: float
    error: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Images whose confidence lies between `low` and `high`: how many, their mean confidence and accuracy."""

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float


def averaged(shares: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of softmaxes (Krizhevsky et al. 2012; Lakshminarayanan et al. 2017), all with the same weight."""
    mean: np.ndarray = np.mean(np.stack(shares), axis=0)
    return mean


def right(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which images are answered correctly, bool (N,)."""
    answers: np.ndarray = shares.argmax(1) == labels
    return answers


def score(shares: np.ndarray, labels: np.ndarray) -> Score:
    """Accuracy and calibration; the standard error is that of a share, sqrt(a (1 - a) / n)."""
    correct, images = right(shares, labels), len(labels)
    accuracy = float(correct.mean())
    ece = sum(bin.images * abs(bin.confidence - bin.accuracy) for bin in reliability(shares, labels)) / images
    return Score(accuracy, sqrt(accuracy * (1 - accuracy) / images), float(shares.max(1).mean()), ece, images)


def change(before: np.ndarray, after: np.ndarray, labels: np.ndarray) -> Change:
    """What the second answers mend and spoil of the first."""
    was, now, images = right(before, labels), right(after, labels), len(labels)
    mended, spoiled = int((now & ~was).sum()), int((was & ~now).sum())
    gain = (mended - spoiled) / images
    return Change(mended, spoiled, gain, sqrt(((mended + spoiled) / images - gain**2) / images))


def agreement(answers: Sequence[np.ndarray]) -> np.ndarray:
    """The share of images on which two members give the same answer, float (M, M). `answers` are indices (N,)."""
    stacked = np.stack(answers)
    same: np.ndarray = (stacked[:, None] == stacked[None]).mean(2)
    return same


def reliability(shares: np.ndarray, labels: np.ndarray, bins: int = BINS) -> tuple[Bin, ...]:
    """Confidence against accuracy; bins without an image are left out. A bin holds (low, high], as in Guo et al."""
    confidence, correct = shares.max(1), right(shares, labels)
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for index in np.unique(place):
        inside = place == index
        found.append(
            Bin(
                float(edges[index]),
                float(edges[index + 1]),
                int(inside.sum()),
                float(confidence[inside].mean()),
                float(correct[inside].mean()),
            )
        )
    return tuple(found)


def to_bytes(shares: np.ndarray) -> bytes:
    """Shares in steps of 1/255; where rounding makes the answer one of several equals, the others lose a step."""
    codes = np.rint(255 * shares).astype(np.uint8)
    answer = shares.argmax(1)
    rows = np.arange(len(codes))
    top = codes[rows, answer]
    equals = codes == top[:, None]
    equals[rows, answer] = False
    codes[equals] -= 1
    content: bytes = codes.tobytes()
    return content


def to_shares(content: bytes, classes: int) -> np.ndarray:
    """The inverse, float64 (N, K); each row adds up to 1 again."""
    codes = np.frombuffer(content, np.uint8).reshape(-1, classes).astype(np.float64)
    shares: np.ndarray = codes / codes.sum(1, keepdims=True)
    return shares
