"""`train`: the training loop, a generator of points."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer import datasets
from explorer.datasets import Batches, ImageData
from explorer.errors import TrainingDiverged
from explorer.records import ModelMeta, Normalize, TrainConfig, TrainPoint
from explorer.training.building import build_for, instance_for, weight_layers
from explorer.training.checkpoint import pack, unpack
from explorer.training.devices import best_device, native_bf16
from explorer.training.evaluating import Normalizer, evaluate
from explorer.training.optimising import learning_rate, make_optimizer
from explorer.training.probing import gradient_norms, output_statistics
from explorer.training.stepping import make_step
from explorer.transforms import crop_flip, mixup

_AUGMENT_SEED = 7_919  # an offset: another stream than the one that orders the batches


@dataclass(frozen=True, slots=True)
class StartInfo:
    """Number of parameters, names of weight layers, and device of a run; known once the network is built."""

    parameters: int
    layers: tuple[str, ...]
    device: str


def train(
    config: TrainConfig,
    *,
    device: str = "auto",
    resume: bytes | None = None,
    on_start: Callable[[StartInfo], None] = lambda info: None,
    on_checkpoint: Callable[[int, bytes], None] | None = None,
    stop: Callable[[int], bool] = lambda step: False,
) -> Iterator[TrainPoint]:
    """Train as configured, yielding a `TrainPoint` at step 0 and then whenever one is due.

    The same configuration gives the same points on a CPU, bit for bit, also when it was stopped and resumed from a
    checkpoint. `on_checkpoint(step, blob)` is called after the points up to `step` were yielded, and with the final
    state. `stop(step)` is called before each step with the number of completed steps, and may block to make the run
    wait; if it returns true, the state is checkpointed and the iterator ends. Raises `TrainingDiverged` when loss or
    gradients are no longer finite, and what `build_for` and `datasets.load` raise.
    """
    run = _Run(config, best_device(device))
    on_start(run.info())
    if resume is not None:
        run.restore(resume)
    saved = -1
    try:
        while run.step < config.steps and not stop(run.step):
            yield from run.advance()
            if on_checkpoint and run.step % config.checkpoint_every == 0:
                saved = run.step
                on_checkpoint(saved, run.blob())
        if on_checkpoint and run.step != saved:
            on_checkpoint(run.step, run.blob())
    finally:
        run.close()


@dataclass(slots=True)
class _Sums:
    """Sums since the last point."""

    loss: Tensor
    correct: Tensor
    batches: int = 0
    images: int = 0
    seconds: float = 0.0

    @classmethod
    def zero(cls, device: torch.device) -> _Sums:
        return cls(torch.zeros((), device=device), torch.zeros((), dtype=torch.long, device=device))


@dataclass(slots=True)
class _Probe:
    """Gradient norms and activation statistics of a step, where it was probed."""

    norms: tuple[float, ...] | None = None
    activations: tuple[tuple[float, float], ...] | None = None


class _Run:
    """The state of a run between two steps."""

    def __init__(self, config: TrainConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.data: ImageData = datasets.load(config.dataset)
        classes = len(self.data.classes)
        net = build_for(config, self.data.shape, classes)
        self.net = net.to(device).to(memory_format=torch.channels_last).train()
        self.layers = weight_layers(self.net)
        self.bf16 = config.precision == "bf16" and native_bf16(device)
        self.optimizer = make_optimizer(config, self.net.parameters(), device)
        instance = instance_for(config, self.data.shape, classes)
        normalize = Normalize.of(config.pixels, self.data.mean, self.data.std)
        self.meta = ModelMeta(instance, tuple(self.data.classes), normalize.spread(instance.input_shape[0]))
        self.scale = Normalizer.of(normalize, device)
        self.batches = Batches(self.data.train_images, self.data.train_labels, config.batch, config.seed, device)
        self.augment_generator = torch.Generator().manual_seed(config.seed + _AUGMENT_SEED)
        self.test = self.data.test_images.to(device), self.data.test_labels.to(device)
        self.compute_gradients = make_step(self.net, config, device, self.bf16)
        self.step, self.seconds, self.sums = 0, 0.0, _Sums.zero(device)

    def info(self) -> StartInfo:
        """Size, layers and device of the network."""
        count = sum(p.numel() for p in self.net.parameters())
        return StartInfo(count, tuple(self.layers), str(self.device))

    def advance(self) -> Iterator[TrainPoint]:
        """Do one step; yield the points that are due with it."""
        config, first = self.config, self.step == 0
        probing = first or (self.step + 1) % config.probe_every == 0 or self.step + 1 == config.steps
        start = time.perf_counter()
        rate = learning_rate(config, self.step)
        x, target, labels = self._batch()
        self.optimizer.zero_grad(set_to_none=True)
        with output_statistics(self.layers, probing) as statistics:
            outcome = self.compute_gradients(x, target, labels)
        probe = _Probe()
        if probing:
            probe = _Probe(gradient_norms(self.layers), tuple(statistics[name] for name in self.layers))
        seconds = time.perf_counter() - start
        if first:
            loss, accuracy = float(outcome.loss), float(outcome.correct) / len(labels)
            yield self._point(0, rate, loss, accuracy, 0.0, probe, evaluated=True)
        start = time.perf_counter()
        if config.clip:
            nn.utils.clip_grad_norm_(self.net.parameters(), config.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.step += 1
        self._count(outcome.loss, outcome.correct, len(labels), seconds + time.perf_counter() - start)
        if self._is_due():
            yield self._close_interval(rate, probe)

    def _batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Input, target (indices, or mixed) and labels of the next batch."""
        images, labels = self.batches.next()
        if self.config.augment == "crop-flip":
            images = crop_flip(images, self.augment_generator)
        x = self.scale(images)  # float32 (B, C, H, W)
        if not self.config.mixup:
            return x, labels, labels
        mixed, target = mixup(x, labels, len(self.data.classes), self.config.mixup, self.augment_generator)
        return mixed, target, labels

    def _count(self, loss: Tensor, correct: Tensor, images: int, seconds: float) -> None:
        sums = self.sums
        sums.loss += loss
        sums.correct += correct
        sums.batches, sums.images, sums.seconds = sums.batches + 1, sums.images + images, sums.seconds + seconds
        self.seconds += seconds

    def _is_due(self) -> bool:
        config, step = self.config, self.step
        return step == config.steps or any(
            step % n == 0 for n in (config.log_every, config.eval_every, config.probe_every)
        )

    def _close_interval(self, rate: float, probe: _Probe) -> TrainPoint:
        sums, self.sums = self.sums, _Sums.zero(self.device)
        loss, accuracy = float(sums.loss) / sums.batches, float(sums.correct) / sums.images
        due = self.step % self.config.eval_every == 0 or self.step == self.config.steps
        speed = sums.images / max(sums.seconds, 1e-9)
        return self._point(self.step, rate, loss, accuracy, speed, probe, evaluated=due)

    def _point(
        self,
        step: int,
        rate: float,
        loss: float,
        accuracy: float,
        speed: float,
        probe: _Probe,
        *,
        evaluated: bool,
    ) -> TrainPoint:
        if not math.isfinite(loss):
            raise TrainingDiverged(step, "loss")
        if not all(map(math.isfinite, probe.norms or ())):
            raise TrainingDiverged(step, "gradient")
        test = evaluate(self.net, *self.test, self.scale, bf16=self.bf16) if evaluated else None
        if test and not math.isfinite(test.loss):
            raise TrainingDiverged(step, "test loss")
        return TrainPoint(
            step=step,
            epoch=step * self.config.batch / len(self.data.train_labels),
            seconds=self.seconds,
            lr=rate,
            train_loss=loss,
            train_accuracy=accuracy,
            images_per_second=speed,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test else None,
            gradient_norms=probe.norms,
            activations=probe.activations,
        )

    def blob(self) -> bytes:
        """The whole state, for `restore`."""
        sums = self.sums
        tensors = {
            "augmenting": self.augment_generator.get_state(),
            "sum.loss": sums.loss,
            "sum.correct": sums.correct,
            **{f"batches.{name}": value for name, value in self.batches.state().items()},
        }
        numbers = {
            "step": self.step,
            "seconds": self.seconds,
            "sum.batches": sums.batches,
            "sum.images": sums.images,
            "sum.seconds": sums.seconds,
        }
        return pack(self.net, self.optimizer, tensors, numbers, self.meta)

    def restore(self, blob: bytes) -> None:
        """Restore the state of `blob`."""
        tensors, numbers = unpack(blob, self.net, self.optimizer)
        self.augment_generator.set_state(tensors["augmenting"])
        self.batches.restore({n.removeprefix("batches."): t for n, t in tensors.items() if n.startswith("batches.")})
        self.step, self.seconds = int(numbers["step"]), numbers["seconds"]
        loss, correct = (tensors[f"sum.{name}"].to(self.device) for name in ("loss", "correct"))
        counts = int(numbers["sum.batches"]), int(numbers["sum.images"]), numbers["sum.seconds"]
        self.sums = _Sums(loss, correct, *counts)

    def close(self) -> None:
        """End the threads of the step."""
        self.compute_gradients.close()
