"""ConvNet Atlas below its pages. ARCHITECTURE.md draws the rooms; each room's `__init__` states its law."""

import os

# Before torch takes its first memory: huge pages, where Linux offers them on demand. All maps of an image take 100 MB
# of fresh memory; handed out in pages of 4 KB, that costs a third of the convolutions' time.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
