"""The view *Photograph* of the page *Convolution*: a kernel over a photograph.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.convolution.photograph.state import FIELDS
from explorer.ui.parts.blocks.convolution.photograph.view import show

__all__ = ["FIELDS", "show"]
