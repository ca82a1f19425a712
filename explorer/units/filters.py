"""The weights of the first convolution, as images."""

from __future__ import annotations

import numpy as np
from torch import nn


def first_filters(net: nn.Module) -> tuple[str, np.ndarray]:
    """Name and weights (C_out, C_in, f, f) of the first convolution, float32.

    Its inputs are pixels, so that each filter is itself a small image: the patch of its norm that it responds to most.
    """
    name, conv = next((name, module) for name, module in net.named_modules() if isinstance(module, nn.Conv2d))
    return name, conv.weight.detach().float().cpu().numpy()
