"""What every page stands in: state, words, layout, navigation, waiting, and what is imported before it is asked for.

Law: knows Streamlit, `text`, `glossary` and `records`; no network, no torch, no page. `session_state` and
`query_params` are touched in `state.py` alone.
"""
