"""Why this class? Methods that say which pixels spoke for or against an answer, and how far to trust them.

Law: torch and captum; no Streamlit, no catalogue of networks. One contract: `attribute(network, x, method, target)`
gives an `Attribution`. Whatever a network does in place or twice is mended once, in `preparing.py`, on a graph of its
own: the caller's modules are never hooked, changed or written to. A new method is one `MethodSpec` in the `SPECS` of
a file in `entries/`, and its name in every language (`why.method.<slug>`).
"""

from explorer.attributions.contract import MethodSpec, attribute, method, methods, settings
from explorer.attributions.preparing import Prepared, grids, prepared
from explorer.attributions.trust import Curves, insertion_deletion, randomized, rank_correlation

__all__ = [
    "Curves",
    "MethodSpec",
    "Prepared",
    "attribute",
    "grids",
    "insertion_deletion",
    "method",
    "methods",
    "prepared",
    "randomized",
    "rank_correlation",
    "settings",
]
