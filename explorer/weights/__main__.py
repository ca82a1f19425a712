"""Write the checksums of all files of weights that ship: `python -m explorer.weights`, after one was added."""

from __future__ import annotations

from explorer.weights import CHECKSUMS, checksums

if __name__ == "__main__":
    CHECKSUMS.write_text(checksums(), encoding="utf-8", newline="\n")
