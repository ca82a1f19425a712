"""The views *Fully connected*, *Shifts* and *Odd kernels* of the page *Convolution*: what it saves, and what it keeps.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.convolution.dense.state import FIELDS
from explorer.ui.parts.blocks.convolution.dense.view import show

__all__ = ["FIELDS", "show"]
