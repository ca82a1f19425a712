"""The page Augmentation: its chain, the sheet of draws, and what is seen of them.

Law: see `explorer.ui.parts`.
"""
