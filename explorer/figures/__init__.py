"""Figures: a record goes in, a Plotly figure (or an image) comes out.

Law: plotly, pandas, numpy, pillow and `explorer.records` (with `explorer.arithmetic` for formulas) only: no torch, no
streamlit, no text catalogue: finished strings come in. Options are keyword-only; every colour comes from `theme.py`.
"""
