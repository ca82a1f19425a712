"""TensorFlow's "SAME" padding: as many zeros as the output needs to be ceil(n / s), the odd one at the end."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import handle_torch_function, has_torch_function_unary

from explorer.arithmetic import same_padding


def pad_same(x: Tensor, kernel: int, stride: int) -> Tensor:  # (B, C, H, W)
    """Zeros around each map for a window of side `kernel`; which side gets how many depends on the size of `x`.

    It announces itself as torch's own functions do, so that a trace records it as one operation, and torch.fx need not
    know the size.
    """
    if has_torch_function_unary(x):
        padded: Tensor = handle_torch_function(pad_same, (x,), x, kernel, stride)
        return padded
    rows, columns = (same_padding(side, kernel, stride).value for side in x.shape[2:])
    return functional.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))  # (B, C, H', W')


class SamePad(nn.Module):
    """`pad_same` as a module."""

    def __init__(self, kernel: int, stride: int) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return pad_same(x, self.kernel, self.stride)

    def extra_repr(self) -> str:
        """What `print` shows between the parentheses."""
        return f"kernel={self.kernel}, stride={self.stride}"
