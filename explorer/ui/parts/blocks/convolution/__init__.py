"""The parts of the page *Convolution*: cell by cell, and transposed.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.convolution.state import STATE

__all__ = ["STATE"]
