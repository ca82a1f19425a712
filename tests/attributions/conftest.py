"""Networks of the catalogue with cheap weights and small inputs."""

from __future__ import annotations

from functools import lru_cache

import pytest
import torch
from torch import Tensor, nn

from explorer.attributions import Prepared, prepared
from explorer.networks import networks
from explorer.records import NetworkSpec
from tests.random_weights import with_weights

SIDES = (16, 32, 64, 75, 97, 128)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


def image(spec: NetworkSpec, network: nn.Module) -> Tensor:
    """The smallest input of `SIDES` that the network takes, in the height and width of a square."""
    own = spec.input_shape[1]
    for side in (own,) if own <= 28 else (*SIDES, own):
        x = torch.randn((1, spec.input_shape[0], side, side), generator=torch.Generator().manual_seed(1))
        try:
            with torch.inference_mode():
                network(x)
        except (RuntimeError, ValueError):
            continue
        return x
    raise AssertionError(f"no side of {SIDES} fits {spec.slug}")


@lru_cache(maxsize=1)
def subject(slug: str) -> tuple[nn.Module, Prepared, Tensor]:
    """A network, its prepared copy, and an input. Only one is cached: the tests go network by network."""
    spec = networks()[slug]
    network = with_weights(spec)
    return network, prepared(network, spec.stages, spec.cam_layer), image(spec, network)


@pytest.fixture(scope="session", params=networks())
def each(request: pytest.FixtureRequest) -> str:
    """Every network of the catalogue; pytest runs all tests of one before it goes on to the next."""
    return str(request.param)
