"""A small network with initial weights, and a small data set."""

from __future__ import annotations

import pytest
import torch

from explorer.datasets import ImageData
from explorer.models import Model, random_model
from explorer.records import TransferConfig
from explorer.transfer import running


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model() -> Model:
    """ResNet-20 for 32 x 32, with the weights of seed 0."""
    return random_model("cifar-resnet20")


@pytest.fixture(scope="session")
def data() -> ImageData:
    """Noise, brighter from class to class: 12 training images of each of three classes, 16 x 16."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(48) % 3
    noise = torch.randint(0, 150, (48, 3, 16, 16), generator=generator)
    images = (noise + 50 * labels[:, None, None, None]).to(torch.uint8)
    return ImageData(
        train_images=images[:36],
        train_labels=labels[:36],
        test_images=images[36:],
        test_labels=labels[36:],
        classes=("dark", "grey", "bright"),
    )


@pytest.fixture
def bench(data: ImageData, monkeypatch: pytest.MonkeyPatch) -> running.Bench:
    """A bench that finds this data set under every name."""
    monkeypatch.setattr(running.datasets, "load", lambda slug: data)
    return running.Bench("cpu", "a command")


def config(**changes: object) -> TransferConfig:
    """A short configuration."""
    usual = {
        "source": "random:cifar-resnet20",
        "dataset": "shapes",
        "regime": "finetune",
        "per_class": 0,
        "stages": 0,
        "steps": 3,
        "batch": 12,
        "lr": 0.05,
        "precision": "fp32",
    }
    return TransferConfig(**{**usual, **changes})  # type: ignore[arg-type]
