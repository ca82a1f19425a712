"""ReLUs that die: a small network trained at a rate that may be too high, and how many units are silent for all images.

    python -m explorer.blocks.dying --save explorer/weights     # records what ships, in two minutes

A unit is silent when its pre-activation is below 0 for every one of the probe images. With ReLU it then has a gradient
of 0 for all of them; with a leak it has not. Both are counted in the same way. Adam bounds every step by the rate, so
that a rate that is too high silences units before any number overflows.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.records.nonlinear import DyingConfig, DyingPoint, DyingRun

if TYPE_CHECKING:
    from torch import Tensor

ARMS = ("relu", "leaky-relu", "elu")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
SEEDS = (0, 1, 2)
PROBES, EVERY = 1_000, 10
FILE = "dying.jsonl.gz"
COMMAND = "python -m explorer.blocks.dying --save explorer/weights"


def train(config: DyingConfig) -> Iterator[DyingPoint]:
    """Train on scikit-learn's digits, 28 x 28, with Adam, and yield a point every few steps; the same every time.

    Start and batches depend on the seed alone, so that runs with different activations or rates can be compared.
    """
    import torch
    import torch.nn.functional as F

    from explorer import datasets
    from explorer.blocks.activations import activation
    from explorer.blocks.depth import apply

    data, generator = datasets.load("digits28"), torch.Generator().manual_seed(config.seed)
    images = data.train_images.flatten(1).float()
    images = (images - images.mean()) / images.std()  # (N, 784)
    labels, entry = data.train_labels, activation(config.activation)
    sizes = [images.shape[1], *[config.width] * config.layers, 10]
    weights = [torch.randn(n, m, generator=generator) * (2 / m) ** 0.5 for m, n in pairwise(sizes)]
    parameters = [each.requires_grad_() for each in (*weights, *(torch.zeros(n) for n in sizes[1:]))]
    optimizer, biases = torch.optim.Adam(parameters, lr=config.rate), parameters[len(weights) :]
    ever = torch.zeros(config.layers * config.width, dtype=torch.bool)

    def forward(a: Tensor) -> tuple[list[Tensor], Tensor]:
        before = []
        for weight, bias in zip(weights, biases, strict=True):
            before.append(a @ weight.T + bias)
            a = apply(entry, before[-1])
        return before[:-1], before[-1]  # the last one gives logits, without a non-linearity

    for step in range(config.steps + 1):
        if step % EVERY == 0:
            hidden, logits = forward(images[:PROBES])
            loss = F.cross_entropy(logits, labels[:PROBES])
            reaching = torch.autograd.grad(loss, hidden)  # each (PROBES, width)
            found = _point(step, hidden, logits.detach(), labels[:PROBES], ever, reaching)
            ever |= _silent(hidden)
            yield found
        chosen = torch.randint(len(images), (config.batch,), generator=generator)
        optimizer.zero_grad()
        torch.autograd.backward(F.cross_entropy(forward(images[chosen])[1], labels[chosen]))
        optimizer.step()


def _silent(hidden: Sequence[Tensor]) -> Tensor:
    """Which hidden units, of all layers, are below 0 for every image. NaN is not."""
    import torch

    return torch.cat([(z <= 0).all(0) for z in hidden])


def _point(
    step: int, hidden: Sequence[Tensor], logits: Tensor, labels: Tensor, ever: Tensor, reaching: Sequence[Tensor]
) -> DyingPoint:
    import torch
    import torch.nn.functional as F

    loss, silent = float(F.cross_entropy(logits, labels)), _silent(hidden)
    return DyingPoint(
        step=step,
        loss=loss if torch.isfinite(torch.tensor(loss)) else None,
        accuracy=float((logits.argmax(1) == labels).double().mean()),
        silent=float(silent.double().mean()),
        by_layer=tuple(float((z <= 0).all(0).double().mean()) for z in hidden),
        stuck=float(torch.cat([(gradient == 0).all(0) for gradient in reaching]).double().mean()),
        revived=float((ever & ~silent).double().mean()),
    )


# --- what ships -------------------------------------------------------------------------------------------------------


def configurations() -> Iterator[DyingConfig]:
    """Every rate, activation and seed that is recorded."""
    for rate in RATES:
        for arm in ARMS:
            for seed in SEEDS:
                yield DyingConfig(arm, rate, seed)


def record(configs: Iterator[DyingConfig], device: str) -> Iterator[DyingRun]:
    """Train each configuration, one after the other, in one thread."""
    import torch

    torch.set_num_threads(1)
    for config in configs:
        began = time.monotonic()
        run = DyingRun(config, tuple(train(config)), COMMAND, device, date.today().isoformat())
        yield replace(run, seconds=time.monotonic() - began)


def main(arguments: Sequence[str]) -> int:
    """Record what ships; returns the exit status."""
    parser = argparse.ArgumentParser("python -m explorer.blocks.dying", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--save", metavar="FOLDER", type=Path, required=True, help=f"where {FILE} is written")
    parser.add_argument("--device", default="CPU, one core", help="how the machine is named in the record")
    options = parser.parse_args(arguments)
    lines = []
    for run in record(configurations(), options.device):
        end = run.points[-1]
        name = f"{run.config.activation} {run.config.rate:g} seed {run.config.seed}"
        print(f"{name}: silent {end.silent:.3f}, accuracy {end.accuracy:.3f}", flush=True)
        lines.append(run.to_json())
    options.save.mkdir(parents=True, exist_ok=True)
    (options.save / FILE).write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
