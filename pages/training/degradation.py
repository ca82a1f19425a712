"""Plain against residual: the degradation experiment, live beside the page, or as it was recorded."""

from explorer.ui.parts.training import degradation, degradation_recorded
from explorer.ui.shell import layout, lesson

layout.page_head("degradation", "training")
with layout.waiting():
    configs = degradation.recipe()
group, place = degradation.source_and_start(configs)

if group:
    degradation.show_live(group)
if group or degradation_recorded.show_recorded(configs, place):
    lesson.show("degradation")  # which would give the answer away
