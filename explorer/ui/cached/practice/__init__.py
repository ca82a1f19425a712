"""Cached calls behind the pages of *Data and practice*.

Law: see `explorer.ui.cached`.
"""
