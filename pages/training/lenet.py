"""LeNet-5, the classic run: train it, look where it errs, draw a digit and watch it pass."""

import streamlit as st

from explorer.ui.parts.training import lenet
from explorer.ui.parts.training import lenet_inspect as lenet_looking
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.words import t

layout.page_head("lenet", "training")
with layout.waiting():
    lenet.recipe()
source = lenet.run()

if source and lenet_looking.show_evaluation(source):
    lenet_looking.show_drawing(source)
elif not source:
    st.info(t("lenet.no_weights"), icon=":material/hourglass_empty:")

lesson.show("lenet")
