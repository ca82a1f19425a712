"""What is chosen on the page *Convolution*."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.fields import Field, choice
from explorer.ui.parts.blocks.convolution import dense_state, field_state, photograph_state
from explorer.ui.parts.blocks.convolution.dense_state import DenseFields
from explorer.ui.parts.blocks.convolution.field_state import FieldFields
from explorer.ui.parts.blocks.convolution.photograph_state import PhotographFields


@dataclass(frozen=True, slots=True)
class ConvolutionState:
    """Which view is open, and what is chosen in each."""

    view: Field[str] = choice(
        "view", ("photograph", "field", "dense"), named="convolution.view", label="convolution.show"
    )
    photograph: PhotographFields = photograph_state.FIELDS
    field: FieldFields = field_state.FIELDS
    dense: DenseFields = dense_state.FIELDS


STATE = ConvolutionState()
