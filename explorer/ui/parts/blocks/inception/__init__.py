"""The parts of the page *1x1 and Inception*: from one position's dot product to sums of wide branches.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.inception.state import STATE

__all__ = ["STATE"]
