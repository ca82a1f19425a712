"""What another counter says of the same network, and why it differs.

Law: torch, torchvision, torchinfo and the rooms below. torchinfo's convention: every weight *and bias* of a convolution
works once at each output position, and each affine parameter of a normalisation counts as one multiply-add.
"""

from explorer.crosscheck.with_torchinfo import CrossCheck, torchinfo_check

__all__ = ["CrossCheck", "torchinfo_check"]
