"""ConvNet Atlas below its pages. ARCHITECTURE.md draws the rooms; each room's `__init__` states its law."""

import os

# Before torch takes its first memory: huge pages, where Linux offers them on demand. Keeping all maps of a picture takes
# a hundred megabytes of fresh memory, and handing it out in pages of 4 KB takes as long as a third of the convolutions.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
