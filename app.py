"""The launcher: `streamlit run app.py`.

The frame is a script of its own, so that Streamlit never takes the folder `pages/` beside this file for its old-style
menu, and a deep link shows the frame even as the first request to a fresh server.
"""

import streamlit as st
from starlette.middleware import Middleware

from explorer import rights
from explorer.ui.cached import attending
from explorer.ui.door import Door, ask_nobody
from explorer.ui.letterbox import Letterbox
from explorer.ui.shell import prewarm

rights.check_settings()
prewarm.at_launch()
attending.at_launch()
ask_nobody()
app = st.App("explorer/ui/frame.py", middleware=[Middleware(Door), Middleware(Letterbox)])
