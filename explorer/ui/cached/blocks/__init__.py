"""Cached calls of the pages of *Building blocks*."""
