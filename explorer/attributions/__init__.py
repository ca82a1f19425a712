"""Attribution methods: which pixels count for or against a class; and sanity checks of their maps.

Law: torch and captum; no Streamlit, no catalogue of networks. One contract: `attribute(network, x, method, target)`
returns an `Attribution`. Networks with in-place operations or reused modules are made hook-safe once, in
`preparing.py`, on a copy: the caller's modules are never hooked, changed or written to. A new method is one
`MethodSpec` in the `SPECS` of a file in `entries/`, and its name in every language (`why.method.<slug>`).
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
