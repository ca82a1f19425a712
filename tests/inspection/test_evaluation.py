"""Evaluation: counts, loss and mistakes, image by image in plain Python."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import torch

from explorer import datasets, inspection
from explorer.models import Model
from tests.inspection.conftest import lenet, untrained


@pytest.mark.parametrize("model", [lenet, untrained])
def test_everything_is_counted_by_truth_and_answer(model: object) -> None:
    model: Model = model()  # type: ignore[operator]
    data, net = datasets.load("digits28"), model.instantiate()
    counts = [[0] * 10 for _ in range(10)]
    losses, wrong = [], []
    for number, (image, label) in enumerate(zip(data.test_images, data.test_labels.tolist(), strict=True)):
        with torch.no_grad():
            logits = net(model.scale(image[None]))[0].double()
        shares = torch.softmax(logits, 0).tolist()
        answer = shares.index(max(shares))
        counts[label][answer] += 1
        losses.append(-log(shares[label]))
        if answer != label:
            wrong.append((losses[-1], number, label, answer, shares[answer]))
    found = inspection.evaluate(model, "digits28", 7)
    assert [list(row) for row in found.counts] == counts
    assert counts != [list(column) for column in zip(*counts, strict=True)], "truth and answer would not be told apart"
    assert (found.images, found.wrong) == (360, len(wrong))
    assert found.accuracy == pytest.approx(1 - len(wrong) / 360)
    assert found.loss == pytest.approx(sum(losses) / 360, rel=1e-4)
    worst = sorted(wrong, key=lambda each: -each[0])[:7]
    assert len(found.mistakes) == len(worst) > 0
    for mistake, (_, number, label, answer, share) in zip(found.mistakes, worst, strict=True):
        np.testing.assert_array_equal(mistake.pixels[..., 0], data.test_images[number, 0].numpy())
        assert (mistake.truth, mistake.answer) == (model.categories[label], model.categories[answer])
        assert mistake.probability == pytest.approx(share, rel=1e-3)
