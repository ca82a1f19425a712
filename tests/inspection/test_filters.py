"""The first filters: norms by a sum of squares, filter by filter."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from explorer import inspection
from tests.inspection.conftest import lenet, resnet


@pytest.mark.parametrize(("model", "name"), [(resnet, "conv1"), (lenet, "c1")])
@pytest.mark.parametrize("by_norm", [True, False])
def test_filters_are_in_their_order_with_their_norms(model: object, name: str, by_norm: bool) -> None:
    model = model()  # type: ignore[operator]
    found = inspection.first_filters(model, by_norm=by_norm)
    stored = model.state[f"{name}.weight"].tolist()
    norms = {i: sqrt(sum(w * w for channel in each for row in channel for w in row)) for i, each in enumerate(stored)}
    expected = sorted(norms, key=lambda i: -norms[i]) if by_norm else list(range(len(stored)))
    assert found.layer == name
    assert list(found.order) == expected
    assert found.norms == pytest.approx([norms[i] for i in expected])
    np.testing.assert_array_equal(found.weights, np.array([stored[i] for i in expected], np.float32))
