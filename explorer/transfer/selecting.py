"""Choose the training images of a transfer, as any run chooses some of them."""

from explorer.datasets import select, selected

__all__ = ["select", "selected"]
