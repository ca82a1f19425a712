"""The tasks, one per file; `SPECS` at the end of each declares it."""
