"""Cross-check of parameters and MACs with torchinfo, and a reconciliation of the two conventions.

Law: torch, torchvision, torchinfo and the rooms below. torchinfo's convention: one multiply-add per weight *and bias*
of a convolution and output position, and one per affine parameter of a normalisation.
"""

from explorer.crosscheck.with_torchinfo import CrossCheck, torchinfo_check

__all__ = ["CrossCheck", "torchinfo_check"]
