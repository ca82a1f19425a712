"""Cached calls of the page *Transfer learning*.

Law: see `explorer.ui.cached`.
"""
