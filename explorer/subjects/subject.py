"""A network with weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.errors import BadWeights
from explorer.networks import network
from explorer.pictures import fitted
from explorer.records import NetworkSpec, OptionValue, RecordedRun, Shape, TrainConfig
from explorer.tracing import build_on_meta
from explorer.training.evaluating import Scale
from explorer.weights import recorded_runs, weights_file

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's training pictures, of pixels 0 to 1 (torchvision's transforms use the same)."""

_building = Lock()  # the first weights are drawn from torch's global generator: one thread at a time


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A network of the catalogue with weights, the names of its classes and the scale of its pixels.

    `state` is shared and read only. `classes` are English names as the data set gives them, in the order of the logits.
    """

    source: str
    spec: NetworkSpec
    options: tuple[tuple[str, OptionValue], ...]
    classes: tuple[str, ...]
    scale: Scale
    state: Mapping[str, Tensor] = field(repr=False)

    @property
    def input_shape(self) -> Shape:
        """(C, H, W)."""
        return self.spec.input_shape

    def network(self) -> nn.Module:
        """A shell of one's own around the shared weights, in evaluation mode, asking for no gradients of them."""
        shell = build_on_meta(self.spec, len(self.classes), dict(self.options))
        shell.load_state_dict(dict(self.state), assign=True)
        return shell.eval().requires_grad_(False)

    def pixels(self, picture: np.ndarray) -> np.ndarray:
        """A picture, uint8 (H, W, 3), as the network sees it: cropped, resized, maybe grey; uint8 (h, w, C)."""
        seen = fitted(picture, (self.input_shape[1], self.input_shape[2]))
        if self.input_shape[0] == 3:
            return seen
        grey = seen.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
        return grey.round().astype(np.uint8)[..., None]

    def tensor(self, picture: np.ndarray) -> Tensor:
        """A picture, uint8 (H, W, 3), as the input of the network: float32 (1, C, h, w), scaled."""
        stored = torch.from_numpy(np.ascontiguousarray(self.pixels(picture).transpose(2, 0, 1)))[None]
        return self.scale(stored).contiguous()


def answering(subject: Subject) -> Subject:
    """The same, once it has answered a picture of noise. Raises `BadWeights` where no answer is finite.

    Finite weights do not promise that: a negative variance of batch normalisation makes NaN of every picture.
    """
    channels, height, width = subject.input_shape
    noise = torch.randint(256, (1, channels, height, width), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        logits = subject.network()(subject.scale(noise.to(torch.uint8)))
    if not torch.isfinite(logits.softmax(1)).all():
        raise BadWeights(
            "With these weights the network's answer to a picture is not finite (NaN or infinite): a negative variance "
            "of batch normalisation does that, or very large weights.",
            "no_answer",
        )
    return subject


def recorded_subject(name: str) -> Subject:
    """Weights that ship with the project. Raises `UnknownEntry`."""
    from safetensors.torch import load_file

    path = weights_file(name)
    run = recorded_runs()[name]
    return subject_of(f"recorded:{name}", run.config, load_file(path), run.classes, run.mean, run.std)


def subject_of(
    source: str,
    config: TrainConfig,
    state: Mapping[str, Tensor],
    classes: tuple[str, ...],
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> Subject:
    """Weights that came out of training; `mean` and `std` are those of its training pictures, 0 to 255."""
    spec = network(config.network)
    scale = Scale.of(config.pixels, mean, std, torch.device("cpu"))
    single = {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
    return Subject(source, spec, tuple(config.options), classes, scale, single)


def random_subject(slug: str, seed: int = 0) -> Subject:
    """A network as its builder initialises it, drawn from `seed`: the control. Raises `UnknownEntry`.

    Where weights for the network ship, the control has their options, classes and scale, so that only weights differ.
    """
    spec = network(slug)
    trained = shipped_for(slug)
    options: Mapping[str, Any] = dict(trained.config.options) if trained else spec.options()
    classes = trained.classes if trained else class_names(spec)
    with _building, torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        state = spec.build(classes=len(classes), **spec.options(options)).state_dict()
    if trained:
        scale = Scale.of(trained.config.pixels, trained.mean, trained.std, torch.device("cpu"))
    else:
        scale = default_scale(spec)
    return Subject(f"random:{slug}", spec, tuple(options.items()), classes, scale, state)


def shipped_for(slug: str) -> RecordedRun | None:
    """The recorded run that ships weights for a network, if there is one."""
    return next((run for run in recorded_runs().values() if run.weights and run.config.network == slug), None)


def class_names(spec: NetworkSpec) -> tuple[str, ...]:
    """ImageNet's names for a thousand classes, else numbers."""
    if spec.classes == 1000:
        from torchvision.models import ResNet18_Weights  # brings torch's compiler along

        return tuple(ResNet18_Weights.IMAGENET1K_V1.meta["categories"])
    return tuple(map(str, range(spec.classes)))


def default_scale(spec: NetworkSpec) -> Scale:
    """ImageNet's scale for colour, 0 to 1 for grey."""
    colour = spec.input_shape[0] == 3
    means, deviations = (IMAGENET_MEAN, IMAGENET_STD) if colour else ((0.0,), (1.0,))
    mean, std = (tuple(255 * value for value in values) for values in (means, deviations))
    return Scale.of("standard", mean, std, torch.device("cpu"))
