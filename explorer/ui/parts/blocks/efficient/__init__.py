"""The parts of the page *MobileNet to DenseNet*: two steps, inverted blocks, scaling, dense blocks.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.efficient.state import STATE

__all__ = ["STATE"]
