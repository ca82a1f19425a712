"""Convolution: cell by cell, over photographs, transposed; what an output sees; and against a fully connected layer."""

from explorer.ui.parts.blocks.convolution import STATE, cells, transposed
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs

VIEWS = {"cells": cells.show, "transposed": transposed.show}

layout.page_head("convolution", "blocks")
VIEWS[inputs.segmented(STATE.view, label=False)]()

lesson.show("convolution")
