"""Single units of a network: first filters, top activations, activation maximisation, and lesions.

Law: torch and torchvision, with tracing, datasets, images, training and records; no captum, no Streamlit. Every
function takes a module that no other thread uses, its input normalisation and plain values; hooks and replaced modules
are removed in `finally`. To add a regulariser, add a switch to `FeatureVisConfig`, a line to `maximizing`, and its two
strings.
"""

from explorer.units.filters import first_filters
from explorer.units.layers import blocks_of, unit_layers
from explorer.units.lesion import accuracy, lesioned
from explorer.units.maximizing import maximize_activation
from explorer.units.patches import crop_windows, fitted_to, top_activations
from explorer.units.searched import PHOTOGRAPHS_SLUG, searched

__all__ = [
    "PHOTOGRAPHS_SLUG",
    "accuracy",
    "blocks_of",
    "crop_windows",
    "first_filters",
    "fitted_to",
    "lesioned",
    "maximize_activation",
    "searched",
    "top_activations",
    "unit_layers",
]
