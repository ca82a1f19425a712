"""Optimizer and learning rate of a configuration."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from explorer.records import TrainConfig

FUSED = ("cpu", "cuda")
"""Types of devices whose optimizers are fused kernels, which read the learning rate from a tensor there."""


def make_optimizer(
    config: TrainConfig, parameters: Iterable[nn.Parameter], device: torch.device
) -> torch.optim.Optimizer:
    """SGD with momentum, Adam or AdamW; the fused kernel, which is the fastest on a CPU as well."""
    fused = device.type in FUSED
    lr: Any = torch.tensor(config.lr, dtype=torch.float32, device=device) if fused else config.lr
    if config.optimizer == "sgd":
        return torch.optim.SGD(
            parameters,
            lr=lr,
            momentum=config.momentum,
            nesterov=config.nesterov and config.momentum > 0,
            weight_decay=config.weight_decay,
            fused=fused,
        )
    kind: type[torch.optim.Adam] = torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW
    capturable = device.type == "cuda"
    return kind(parameters, lr=lr, weight_decay=config.weight_decay, fused=fused, capturable=capturable)


def warm_up() -> None:
    """Make the first optimizer of the process: torch imports its compiler for it, nearly two seconds."""
    torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.0)


def set_rate(optimizer: torch.optim.Optimizer, rate: Tensor) -> None:
    """Set the learning rate, a scalar; where the optimizer keeps it in a tensor, a captured step changes it as well."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].copy_(rate)
        else:
            group["lr"] = float(rate)


def learning_rate(config: TrainConfig, step: int) -> float:
    """The rate of batch `step`, counted from 0."""
    if step < config.warmup and config.schedule != "onecycle":
        return config.lr * (step + 1) / config.warmup
    done = (step - config.warmup) / max(config.steps - config.warmup, 1)
    match config.schedule:
        case "step":
            return config.lr * 0.1 ** ((step >= config.steps // 2) + (step >= config.steps * 3 // 4))
        case "cosine":
            return config.lr * 0.5 * (1 + math.cos(math.pi * done))
        case "onecycle":
            return config.lr * _one_cycle(step / max(config.steps - 1, 1))
        case _:
            return config.lr


def _one_cycle(done: float, rise: float = 0.3, start: float = 0.04) -> float:
    """Factor of the rate: 1/25 to 1 over the first 30 % of the steps, then to 0, both along a cosine (Smith 2018)."""
    if done < rise:
        return start + (1 - start) * 0.5 * (1 - math.cos(math.pi * done / rise))
    return 0.5 * (1 + math.cos(math.pi * (done - rise) / (1 - rise)))
