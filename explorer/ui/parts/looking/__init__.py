"""The parts of the pages under *Looking inside*.

Law: see `explorer.ui.parts`.
"""
