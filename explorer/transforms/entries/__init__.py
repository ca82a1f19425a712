"""The transforms, one family per file; `SPECS` at the end of each declares them."""
