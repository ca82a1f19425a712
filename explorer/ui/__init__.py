"""The only room that knows Streamlit. Its own floors, from the top: parts, widgets, cached and components, shell.

Law: nothing below imports it; within it an arrow never runs up.
"""
