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
    losses, judged = [], []
    for number, (image, label) in enumerate(zip(data.test_images, data.test_labels.tolist(), strict=True)):
        with torch.no_grad():
            logits = net(model.scale(image[None]))[0].double()
        shares = torch.softmax(logits, 0).tolist()
        answer = shares.index(max(shares))
        counts[label][answer] += 1
        losses.append(-log(shares[label]))
        judged.append((losses[-1], number, label, answer, shares[answer]))
    wrong = [each for each in judged if each[2] != each[3]]
    found = inspection.evaluate(model, "digits28", 7)
    assert [list(row) for row in found.counts] == counts
    assert counts != [list(column) for column in zip(*counts, strict=True)], "truth and answer would not be told apart"
    assert (found.images, found.wrong) == (360, len(wrong))
    assert found.accuracy == pytest.approx(1 - len(wrong) / 360)
    assert found.loss == pytest.approx(sum(losses) / 360, rel=1e-4)
    judged.sort(key=lambda each: -each[0])
    seven = [each for each in judged if sum(_same_cell(each, other) for other in judged[: judged.index(each)]) < 7]
    assert len(found.judged) == len(seven) > 0
    for each, (_, number, label, answer, share) in zip(found.judged, seven, strict=True):
        np.testing.assert_array_equal(each.pixels[..., 0], data.test_images[number, 0].numpy())
        assert (each.number, each.truth, each.answer) == (number, label, answer)
        assert each.probability == pytest.approx(share, rel=1e-3)
    assert [each.number for each in found.mistakes] == [number for _, number, i, j, _ in seven if i != j]
    cell = max(((i, j) for i in range(10) for j in range(10)), key=lambda cell: counts[cell[0]][cell[1]])
    assert [each.number for each in found.behind(*cell)] == [each[1] for each in judged if each[2:4] == cell][:7]


def _same_cell(one: tuple[float, int, int, int, float], other: tuple[float, int, int, int, float]) -> bool:
    return one[2:4] == other[2:4]
