"""Non-linearities, pooling, normalisation: what stands between two convolutions, what it costs, and what it undoes."""

from explorer.ui.parts.blocks.nonlinearities import STATE, batchnorm, depth, functions, pooling
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs

layout.page_head("nonlinearities", "blocks")
view = inputs.segmented(STATE.view, label=False)
{"functions": functions.show, "depth": depth.show, "pooling": pooling.show, "batchnorm": batchnorm.show}[view]()
lesson.show("nonlinearities")
