"""Transfer learning: what was measured, features that are computed once, and classes of one's own."""

from explorer.ui.parts.training.transfer import STATE, measured, reused, stages, taught
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs

layout.page_head("transfer", "training")
view = inputs.segmented(STATE.view, label=False)
answered = view != "measured" or measured.show()
if view == "reused":
    reused.show()
elif view == "taught":
    taught.show()
elif answered:
    stages.show()
if answered:
    lesson.show("transfer")  # which would give the answer away
