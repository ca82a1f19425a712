"""Convolution: cell by cell, over photographs, transposed; what an output sees; and against a fully connected layer."""

from explorer.ui.parts.blocks.convolution import STATE, cells, dense, field, photograph, transposed
from explorer.ui.parts.blocks.convolution.dense import odd, shift
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs

VIEWS = {
    "cells": cells,
    "photograph": photograph,
    "transposed": transposed,
    "field": field,
    "dense": dense,
    "shift": shift,
    "odd": odd,
}

layout.page_head("convolution", "blocks")
VIEWS[inputs.segmented(STATE.view, label=False)].show()

lesson.show("convolution")
