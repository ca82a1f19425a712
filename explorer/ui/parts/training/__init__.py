"""The parts of the pages under *Training*.

Law: see `explorer.ui.parts`.
"""
