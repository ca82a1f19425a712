"""Mean maps for the faces of volumes, against PyTorch's own hooks."""

from __future__ import annotations

import numpy as np

from explorer.inspection import first_and_mean_maps, mean_maps
from tests.inspection.conftest import ENDS, lenet, outputs, resnet


def test_each_face_is_the_mean_over_the_channels(cat: np.ndarray) -> None:
    model = resnet()
    names = {"relu": "relu", "layer1": "layer1.2.relu2", "layer3": "layer3.2.relu2", "fc": "fc"}
    found = mean_maps(model, cat, names.values())
    expected = outputs(model, model.preprocess(cat), list(ENDS.values()))
    assert set(found) == {"relu", "layer1.2.relu2", "layer3.2.relu2"}, "a vector has no face"
    for module, name in names.items():
        if module != "fc":
            np.testing.assert_allclose(found[name], expected[module].mean(0), rtol=1e-4, atol=1e-5)


def test_a_network_of_one_channel_paints_too(cat: np.ndarray) -> None:
    found = mean_maps(lenet(), cat, ["c1"])
    expected = outputs(lenet(), lenet().preprocess(cat), ["c1"])["c1"].mean(0)
    np.testing.assert_allclose(found["c1"], expected, rtol=1e-4, atol=1e-4)


def test_the_first_maps_are_those_of_the_first_convolution(cat: np.ndarray) -> None:
    for model, module in ((resnet(), "conv1"), (lenet(), "c1")):
        first, means = first_and_mean_maps(model, cat, [module])
        assert (first.layer, first.seed) == (module, None)
        expected = outputs(model, model.preprocess(cat), [module])[module]
        np.testing.assert_allclose(first.maps, expected, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(means[module], expected.mean(0), rtol=1e-4, atol=1e-4)
