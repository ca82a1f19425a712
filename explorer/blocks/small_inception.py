"""A small network of two Inception modules, trained on the drawn shapes: what is looked at branch by branch.

GoogLeNet's own weights do not ship with the project; this network's do. `python -m explorer.blocks.small_inception`
trains it again, in a few minutes on one core, and writes the file beside this one.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.records.inception import BranchMaps, InceptionWidths, SmallInceptionFacts

if TYPE_CHECKING:
    from torch import Tensor, nn

WIDTHS = (InceptionWidths(32, 16, 16, 24, 8, 12, 12), InceptionWidths(64, 24, 24, 32, 8, 20, 20))
"""The two modules: 32 to 64 channels, and 64 to 96."""

EPOCHS, BATCH, RATE, SEED, SHIFT = 32, 64, 0.004, 0, 3
_FILE = Path(__file__).with_name("small_inception.npz")
COMMAND = "python -m explorer.blocks.small_inception"


def build() -> nn.Sequential:
    """3x3 convolution, max pool, two of GoogLeNet's modules with a max pool between, average, linear: 10 classes.

    Behind the convolution and behind each concat stands a batch normalisation: without it the same training ends at
    about 70 % of the test images.
    """
    from collections import OrderedDict

    from torch import nn

    from explorer.networks.googlenet import ConvReLU, Inception

    first, second = (Inception(*widths) for widths in WIDTHS)
    parts = {
        "conv": ConvReLU(3, WIDTHS[0].n_in, 3),  # (B, 32, 32, 32)
        "norm0": nn.BatchNorm2d(WIDTHS[0].n_in),
        "pool1": nn.MaxPool2d(2),  # (B, 32, 16, 16)
        "first": first,  # (B, 64, 16, 16)
        "norm1": nn.BatchNorm2d(WIDTHS[0].n_out),
        "pool2": nn.MaxPool2d(2),  # (B, 64, 8, 8)
        "second": second,  # (B, 96, 8, 8)
        "norm2": nn.BatchNorm2d(WIDTHS[1].n_out),
        "average": nn.AdaptiveAvgPool2d(1),
        "flatten": nn.Flatten(),
        "linear": nn.Linear(WIDTHS[1].n_out, 10),
    }
    return nn.Sequential(OrderedDict(parts))


def as_input(pixels: Tensor) -> Tensor:
    """Stored pixels, uint8 (B, 3, H, W), as the network was trained on them: from -1 to 1."""
    return pixels.float() / 127.5 - 1


def train() -> tuple[nn.Sequential, float]:
    """Train with Adam and one cycle of the rate; returns the network and its accuracy on the test images (0 to 1).

    Each batch is shifted by up to three pixels, around the edge, and mirrored three times in seven.
    """
    import torch
    from torch import nn

    from explorer import datasets

    data, generator = datasets.load("shapes"), torch.Generator().manual_seed(SEED)
    net = build()
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, generator=generator)
            nn.init.zeros_(part.bias)  # type: ignore[arg-type]
    nn.init.normal_(net.get_submodule("linear").weight, std=0.05, generator=generator)  # type: ignore[arg-type]
    count = len(data.train_images) // BATCH
    optimiser = torch.optim.Adam(net.parameters(), RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * count)
    for _ in range(EPOCHS):
        order = torch.randperm(len(data.train_images), generator=generator)
        for chosen in order[: count * BATCH].view(count, BATCH):
            across, down, mirrored = torch.randint(-SHIFT, SHIFT + 1, (3,), generator=generator).tolist()
            images = as_input(data.train_images[chosen]).roll((down, across), (2, 3))
            images = images.flip(3) if mirrored > 0 else images
            loss = nn.functional.cross_entropy(net(images), data.train_labels[chosen])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return net.eval(), accuracy(net)


def accuracy(net: nn.Sequential) -> float:
    """Share of the test images of the drawn shapes that a network names rightly (0 to 1)."""
    import torch

    from explorer import datasets

    data = datasets.load("shapes")
    with torch.inference_mode():
        right = net(as_input(data.test_images)).argmax(1) == data.test_labels
    return float(right.float().mean())


def save(net: nn.Sequential, measured: float) -> None:
    """Write the weights in half precision, and what was measured, beside this file."""
    import torch

    without = {which: lesions(net, which) for which in ("first", "second")}
    version = torch.__version__.partition("+")[0]
    facts = {"accuracy": measured, "torch": version, "command": COMMAND, "without": without}
    arrays = {name: tensor.half().numpy() for name, tensor in net.state_dict().items()}
    np.savez_compressed(_FILE, facts=np.array(json.dumps(facts)), **arrays)


@cache
def facts() -> SmallInceptionFacts:
    """What was recorded with the weights."""
    with np.load(_FILE) as file:
        return SmallInceptionFacts(**json.loads(str(file["facts"])))


@cache
def _state() -> dict[str, np.ndarray]:
    with np.load(_FILE) as file:
        return {name: file[name].astype(np.float32) for name in file.files if name != "facts"}


def load(*, trained: bool = True) -> nn.Sequential:
    """The network with its trained weights, in evaluation mode; or with its first weights, as a control."""
    import torch

    if trained:
        net = build()
        net.load_state_dict({name: torch.from_numpy(array) for name, array in _state().items()})
        return net.eval().requires_grad_(False)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(SEED)
        return build().eval().requires_grad_(False)


def branch_maps(which: str, number: int, *, trained: bool = True) -> BranchMaps:
    """The maps of the module `which` ("first", "second") for a test image of the drawn shapes; the network's answer."""
    import torch

    from explorer import datasets

    data, net = datasets.load("shapes"), load(trained=trained)
    x = as_input(data.test_images[number : number + 1])
    with torch.inference_mode():
        logits = net(x)[0]
        for name, part in net.named_children():
            if name == which:
                break
            x = part(x)
        maps = tuple((name, branch(x)[0].numpy()) for name, branch in _branches(net, which).items())
    best = int(logits.argmax())
    return BranchMaps(maps, data.classes[best], float(logits.softmax(0)[best]))


def lesions(net: nn.Sequential, which: str) -> dict[str, float]:
    """Accuracy on the test images with all channels of a branch set to 0, for each branch of a module."""
    import torch

    found = {}
    for name, branch in _branches(net, which).items():
        hook = branch.register_forward_hook(lambda part, read, given: torch.zeros_like(given))
        try:
            found[name] = accuracy(net)
        finally:
            hook.remove()
    return found


def _branches(net: nn.Sequential, which: str) -> dict[str, nn.Module]:
    module = net.get_submodule(which)
    names = {"1x1": "branch1x1", "3x3": "branch3x3", "5x5": "branch5x5", "pool": "branch_pool"}
    return {name: module.get_submodule(path) for name, path in names.items()}


if __name__ == "__main__":
    network, reached = train()
    save(network, reached)
    print(f"accuracy on the test images: {reached:.3f}")
