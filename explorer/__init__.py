"""ConvNet Atlas below its pages. ARCHITECTURE.md draws the rooms; each room's `__init__` states its law."""
