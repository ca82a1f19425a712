"""Networks that torchvision has, built by its own builders, so that its pretrained weights fit.

torchvision is imported with the first of them and not before: it brings torch's compiler along, more than a second that
a process with networks of our own need not spend.
"""

from __future__ import annotations

from types import ModuleType

import torch
from torch import nn


def torchvision_models() -> ModuleType:
    """torchvision's module of networks."""
    with torch._C.DisableTorchFunction():  # what it computes while it is imported is no part of a network on meta
        from torchvision import models
    module: ModuleType = models
    return module


def of_torchvision(builder: str, classes: int, **options: object) -> nn.Module:
    """The untrained network of torchvision's `builder` ("resnet50") for a number of classes."""
    network: nn.Module = getattr(torchvision_models(), builder)(weights=None, num_classes=classes, **options)
    return network
