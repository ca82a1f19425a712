"""Cached calls into the rooms below: one call each, kept for all visitors or for one session.

Law: arguments are plain values, frozen records and images, results are frozen, everything has `max_entries`. Numbers
are computed in `inspection`, images drawn in `figures`. What takes an image or a `model_id` is declared with `kept`:
nothing of a visitor's own is kept where another one could read it.
"""
