"""The parts of the page *Non-linearities, pooling, normalisation*: functions, depth, pooling, batch normalisation.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.blocks.nonlinearities.state import STATE

__all__ = ["STATE"]
