"""Visitors of a shared server: what they may do here, which files they may hand over, the lecturer's key.

Law: as of `shell`. The refusing itself is done below (`explorer.rights`); nothing is allowed or forbidden here.
"""
