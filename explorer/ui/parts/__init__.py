"""What the pages draw, a folder for each section of the menu.

Law: a part draws and computes nothing: no numpy, no torch. Sections do not know each other.
"""
