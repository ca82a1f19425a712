"""What a unit wants: first filters, the pictures that excite a channel most, dreams by optimisation, and lesions.

Law: torch and torchvision, with tracing, datasets, training and records; no captum, no Streamlit. Every function takes
a module that belongs to its caller alone, the scale of its pixels and plain values; hooks and replaced modules are
undone in `finally`. To add a regulariser, add a switch to `DreamSettings`, a line to `dreaming`, and its two strings.
"""

from explorer.units.dreaming import dream
from explorer.units.filters import first_filters
from explorer.units.layers import blocks_of, unit_layers
from explorer.units.lesion import accuracy, lesioned
from explorer.units.patches import cut, fitted_to, strongest

__all__ = [
    "accuracy",
    "blocks_of",
    "cut",
    "dream",
    "first_filters",
    "fitted_to",
    "lesioned",
    "strongest",
    "unit_layers",
]
