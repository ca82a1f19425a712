"""Convolution."""

from explorer.ui.parts.blocks.convolution import STATE, dense, field, photograph
from explorer.ui.shell import layout
from explorer.ui.widgets import inputs

layout.page_head("convolution", "blocks")
view = inputs.segmented(STATE.view, label=False)
{"photograph": photograph.show, "field": field.show, "dense": dense.show}[view]()
