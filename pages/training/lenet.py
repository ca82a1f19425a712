"""LeNet-5, the classic run: train it, look where it errs, draw a digit and watch it pass."""

import streamlit as st

from explorer.ui.parts.training import lenet, lenet_errors, lenet_inspect
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.words import t
from explorer.ui.widgets import onward

layout.page_head("lenet", "training")
if network := onward.network_of("lenet"):
    onward.introduction(network)
with layout.waiting():
    config = lenet.recipe()
model_id, held_back = lenet.run(config)

if not model_id:
    st.info(t("lenet.no_weights"), icon=":material/hourglass_empty:")
elif held_back or lenet_errors.show(model_id):
    lenet_inspect.show_drawing(model_id)

lesson.show("lenet")
