"""Build networks with torchvision's own builders, so that its pretrained weights fit.

torchvision is imported with the first of them and not before: it brings torch's compiler along, more than a second that
a process with networks of our own need not spend.
"""

from __future__ import annotations

from types import ModuleType

import torch
from torch import nn


def torchvision_models() -> ModuleType:
    """The module `torchvision.models`."""
    with torch._C.DisableTorchFunction():  # tensors created during the import must not be on the meta device
        from torchvision import models
    module: ModuleType = models
    return module


def of_torchvision(builder: str, classes: int, **options: object) -> nn.Module:
    """The untrained network of torchvision's `builder` ("resnet50") for a number of classes."""
    network: nn.Module = getattr(torchvision_models(), builder)(weights=None, num_classes=classes, **options)
    return network
