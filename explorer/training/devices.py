"""Choice of device, and whether it is fast in bfloat16."""

from __future__ import annotations

import torch


def best_device(name: str = "auto") -> torch.device:
    """The device `name`; "auto" is CUDA, else Apple's MPS, else the CPU."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def native_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32: on a CPU without AVX-512 BF16 it is ten times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return device.type == "cpu" and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
