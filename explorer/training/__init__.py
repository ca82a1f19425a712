"""The loop: a configuration in, an iterator of `TrainPoint` out; and what can be measured of a trained network.

Law: torch and torchvision only; knows no page and no job. Nothing here draws from torch's global random state, so that
several runs can train side by side in threads of one process and each is the curve it would be alone. To add an option
of training, add a field to `TrainConfig` and read it in the one file it concerns: `building` (network and first
weights), `optimising` (optimizer and schedule), `stepping` (one step), `loop`. Ready-made configurations: `presets`.
"""

from explorer.training.building import build_for, instance_for, weight_layers
from explorer.training.checkpoint import META, header, weights_of
from explorer.training.devices import best_device, native_bf16
from explorer.training.evaluating import Normalizer, Predictions, evaluate
from explorer.training.loop import StartInfo, train
from explorer.training.presets import EXPERIMENTS, Experiment

__all__ = [
    "EXPERIMENTS",
    "META",
    "Experiment",
    "Normalizer",
    "Predictions",
    "StartInfo",
    "best_device",
    "build_for",
    "evaluate",
    "header",
    "instance_for",
    "native_bf16",
    "train",
    "weight_layers",
    "weights_of",
]
