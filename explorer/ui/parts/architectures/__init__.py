"""The parts of the pages under *Architectures*.

Law: see `explorer.ui.parts`.
"""
