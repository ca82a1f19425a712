"""The launcher: `streamlit run app.py`.

The frame is a script of its own, so that Streamlit never takes the folder `pages/` beside this file for its old-style
menu, and a deep link shows the frame even as the first request to a fresh server.
"""

import streamlit as st

from explorer.ui.shell import prewarm

prewarm.at_launch()
app = st.App("explorer/ui/frame.py")
