"""MobileNet, EfficientNet, DenseNet: a convolution in two steps, a narrow block, three ways to scale, and reuse."""

from explorer.ui.parts.blocks.efficient import STATE, dense, gates, inverted, scaling, separable
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs

layout.page_head("efficient", "blocks")
view = inputs.segmented(STATE.view, label=False)
VIEWS = {"separable": separable, "inverted": inverted, "gates": gates, "scaling": scaling, "dense": dense}
VIEWS[view].show()
lesson.show("efficient")
