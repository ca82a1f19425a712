"""Evaluation: counts, accuracy and loss against a few literal logits."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.records import Normalize
from explorer.training import Normalizer, Predictions, evaluate

PROBABILITIES = torch.tensor(
    [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6]], dtype=torch.float64
)
TRUTH = torch.tensor([0, 1, 1, 2, 2])  # the answers are 0, 0, 2, 0, 2


def test_rows_of_the_confusion_matrix_are_the_truth_and_columns_the_answer() -> None:
    counts = Predictions(0.0, 0.0, PROBABILITIES).confusion(TRUTH).tolist()
    assert counts == [[1, 0, 0], [1, 0, 1], [1, 0, 1]]


class Says(nn.Module):
    """Returns the row of fixed logits whose index is the image's only pixel."""

    def forward(self, x: Tensor) -> Tensor:
        return PROBABILITIES.log()[x.flatten().long()]


def test_loss_and_accuracy_are_means_over_the_images_and_the_mode_is_restored() -> None:
    net, images = Says().train(), torch.arange(5, dtype=torch.uint8).view(5, 1, 1, 1)
    judged = evaluate(net, images, TRUTH, Normalizer.of(Normalize((0.0,), (1.0,))))
    right = [PROBABILITIES[i, label] for i, label in enumerate(TRUTH.tolist())]
    assert judged.accuracy == pytest.approx(2 / 5)
    assert judged.loss == pytest.approx(-sum(float(share.log()) for share in right) / 5)
    torch.testing.assert_close(judged.probabilities.double(), PROBABILITIES, atol=1e-6, rtol=0)
    assert net.training
