"""All colours of the app, each defined once; `theme` assigns them to kinds, families and pages.

Okabe & Ito's palette (2008) is told apart under all common kinds of colour blindness; whatever is coloured is named in
text as well.
"""

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
AMBER, SKY, VIOLET, YELLOW = "#E69F00", "#56B4E9", "#8E5FA8", "#D8C63A"
STONE, SAND, SLATE, UMBER = "#A79B86", "#C2B8A3", "#8C96A0", "#77706A"
BLACK, WHITE, CLEAR = "#000000", "#FFFFFF", "rgba(0,0,0,0)"

CYCLE = (BLUE, ORANGE, GREEN, PINK, AMBER, SKY, VIOLET, SLATE, YELLOW, UMBER)
"""Lines of one figure, in this order."""

PLAIN, RESIDUAL = ORANGE, BLUE
TRAINING, TEST, NOTEBOOK = BLUE, GREEN, ORANGE
BEFORE, AFTER = SLATE, BLUE

VIRIDIS = (
    *("#440154", "#482878", "#3E4A89", "#31688E", "#26828E"),
    *("#1F9E89", "#35B779", "#6DCD59", "#B4DE2C", "#FDE725"),
)
"""Magnitudes: even steps of lightness, dark to light (van der Walt & Smith 2015)."""

SIGNED = ("#053C6B", "#2171A8", "#7FB6D9", "#F4F3F0", "#F0AE76", "#CC6112", "#7A2F03")
"""From blue (against) over near-white to orange (for), even in lightness on both sides."""
