"""Non-linearities, pooling, normalisation: what stands between two convolutions, what it costs, and what it undoes."""

from explorer.ui.parts.blocks.nonlinearities import STATE, batchnorm, depth, dying, functions, pooling
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs

layout.page_head("nonlinearities", "blocks")
view = inputs.segmented(STATE.view, label=False)
VIEWS = {"functions": functions, "dying": dying, "depth": depth, "pooling": pooling, "batchnorm": batchnorm}
VIEWS[view].show()
lesson.show("nonlinearities")
