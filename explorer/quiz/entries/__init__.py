"""The questions, one subject per file; `SPECS` at the end of each declares them."""
