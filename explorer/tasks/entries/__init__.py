"""The tasks, one a file; `SPECS` at its foot declares what it offers."""
