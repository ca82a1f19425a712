"""Cached calls of the pages under *Data and practice*.

Law: see `explorer.ui.cached`.
"""
