"""Runs: everything that was trained here or ships with the project, laid over each other, taken away, made again."""

import streamlit as st

from explorer.ui.parts.training import run_actions, run_overlay, runs
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.navigation import page
from explorer.ui.shell.words import t

layout.page_head("runs", "training")
runs.which()
entries = runs.listing()
if not any(entry.run for entry in entries):
    st.info(t("runs.none"), icon=":material/experiment:")
    st.page_link(page("degradation"))
layout.section(t("runs.list"), t("runs.list_note"))
shown = runs.narrowed(entries)
ids = runs.picked(entries)
run_overlay.show(entries, shown, ids)

if ids:
    by_id = {entry.id: entry for entry in entries}
    chosen = [by_id[run_id] for run_id in ids]
    run_actions.buttons(chosen)
    layout.section(t("runs.configured"))
    with layout.waiting():
        run_actions.configurations(chosen)
    layout.section(t("runs.take"))
    run_actions.exports(chosen)

lesson.show("runs")
