"""A network with weights, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import torch
from torch import Tensor, nn

from explorer.errors import BadWeights
from explorer.images import fitted
from explorer.networks import build, network
from explorer.records import (
    HALVES,
    ModelMeta,
    NetworkInstance,
    NetworkSpec,
    Normalize,
    RecordedRun,
    Shape,
    TrainConfig,
    luma,
    usual_normalize,
)
from explorer.tracing import build_on_meta
from explorer.training import META, Normalizer, header, instance_for
from explorer.weights import recorded_runs, weights_file

_building = Lock()  # the first weights are drawn from torch's global generator: one thread at a time


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network with weights, the names of its classes and how its input is scaled.

    `state` is shared and read only. `meta` is what the weights carry with them: how the network is built, the English
    names of its categories in the order of the logits, mean and standard deviation of its input.
    """

    id: str
    meta: ModelMeta
    state: Mapping[str, Tensor] = field(repr=False)

    @property
    def spec(self) -> NetworkSpec:
        """The declaration of the network."""
        return network(self.meta.instance.slug)

    @property
    def instance(self) -> NetworkInstance:
        """How the network is built."""
        return self.meta.instance

    @property
    def categories(self) -> tuple[str, ...]:
        """English names of the classes, in the order of the logits."""
        return self.meta.categories

    @property
    def input_shape(self) -> Shape:
        """(C, H, W)."""
        return self.meta.instance.input_shape

    @property
    def scale(self) -> Normalizer:
        """How stored pixels, uint8 (B, C, H, W), become inputs."""
        return Normalizer.of(self.meta.normalize)

    def instantiate(self) -> nn.Module:
        """A module of the caller's own around the shared weights, in evaluation mode, without gradients."""
        module = build_on_meta(self.meta.instance)
        module.load_state_dict(dict(self.state), assign=True)
        return module.eval().requires_grad_(False)

    def resize_crop(self, image: np.ndarray) -> np.ndarray:
        """An image, uint8 (H, W, 3), as the network sees it: cropped, resized, maybe grey; uint8 (h, w, C)."""
        seen = fitted(image, self.instance.size)
        if self.input_shape[0] == 3:
            return seen
        grey: np.ndarray = luma(*np.moveaxis(seen.astype(np.float32), 2, 0)).round().astype(np.uint8)
        return grey[..., None]

    def preprocess(self, image: np.ndarray) -> Tensor:
        """An image, uint8 (H, W, 3), as the input of the network: float32 (1, C, h, w), scaled."""
        stored = torch.from_numpy(np.ascontiguousarray(self.resize_crop(image).transpose(2, 0, 1)))[None]
        return self.scale(stored).contiguous()


def carried_meta(blob: bytes) -> ModelMeta | None:
    """What a safetensors file says of its weights; None where it says nothing that can be read."""
    try:
        return ModelMeta.from_json(header(blob)[META])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def shipped_model(name: str) -> Model:
    """Weights that ship with the project. Raises `UnknownEntry`."""
    return trained_model(f"recorded:{name}", weights_file(name).read_bytes(), meta_of_recorded(recorded_runs()[name]))


def trained_model(model_id: str, blob: bytes, otherwise: ModelMeta | None = None) -> Model:
    """Weights that came out of training, as a safetensors file; float32 whatever the file holds.

    `otherwise` stands for what a file of before says nothing of. Raises `ValueError` where neither does.
    """
    from safetensors.torch import load

    meta = carried_meta(blob) or otherwise
    if meta is None:
        raise ValueError(f"{model_id} does not say what its weights are of.")
    single = {key: value.float() if value.is_floating_point() else value for key, value in load(blob).items()}
    return Model(model_id, meta, single)


def meta_of(
    config: TrainConfig, shape: Shape, categories: tuple[str, ...], mean: tuple[float, ...], std: tuple[float, ...]
) -> ModelMeta:
    """What belongs to the weights of a run on images of `shape`; `mean` and `std` are those of its training images."""
    instance = instance_for(config, shape, len(categories))
    return ModelMeta(instance, categories, Normalize.of(config.pixels, mean, std).spread(instance.input_shape[0]))


def meta_of_recorded(run: RecordedRun) -> ModelMeta:
    """What belongs to the weights of a recorded run, from its card."""
    return meta_of(run.config, network(run.config.network).input_shape, run.classes, run.mean, run.std)


def random_model(slug: str, seed: int = 0) -> Model:
    """A network as its builder initialises it, drawn from `seed`: the control. Raises `UnknownEntry`.

    Where weights for the network ship, the control has all that belongs to them, so that only weights differ.
    """
    trained = shipped_for(slug)
    meta = meta_of_recorded(trained) if trained else default_meta(network(slug))
    with _building, torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        state = build(meta.instance).state_dict()
    return Model(f"random:{slug}", meta, state)


def check_finite(model: Model) -> Model:
    """The same, once it has answered an image of noise. Raises `BadWeights` where its answer is not finite.

    Finite weights do not promise that: a negative variance of batch normalisation makes NaN of every image.
    """
    noise = torch.randint(256, (1, *model.input_shape), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        logits = model.instantiate()(model.scale(noise.to(torch.uint8)))
    if not torch.isfinite(logits.softmax(1)).all():
        raise BadWeights(
            "With these weights the network's answer to an image is not finite (NaN or infinite): a negative variance "
            "of batch normalisation does that, or very large weights.",
            "no_answer",
        )
    return model


def shipped_for(slug: str) -> RecordedRun | None:
    """The recorded run that ships weights for a network, if there is one."""
    return next((run for run in recorded_runs().values() if run.weights and run.config.network == slug), None)


def default_meta(spec: NetworkSpec) -> ModelMeta:
    """What is assumed of a network where nobody says: its paper's input, ImageNet's names, the usual scale."""
    return ModelMeta(NetworkInstance.of(spec), class_names(spec), default_normalize(spec))


def default_normalize(spec: NetworkSpec) -> Normalize:
    """How a network expects its input where nobody says."""
    return HALVES if spec.halves else usual_normalize(spec.input_shape[0])


def class_names(spec: NetworkSpec) -> tuple[str, ...]:
    """ImageNet's names for a thousand classes, else numbers."""
    if spec.classes == 1000:
        from torchvision.models import ResNet18_Weights  # brings torch's compiler along

        return tuple(ResNet18_Weights.IMAGENET1K_V1.meta["categories"])
    return tuple(map(str, range(spec.classes)))
