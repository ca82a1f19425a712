"""Put together the network that a regime trains."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.datasets import ImageData
from explorer.errors import BadOption
from explorer.models import Model
from explorer.networks import build
from explorer.records import ModelMeta, NetworkInstance, Normalize, Pair, TransferConfig
from explorer.training import Setup, initialise
from explorer.transfer.features import standardised
from explorer.transfer.splitting import last_layer, split


class Resize(nn.Module):
    """Bilinear interpolation of small images to the size that a network was trained for."""

    def __init__(self, size: Pair) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return functional.interpolate(x, self.size, mode="bilinear", align_corners=False)  # (B, C, *size)


class Frozen(nn.Module):
    """Stages that stay as they are: no gradients, and batch normalisation keeps its statistics, also in training."""

    def __init__(self, stages: nn.Module) -> None:
        super().__init__()
        self.stages = stages.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> Frozen:
        """Stays in evaluation mode, whatever the network around it does."""
        super().train(False)
        return self

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.stages(x)
        return output


def network_of(config: TransferConfig, model: Model, classes: int) -> nn.Module:
    """The model's network for `classes` classes: with its weights but for the last layer, or with initial ones.

    What is initial is drawn from the configuration's seed. Dropout, whose draws come from torch's global generator, is
    switched off: so that cached features are those of the network.
    """
    net: nn.Module = build(replace(model.instance, classes=classes))
    initialise(net, "he", torch.Generator().manual_seed(config.seed))
    if config.regime != "scratch":
        new = last_layer(net) + "."
        own = net.state_dict()
        net.load_state_dict({**own, **{name: t for name, t in model.state.items() if not name.startswith(new)}})
    for module in net.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
    return net


def normalization(config: TransferConfig, model: Model, data: ImageData) -> Normalize:
    """The source's, which its weights expect; from scratch that of the training images.

    Raises `BadOption` where images have colours and the network reads none.
    """
    channels = model.input_shape[0]
    if data.shape[0] not in (1, channels):
        raise BadOption(f"{model.spec.title} reads images of {channels} channel; these have {data.shape[0]}.")
    if config.regime == "scratch":
        return Normalize(data.mean, data.std).spread(channels)
    return model.meta.normalize


def at_size(stages: nn.Module, model: Model, data: ImageData) -> nn.Module:
    """`stages` for the images of a data set, resized where the network was trained for others."""
    if data.shape[1:] == model.instance.size:
        return stages
    return nn.Sequential(OrderedDict(resize=Resize(model.instance.size), stages=stages))


def setup_of(config: TransferConfig, model: Model, data: ImageData, net: nn.Module) -> Setup:
    """What fine-tuning or training from scratch trains: `net`, its first stages frozen, on `data`."""
    parts = split(net, model.spec)
    if config.stages >= len(parts):
        raise BadOption(f"{model.spec.title} has {len(parts) - 1} stages that can stay; {config.stages} were wanted.")
    kept, rest = parts[: config.stages], parts[config.stages :]
    whole = nn.Sequential(*([Frozen(nn.Sequential(*kept))] if kept else []), *rest)
    normalize = normalization(config, model, data)
    meta = ModelMeta(replace(model.instance, classes=len(data.classes)), tuple(data.classes), normalize)
    return Setup(at_size(whole, model, data), data, normalize, meta)


def softmax_on(features: int, classes: int, seed: int) -> nn.Module:
    """A linear layer on features (B, D, 1, 1), drawn from `seed`."""
    head = nn.Sequential(OrderedDict(flatten=nn.Flatten(), fc=nn.Linear(features, classes)))
    initialise(head, "he", torch.Generator().manual_seed(seed))
    return head


def features_setup(kept: ImageData, instance: NetworkInstance, source: Normalize, seed: int) -> Setup:
    """What training a softmax on frozen features trains: `kept` has features (N, D, 1, 1) where images stand.

    `instance` and `source` are those of the network that they are of.
    """
    head = softmax_on(kept.train_images.shape[1], len(kept.classes), seed)
    meta = ModelMeta(replace(instance, classes=len(kept.classes)), tuple(kept.classes), source)
    return Setup(head, kept, standardised(kept.train_images), meta)
