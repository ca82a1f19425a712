"""Averages, agreement and calibration against torch, and against counting by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
import torch

from explorer.averaging import (
    agreement,
    averaged,
    change,
    reliability,
    right,
    score,
    to_bytes,
    to_shares,
)


def drawn(seed: int, images: int = 400, classes: int = 7) -> tuple[torch.Tensor, np.ndarray]:
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(images, classes, generator=generator, dtype=torch.float64)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator).flatten()
    return logits, labels.numpy()


def test_an_ensemble_is_exactly_the_mean_of_softmaxes() -> None:
    members = [drawn(seed)[0].softmax(1) for seed in range(4)]
    expected = torch.stack(members).mean(0).numpy()
    assert np.array_equal(averaged([member.numpy() for member in members]), expected)


def test_accuracy_and_its_standard_error() -> None:
    logits, labels = drawn(0)
    found = score(logits.softmax(1).numpy(), labels)
    correct = [int(row.argmax()) == label for row, label in zip(logits, labels, strict=True)]
    share = sum(correct) / len(correct)
    assert found.accuracy == pytest.approx(share)
    assert found.error == pytest.approx(sqrt(share * (1 - share) / 400))
    assert found.confidence == pytest.approx(float(logits.softmax(1).max(1).values.mean()))
    assert found.images == 400


def test_the_calibration_error_counted_image_by_image() -> None:
    logits, labels = drawn(3)
    shares = logits.softmax(1)
    bins: dict[int, list[tuple[float, bool]]] = {}
    for row, label in zip(shares.tolist(), labels, strict=True):
        confidence = max(row)
        place = next(k for k in range(15) if confidence <= (k + 1) / 15)
        bins.setdefault(place, []).append((confidence, row.index(confidence) == label))
    gaps = [abs(sum(c for c, _ in each) - sum(r for _, r in each)) for each in bins.values()]
    assert score(shares.numpy(), labels).ece == pytest.approx(sum(gaps) / 400)
    curve = reliability(shares.numpy(), labels)
    assert [each.images for each in curve] == [len(bins[place]) for place in sorted(bins)]
    assert all(each.low < each.confidence <= each.high for each in curve)


def test_the_best_calibrated_answers_have_a_small_error_and_boasting_a_large_one() -> None:
    logits, labels = drawn(5, images=4_000)  # labels are drawn from these very shares
    assert score(logits.softmax(1).numpy(), labels).ece < 0.03
    assert score((6 * logits).softmax(1).numpy(), labels).ece > 0.2


def test_what_a_change_mends_and_spoils() -> None:
    before, labels = drawn(1)
    after = drawn(2)[0].softmax(1).numpy()
    found = change(before.softmax(1).numpy(), after, labels)
    was, now = right(before.numpy(), labels), right(after, labels)
    assert (found.mended, found.spoiled) == (sum(now & ~was), sum(was & ~now))
    assert found.gain == pytest.approx(now.mean() - was.mean())
    differences = now.astype(float) - was.astype(float)
    assert found.error == pytest.approx(differences.std() / sqrt(400))


def test_agreement_counts_equal_answers() -> None:
    answers = [drawn(seed)[0].argmax(1).numpy() for seed in range(3)]
    matrix = agreement(answers)
    assert np.array_equal(np.diag(matrix), np.ones(3))
    assert matrix[0, 1] == matrix[1, 0] == np.mean([a == b for a, b in zip(answers[0], answers[1], strict=True)])


def test_shares_survive_being_kept_in_bytes_and_answers_do_exactly() -> None:
    shares = (drawn(4, images=3_000)[0] / 8).softmax(1).numpy()  # nearly even: rounding makes many equals
    again = to_shares(to_bytes(shares), 7)
    assert np.array_equal(again.argmax(1), shares.argmax(1))
    assert abs(again - shares).max() < 0.01
    assert np.allclose(again.sum(1), 1)
