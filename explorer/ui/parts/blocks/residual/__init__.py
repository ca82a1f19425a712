"""The page Residual block: a block with its numbers, where shapes differ, the gradient, signals in depth.

Law: as in `parts`. `state` declares what is chosen; each other file shows one figure with its controls.
"""

from explorer.ui.parts.blocks.residual.state import STATE

__all__ = ["STATE"]
