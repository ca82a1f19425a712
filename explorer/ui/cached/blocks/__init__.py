"""Cached calls of the pages under *Building blocks*.

Law: see `explorer.ui.cached`.
"""
