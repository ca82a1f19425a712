"""Residual block: both paths with their numbers, the identity, shapes that differ, the gradient's "1 +", signals."""

from explorer.ui.parts.blocks.residual import STATE, decaying, flow, gradient, kinds, shapes, signals, wanted
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.boundary import fragment
from explorer.ui.widgets import inputs

layout.page_head("residual", "blocks")
view = inputs.segmented(STATE.view, label=False)
VIEWS = {
    "block": (flow,),
    "identity": (decaying, wanted),
    "shapes": (shapes, kinds),
    "gradient": (gradient,),
    "signals": (signals,),
}
for part in VIEWS[view]:
    fragment(part.show)

lesson.show("residual")
