"""This package's ResNet with default options equals torchvision's: same state dict, same output."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.networks._torchvision import of_torchvision
from explorer.networks.resnet import REPEATS, resnet


def _randomise(network: nn.Module) -> None:
    """Give BN layers distinct scales and statistics, which a fresh network lacks."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None and module.running_var is not None:
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)


@pytest.mark.parametrize("depth", [18, 50])
def test_it_loads_torchvisions_weights_and_gives_the_same_output(depth: int) -> None:
    torch.manual_seed(depth)
    theirs = of_torchvision(f"resnet{depth}", 1000).eval()
    _randomise(theirs)
    ours = resnet(depth).eval()
    ours.load_state_dict(theirs.state_dict())
    image = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        expected, got = theirs(image), ours(image)
    assert expected.std() > 0.01
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("depth", sorted(REPEATS))
def test_parameters_have_torchvisions_names_and_shapes(depth: int) -> None:
    with torch.device("meta"):
        theirs, ours = of_torchvision(f"resnet{depth}", 1000).state_dict(), resnet(depth).state_dict()
    assert [(name, value.shape) for name, value in ours.items()] == [(name, v.shape) for name, v in theirs.items()]
