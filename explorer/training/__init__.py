"""The training loop: a `TrainConfig` in, an iterator of `TrainPoint`s out; and the evaluation of a trained network.

Law: torch and torchvision only; imports no page and no job. Nothing here uses torch's global random state, so that
several runs can train side by side in threads of one process, each with the curve it would have alone. To add an option
of training, add a field to `TrainConfig` and read it in the one file it concerns: `building` (network and initial
weights), `optimising` (optimizer and schedule), `stepping` (one step), `loop`. Ready-made configurations: `presets`.
"""

from explorer.training.building import build_for, initialise, instance_for, weight_layers
from explorer.training.checkpoint import META, header, weights_of
from explorer.training.devices import best_device, native_bf16
from explorer.training.evaluating import Normalizer, Predictions, evaluate
from explorer.training.loop import StartInfo, train
from explorer.training.optimising import warm_up
from explorer.training.presets import EXPERIMENTS, Experiment
from explorer.training.setup import Setup

__all__ = [
    "EXPERIMENTS",
    "META",
    "Experiment",
    "Normalizer",
    "Predictions",
    "Setup",
    "StartInfo",
    "best_device",
    "build_for",
    "evaluate",
    "header",
    "initialise",
    "instance_for",
    "native_bf16",
    "train",
    "warm_up",
    "weight_layers",
    "weights_of",
]
