"""1x1 and Inception: a kernel that sees one pixel, and the networks that are built on it."""

from explorer.ui.parts.blocks.inception import STATE, auxiliary, bottleneck, factorised, module, pointwise, residual
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs

layout.page_head("inception", "blocks")
view = inputs.segmented(STATE.view, label=False)
{
    "pointwise": pointwise.show,
    "bottleneck": bottleneck.show,
    "module": module.show,
    "auxiliary": auxiliary.show,
    "factorised": factorised.show,
    "residual": residual.show,
}[view]()
lesson.show("inception")
