"""The only room that knows Streamlit: the frame, cached calls into the rooms below, URL state, widgets and layout.

Law: a component owns its keys and returns plain values; `session_state` and `query_params` are touched in `state.py`
alone; cached calls take slugs and plain values and have `max_entries`.
"""
