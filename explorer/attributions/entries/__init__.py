"""The methods, a family a file; `SPECS` at its foot declares what it offers."""
