"""The questions, a subject a file; `SPECS` at its foot declares what it offers."""
