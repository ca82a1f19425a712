"""Components that run in the browser: one folder each, with its script and its style.

Law: strings in, one plain value out, checked by a `read` before anybody uses it. Hovering never asks the server; all of
a component can be used with the keyboard, and says in words what it shows.
"""
