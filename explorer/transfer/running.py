"""Do one `TransferConfig`."""

from __future__ import annotations

import platform
import time
from dataclasses import replace
from datetime import date

import torch
from torch import Tensor, nn

from explorer import datasets
from explorer.datasets import ImageData, select, selected
from explorer.errors import BadOption, UnknownEntry
from explorer.models import Model, pretrained_model, random_model, shipped_model
from explorer.records import TrainConfig, TransferConfig, TransferResult
from explorer.training import Normalizer, Setup, best_device, native_bf16, train
from explorer.transfer.features import Features, stage_features
from explorer.transfer.preparing import at_size, features_setup, network_of, normalization, setup_of
from explorer.transfer.similarity import similarities, stage_grams
from explorer.transfer.splitting import split

COMPARED = 256
"""Test images whose representations are compared before and after training."""

POINTS = 20
"""On a curve."""

_KINDS = {"pretrained": pretrained_model, "recorded": shipped_model, "random": random_model}


def source_model(source: str) -> Model:
    """The model of an id that needs no session and no run store. Raises `UnknownEntry`, `BadWeights`."""
    kind, _, name = source.partition(":")
    if kind not in _KINDS:
        raise UnknownEntry("kind of model", kind, _KINDS)
    return _KINDS[kind](name)


class Bench:
    """Does configurations one after the other, and keeps models and features between them."""

    def __init__(self, device: str = "auto", command: str = "") -> None:
        self.device, self._command = best_device(device), command
        self._models: dict[str, Model] = {}
        self._features: dict[tuple[str, str, str], Features] = {}

    def run(self, config: TransferConfig) -> TransferResult:
        """One configuration. Raises what `source_model`, `datasets.load` and `train` raise, and `BadOption`."""
        if config.source not in self._models:
            self._models[config.source] = source_model(config.source)
        model, data = self._models[config.source], datasets.load(config.dataset)
        chosen = select(data.train_labels, config.per_class, config.seed, len(data.classes))
        return (self._frozen if config.regime == "frozen" else self._network)(config, model, data, chosen)

    def _frozen(self, config: TransferConfig, model: Model, data: ImageData, chosen: Tensor) -> TransferResult:
        """A softmax on features: they stand where the loop has images."""
        if not 0 < config.stages <= len(model.spec.stages):
            raise BadOption(f"{model.spec.title} has {len(model.spec.stages)} stages; {config.stages} were wanted.")
        features = self.features(config, model, data)
        train_x, test_x = features.train[config.stages - 1], features.test[config.stages - 1]
        kept = ImageData(
            train_images=train_x[chosen.to(train_x.device)],
            train_labels=data.train_labels[chosen],
            test_images=test_x,
            test_labels=data.test_labels,
            classes=data.classes,
        )
        setup = features_setup(kept, model.instance, model.meta.normalize, config.seed)
        done = self._trained(config, model, setup)
        return replace(done, features=train_x.shape[1], feature_seconds=features.seconds)

    def _network(self, config: TransferConfig, model: Model, data: ImageData, chosen: Tensor) -> TransferResult:
        """All stages that do not stay are trained."""
        net = self._moved(network_of(config, model, len(data.classes)))
        setup = setup_of(config, model, selected(data, chosen), net)
        if not config.similarity:
            return self._trained(config, model, setup)
        scale = Normalizer.of(setup.normalize, self.device)
        images = data.test_images[:COMPARED].to(self.device)
        before = stage_grams(self._stages(net, model, data), images, scale)
        done = self._trained(config, model, setup)
        after = stage_grams(self._stages(net, model, data), images, scale)
        return replace(done, similarity=similarities(before, after))

    def features(self, config: TransferConfig, model: Model, data: ImageData) -> Features:
        """Features of all images of the data set after every stage; computed once."""
        key = (config.source, config.dataset, config.precision)
        if key not in self._features:
            net = self._moved(network_of(config, model, len(data.classes))).eval()
            stages, bf16 = self._stages(net, model, data), config.precision == "bf16" and native_bf16(self.device)
            scale = Normalizer.of(normalization(config, model, data), self.device)
            start = time.perf_counter()
            with torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=True):
                train_x, test_x = (
                    stage_features(stages, images.to(self.device), scale, bf16=bf16)
                    for images in (data.train_images, data.test_images)
                )
                float(test_x[-1].sum())  # waits for the device
            self._features[key] = Features(train_x, test_x, time.perf_counter() - start)
        return self._features[key]

    def _moved(self, net: nn.Module) -> nn.Module:
        return net.to(self.device).to(memory_format=torch.channels_last)

    def _stages(self, net: nn.Module, model: Model, data: ImageData) -> list[nn.Module]:
        first, *others = split(net, model.spec)[:-1]
        return [at_size(first, model, data), *others]

    def _trained(self, config: TransferConfig, model: Model, setup: Setup) -> TransferResult:
        points = tuple(train(training_of(config, model.spec.slug), device=str(self.device), setup=setup))
        return TransferResult(
            config=config,
            points=points,
            features=0,
            parameters=sum(p.numel() for p in setup.net.parameters() if p.requires_grad),
            images=len(setup.data.train_labels),
            feature_seconds=0.0,
            training_seconds=points[-1].seconds,
            stage_names=tuple(stage.name for stage in model.spec.stages),
            similarity=(),
            data=datasets.dataset(config.dataset).source,
            command=self._command,
            device=torch.cuda.get_device_name() if self.device.type == "cuda" else platform.machine(),
            date=date.today().isoformat(),
            versions=f"torch {torch.__version__}",
        )


def training_of(config: TransferConfig, network: str) -> TrainConfig:
    """The training of a transfer from a network, by its slug: SGD with momentum, its rate along a cosine."""
    return TrainConfig(
        network=network,
        dataset=config.dataset,
        steps=config.steps,
        lr=config.lr,
        batch=config.batch,
        augment=config.augment,
        weight_decay=config.weight_decay,
        warmup=config.warmup,
        precision="fp32" if config.regime == "frozen" else config.precision,  # a softmax is cheap
        seed=config.seed,
        log_every=max(config.steps // POINTS, 1),
        eval_every=max(config.steps // config.evaluations, 1),
        probe_every=config.steps,
        checkpoint_every=config.steps,
    )
