"""Why residual networks can be deep: their blocks when the weights are zero."""

from __future__ import annotations

from random import Random

from explorer.quiz.contract import QuestionSpec
from explorer.records import Problem


def _draw(rng: Random) -> Problem:
    """Blocks with or without the skip, forward or backward; depths that the thin network has."""
    blocks = rng.choice((2, 3, 4, 5, 6, 7, 8, 9, 18))
    case = f"{rng.choice(('residual', 'plain'))}-{rng.choice(('forward', 'backward'))}"
    return Problem({"blocks": blocks, "depth": 6 * blocks + 2}, case)


def measured(problem: Problem) -> float:
    """Factor by which the blocks of a stage change the norm of a positive map, or of a gradient in the backward pass.

    The stage is the first of the thin network, its convolutions set to 0 and the rest as initialised (batch
    normalisation with gamma = 1, beta = 0): the point to which weight decay pulls (He et al. 2016, arXiv:1603.05027,
    section 2).
    """
    import torch
    from torch import nn

    from explorer.networks import network

    block, way = problem.case.split("-")
    net = network("thin-resnet").build(depth=problem["depth"], residual=block == "residual")
    convolutions = [part for part in net.layer1.modules() if isinstance(part, nn.Conv2d)]
    for convolution in convolutions:
        nn.init.zeros_(convolution.weight)
    generator = torch.Generator().manual_seed(problem["blocks"])
    x = (1 + torch.rand(2, convolutions[0].in_channels, 8, 8, generator=generator)).requires_grad_()  # (B, C, H, W)
    out = net.layer1(x)  # (B, C, H, W)
    if way == "forward":
        return float(out.detach().norm() / x.detach().norm())
    arriving = torch.randn(out.shape, generator=generator)
    (gradient,) = torch.autograd.grad(out, x, arriving)
    return float(gradient.norm() / arriving.norm())


SPECS = (
    QuestionSpec(
        slug="zero-blocks",
        draw=_draw,
        truth=measured,
        claims={
            "nothing": lambda problem: 0.0,
            "halved": lambda problem: 0.5 ** problem["blocks"],
            "unchanged": lambda problem: 1.0,
            "doubled": lambda problem: 2.0 ** problem["blocks"],
        },
    ),
)
