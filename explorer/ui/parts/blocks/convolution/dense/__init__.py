"""The views *Fully connected* and *Shifts* of the page *Convolution*: what it saves, and what it keeps by it.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.convolution.dense.state import FIELDS
from explorer.ui.parts.blocks.convolution.dense.view import show

__all__ = ["FIELDS", "show"]
