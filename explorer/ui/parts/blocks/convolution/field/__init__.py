"""The view *Receptive field* of the page *Convolution*: what one output of a stack of layers sees.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.convolution.field.state import FIELDS
from explorer.ui.parts.blocks.convolution.field.view import show

__all__ = ["FIELDS", "show"]
