"""What the pages of *Building blocks* draw.

Law: see `explorer.ui.parts`.
"""
