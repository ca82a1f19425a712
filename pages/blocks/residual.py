"""Residual block: both paths with their numbers, shapes that differ, the gradient's "1 +", signals in depth."""

from explorer.ui.parts.blocks.residual import STATE, flow, gradient, kinds, shapes, signals, wanted
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.boundary import fragment
from explorer.ui.widgets import inputs

layout.page_head("residual", "blocks")
view = inputs.segmented(STATE.view, label=False)
shown = {"block": (flow, wanted), "shapes": (shapes, kinds), "gradient": (gradient,), "signals": (signals,)}
for part in shown[view]:
    fragment(part.show)

lesson.show("residual")
