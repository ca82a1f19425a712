"""`train`: the training loop, a generator of points."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from explorer.errors import NotCaptured, OutOfMemory, TrainingDiverged
from explorer.records import TrainConfig, TrainPoint
from explorer.training.building import weight_layers
from explorer.training.capturing import AHEAD, WARM_UP, Lane, can_capture
from explorer.training.checkpoint import pack, unpack
from explorer.training.devices import best_device, native_bf16
from explorer.training.evaluating import Normalizer, evaluate
from explorer.training.feeding import Feed, Row, Rows
from explorer.training.learner import Learner
from explorer.training.optimising import learning_rate
from explorer.training.probing import Probe, output_statistics
from explorer.training.setup import Setup
from explorer.training.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class StartInfo:
    """Number of parameters, names of weight layers, and device of a run; known once the network is built.

    On a GPU `device` also says whether steps are captured, as soon as that is known; why they are not is a warning.
    """

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
    setup: Setup | None = None,
) -> Iterator[TrainPoint]:
    """Train as configured, yielding a `TrainPoint` at step 0 and then whenever one is due.

    The same configuration gives the same points on a CPU, bit for bit, also when it was stopped and resumed from a
    checkpoint. On a GPU steps are captured as a CUDA graph where that is possible. `on_start(info)` is called when the
    network is built, and again after the capture. `on_checkpoint(step, blob)` is called after the points up to `step`
    were yielded, and with the final state. `stop(step)` is called before each step with the number of completed steps,
    and may block to make the run wait; if it returns true, the state is checkpointed and the iterator ends. `setup` is
    trained, in place, instead of the network and the data set that the configuration names. Raises
    `TrainingDiverged` when loss or gradients are no longer finite, `OutOfMemory` when a GPU's memory is too small, and
    what `build_for` and `datasets.load` raise.
    """
    try:
        yield from _train(config, best_device(device), resume, on_start, on_checkpoint, stop, setup or Setup.of(config))
    except torch.OutOfMemoryError as problem:
        raise OutOfMemory(config.batch) from problem


def _train(
    config: TrainConfig,
    device: torch.device,
    resume: bytes | None,
    on_start: Callable[[StartInfo], None],
    on_checkpoint: Callable[[int, bytes], None] | None,
    stop: Callable[[int], bool],
    setup: Setup,
) -> Iterator[TrainPoint]:
    run = _Run(config, device, setup)
    on_start(run.info())
    if resume is not None:
        run.restore(resume)
    saved = -1
    try:
        while run.step < config.steps and not stop(run.step):
            yield from run.advance()
            if run.capture():
                on_start(run.info())
            if on_checkpoint and run.step % config.checkpoint_every == 0:
                saved = run.step
                on_checkpoint(saved, run.blob())
        if on_checkpoint and run.step != saved:
            on_checkpoint(run.step, run.blob())
    finally:
        run.close()


class _Run:
    """The state of a run between two steps."""

    def __init__(self, config: TrainConfig, device: torch.device, setup: Setup) -> None:
        self.config, self.device = config, device
        self.data, self.meta = setup.data, setup.meta
        self.bf16 = config.precision == "bf16" and native_bf16(device)
        self.lane = Lane(device)
        with self.lane.alone():
            self.net = setup.net.to(device).to(memory_format=torch.channels_last).train()
            self.learner = Learner(self.net, config, device, self.bf16)
            self.scale = Normalizer.of(setup.normalize, device)
            self.test = self.data.test_images.to(device), self.data.test_labels.to(device)
            self.feed = Feed(config, self.data, self.scale, device)
            self.rows = Rows(self.feed, AHEAD if can_capture(device) else 1, device)
        self.layers = weight_layers(self.net)
        self.step, self.seconds = 0, 0.0
        self.batches = 0  # since the last point
        self.watch = Stopwatch(asynchronous=device.type != "cpu")
        self.steps_one_by_one = 0
        self.replay: Callable[[], None] | None = None
        self.captured = ""

    def info(self) -> StartInfo:
        """Size, layers and device of the network."""
        count = sum(p.numel() for p in self.net.parameters())
        device = f"{self.device}, {self.captured}" if self.captured else str(self.device)
        return StartInfo(count, tuple(self.layers), device)

    # --- steps --------------------------------------------------------------------------------------------------------

    def advance(self) -> Iterator[TrainPoint]:
        """Do one step; yield the points that are due with it."""
        config, probe = self.config, Probe()
        probing = self.step == 0 or (self.step + 1) % config.probe_every == 0 or self.step + 1 == config.steps
        if self.replay and not probing:
            with self.watch.running(), self.lane.beside():
                self.rows.skip()
                self.replay()
        else:
            with self.watch.running(), self.lane.alone():
                row = self.rows.take()
                with output_statistics(self.layers, probing) as statistics:
                    outcome = self.learner.gradients(self.feed.batch(row))
                if probing:
                    probe = Probe.of(self.layers, statistics)
            if self.step == 0:
                with self.lane.beside():
                    loss, correct = float(outcome.loss), int(outcome.correct)
                self.watch.pause()
                yield self._point(loss, correct / self.feed.size, 0.0, probe, evaluated=True)
            with self.watch.running(), self.lane.alone():
                self.learner.update(outcome, row["rate"])
            self.steps_one_by_one += 1
        self.step, self.batches = self.step + 1, self.batches + 1
        if self._is_due():
            yield self._close_interval(probe)

    def _whole_step(self) -> None:
        """A step without probes: only work on the device, on tensors that stay where they are."""
        row: Row = self.rows.at_cursor()
        self.learner.update(self.learner.gradients(self.feed.batch(row)), row["rate"])

    def capture(self) -> bool:
        """Capture the step once it is warm; true if that was tried just now."""
        if self.captured or self.steps_one_by_one < WARM_UP or not can_capture(self.device):
            return False
        try:
            self.replay, self.captured = self.lane.capture(self._whole_step), "steps captured"
        except NotCaptured as problem:
            self.captured = "steps not captured"
            warnings.warn(str(problem), stacklevel=1)
        return True

    # --- points -------------------------------------------------------------------------------------------------------

    def _is_due(self) -> bool:
        config, step = self.config, self.step
        return step == config.steps or any(
            step % n == 0 for n in (config.log_every, config.eval_every, config.probe_every)
        )

    def _close_interval(self, probe: Probe) -> TrainPoint:
        with self.lane.beside():
            loss, correct = self.learner.read()
        seconds, batches, self.batches = self.watch.lap(), self.batches, 0
        self.seconds += seconds
        images = batches * self.feed.size
        due = self.step % self.config.eval_every == 0 or self.step == self.config.steps
        return self._point(loss / batches, correct / images, images / max(seconds, 1e-9), probe, evaluated=due)

    def _point(self, loss: float, accuracy: float, speed: float, probe: Probe, *, evaluated: bool) -> TrainPoint:
        step = self.step
        if not math.isfinite(loss):
            raise TrainingDiverged(step, "loss")
        if not all(map(math.isfinite, probe.norms or ())):
            raise TrainingDiverged(step, "gradient")
        test = None
        if evaluated:
            with self.lane.alone():
                test = evaluate(self.net, *self.test, self.scale, bf16=self.bf16)
            if not math.isfinite(test.loss):
                raise TrainingDiverged(step, "test loss")
        return TrainPoint(
            step=step,
            epoch=step * self.feed.size / len(self.data.train_labels),
            seconds=self.seconds,
            lr=learning_rate(self.config, max(step - 1, 0)),
            train_loss=loss,
            train_accuracy=accuracy,
            images_per_second=speed,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test else None,
            gradient_norms=probe.norms,
            activations=probe.activations,
            weight_norms=probe.weights,
        )

    # --- checkpoints --------------------------------------------------------------------------------------------------

    def blob(self) -> bytes:
        """The whole state, for `restore`."""
        learner = self.learner
        with self.lane.alone():
            tensors = {"sum.loss": learner.loss.cpu(), "sum.correct": learner.correct.cpu(), **self.rows.state()}
            self.watch.pause()
            numbers = {
                "step": self.step,
                "seconds": self.seconds,
                "sum.batches": self.batches,
                "sum.seconds": self.watch.seconds,
            }
            return pack(self.net, learner.optimizer, tensors, numbers, self.meta)

    def restore(self, blob: bytes) -> None:
        """Restore the state of `blob`."""
        learner = self.learner
        with self.lane.alone():
            tensors, numbers = unpack(blob, self.net, learner.optimizer)
            learner.loss.copy_(tensors["sum.loss"])
            learner.correct.copy_(tensors["sum.correct"])
        self.step, self.seconds, self.batches = int(numbers["step"]), numbers["seconds"], int(numbers["sum.batches"])
        self.watch.seconds = numbers["sum.seconds"]
        self.rows.restore(tensors, self.step)

    def close(self) -> None:
        """End the threads of the step, and let go of what a GPU keeps for it."""
        self.replay = None
        self.learner.close()
