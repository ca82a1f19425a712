"""Widgets that several pages use: they own their keys, are restored from the address, and return plain values.

Law: a widget draws and returns a value; it computes nothing, and knows no page.
"""
