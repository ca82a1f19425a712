"""The parts of the page *Transfer learning*: what was measured, features that are kept, and classes of one's own.

Law: see `explorer.ui.parts`.
"""

from explorer.ui.parts.training.transfer.state import STATE

__all__ = ["STATE"]
