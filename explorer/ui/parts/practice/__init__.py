"""The parts of the pages under *Data and practice*.

Law: see `explorer.ui.parts`.
"""
