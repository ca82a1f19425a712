"""What the auxiliary heads of GoogLeNet send to the early layers: gradients of its first step, loss by loss."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from explorer.records.inception import AuxiliaryReach, LayerGradient

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

IMAGES = ("cat", "astronaut", "coffee", "rocket")
"""The batch: four bundled photographs, each a class of its own."""

WEIGHT = 0.3
"""What an auxiliary loss counts (Szegedy et al. 2014, section 5)."""

STARTS = ("default", "xavier", "he")


def auxiliary_reach(start: str = "default", seed: int = 0, *, normalised: bool = False) -> AuxiliaryReach:
    """Gradients of the weights of every convolution of the main path, from the main loss and from the auxiliary ones.

    `start` is how weights are drawn ("default": PyTorch's own), `normalised` takes torchvision's network, with batch
    normalisation. Dropout is off, so that a seed gives the same numbers every time. Takes a second or two.
    """
    import torch
    from torch import nn

    from explorer.networks import network

    slug = "googlenet-torchvision" if normalised else "googlenet"
    net = network(slug).build(classes=1000, aux=True)
    initialise(net, start, torch.Generator().manual_seed(seed))
    net.train()
    for part in net.modules():
        if isinstance(part, nn.Dropout):
            part.eval()
    outputs = net(batch())
    if normalised:
        outputs = (outputs.logits, outputs.aux_logits1, outputs.aux_logits2)
    losses = [nn.functional.cross_entropy(logits, torch.arange(len(IMAGES))) for logits in outputs]
    named = {
        name.removesuffix(".weight"): weight
        for name, weight in net.named_parameters()
        if weight.dim() == 4 and not name.startswith("aux")
    }
    main, auxiliary = (_gradients(loss, named) for loss in (losses[0], losses[1] + losses[2]))
    layers = tuple(_measured(name, main[name], auxiliary[name]) for name in named)
    values = tuple(float(loss.detach()) for loss in losses)
    return AuxiliaryReach(layers, (values[0], values[1], values[2]), len(IMAGES))


def batch() -> Tensor:
    """The photographs as the network reads them, float32 (B, 3, 224, 224), standardised like ImageNet."""
    import numpy as np
    import torch

    from explorer.images import fitted, load

    stored = np.stack([fitted(load(slug), (224, 224)) for slug in IMAGES]).transpose(0, 3, 1, 2)
    mean, std = (torch.tensor(each).view(3, 1, 1) for each in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    pixels: Tensor = (torch.from_numpy(stored).float() / 255 - mean) / std
    return pixels


def initialise(net: nn.Module, start: str, generator: torch.Generator) -> None:
    """Draw all weights from a generator: PyTorch's default, Xavier's (Glorot) or He's, the latter two with biases 0."""
    from torch import nn

    for part in net.modules():
        if not isinstance(part, nn.Conv2d | nn.Linear):
            continue
        if start == "default":
            nn.init.kaiming_uniform_(part.weight, a=sqrt(5), generator=generator)
        elif start == "xavier":
            nn.init.xavier_uniform_(part.weight, generator=generator)
        else:
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu", generator=generator)
        if part.bias is not None:
            bound = 1 / sqrt(part.weight[0].numel()) if start == "default" else 0.0
            nn.init.uniform_(part.bias, -bound, bound, generator=generator)


def _gradients(loss: Tensor, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The gradient of each weight; zeros where a loss does not depend on it."""
    import torch

    found = torch.autograd.grad(loss, list(weights.values()), retain_graph=True, allow_unused=True)
    pairs = zip(weights.items(), found, strict=True)
    return {name: torch.zeros_like(weight) if g is None else g for (name, weight), g in pairs}


def _measured(name: str, main: Tensor, auxiliary: Tensor) -> LayerGradient:
    a, b = main.double().flatten(), auxiliary.double().flatten()
    return LayerGradient(name, name.split(".")[0], float(a @ a), float(b @ b), float(a @ b))
