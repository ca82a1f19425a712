"""The frame around every page: page config, look, language, menu. Streamlit runs this script on every rerun."""

import streamlit as st

from explorer.ui.components import theme_watch as daylight, touch
from explorer.ui.shell import layout, present, prewarm, session
from explorer.ui.shell.boundary import guarded
from explorer.ui.shell.navigation import HOME, SECTIONS, home_by_name, page_of
from explorer.ui.shell.visitors import deliveries, lecturer, permission
from explorer.ui.shell.words import t
from explorer.ui.widgets import onward

prewarm.before_a_page()
st.set_page_config(
    page_icon="app/static/icon.png",
    layout="wide",
    initial_sidebar_state=248,
)
session.language_from_address()
layout.style()
menu = st.navigation(
    {t(f"nav.{section}"): [page_of(spec) for spec in specs] for section, specs in SECTIONS.items()}
    | {"": [home_by_name()]},
    expanded=True,  # whatever is hidden would be behind English words
)
slug = menu.url_path or HOME
session.page_is(slug)
deliveries.begin()
present.begin()
with guarded():
    menu.run()  # pages come to their end: none calls st.stop
    onward.show(slug)
    onward.name_tab(slug)
    deliveries.settle()
layout.language_switch()  # after the page, so that its head is painted first
present.end()
layout.imprint()
lecturer.key()
daylight.watch()
touch.watch()
session.publish_language()
session.show_notices()
permission.say_refused()
prewarm.behind_the_first_page()
