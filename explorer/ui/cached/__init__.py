"""Cached calls into the rooms below: one call each, kept for all visitors or for one session.

Law: arguments are plain values and frozen records, results are frozen, everything has `max_entries`. Nothing of a
visitor's own is kept where another one could read it.
"""
