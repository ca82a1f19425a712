"""Figures: functions from records to Plotly figures, ECharts options or images.

Law: plotly, pandas, numpy, pillow and `explorer.records` (with `explorer.arithmetic` for formulas) only: no torch, no
streamlit, no text catalogue: strings are arguments. Options are keyword-only; every colour comes from `theme.py`.
"""
