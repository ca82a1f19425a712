"""`Model`: a network with weights, categories and preprocessing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
import torch
from torch import Tensor, nn

from explorer.errors import BadWeights, ExplorerError
from explorer.images import as_input
from explorer.networks import build, network
from explorer.records import (
    HALVES,
    ModelCard,
    ModelMeta,
    NetworkInstance,
    NetworkSpec,
    Normalize,
    RecordedRun,
    Shape,
    TrainConfig,
    usual_normalize,
)
from explorer.tracing import build_on_meta
from explorer.training import META, Normalizer, header, instance_for
from explorer.weights import imagenet, recorded_run, shipped_runs, trained_runs, weights_of

_rng_lock = Lock()  # initial weights are drawn from torch's global generator: one thread at a time


@dataclass(frozen=True, slots=True, eq=False)
class Model(ModelCard):
    """A network with weights, the names of its classes and the normalisation of its input.

    `state` is shared and read-only. `meta` is the metadata of the weights: the network instance, the English names of
    its categories in the order of the logits, mean and standard deviation of its input. `aside` names the parts of a
    visitor's file that the network does not have, with the number of tensors in each.
    """

    state: Mapping[str, Tensor] = field(repr=False)
    aside: tuple[tuple[str, int], ...] = ()

    @property
    def spec(self) -> NetworkSpec:
        """The declaration of the network."""
        return network(self.meta.instance.slug)

    @property
    def scale(self) -> Normalizer:
        """Normalisation of stored pixels, uint8 (B, C, H, W)."""
        return Normalizer.of(self.meta.normalize)

    def instantiate(self) -> nn.Module:
        """A new module with the shared weights, in evaluation mode, without gradients."""
        module = build_on_meta(self.meta.instance)
        module.load_state_dict(dict(self.state), assign=True)
        return module.eval().requires_grad_(False)

    def resize_crop(self, image: np.ndarray) -> np.ndarray:
        """Crop and resize an image, uint8 (H, W, 3), to the network's input; grey if it has one channel: (h, w, C)."""
        return as_input(image, self.input_shape)

    def preprocess(self, image: np.ndarray) -> Tensor:
        """Crop, resize and normalise an image, uint8 (H, W, 3): float32 (1, C, h, w)."""
        stored = torch.from_numpy(np.ascontiguousarray(self.resize_crop(image).transpose(2, 0, 1)))[None]
        return self.scale(stored).contiguous()


def read_meta(blob: bytes) -> ModelMeta | None:
    """The `ModelMeta` in a safetensors file; None where there is none, or none that can be parsed."""
    try:
        return _with_all_options(ModelMeta.from_json(header(blob)[META]))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _with_all_options(meta: ModelMeta) -> ModelMeta:
    """The metadata with the defaults of options that the network did not have yet when they were written."""
    try:
        spec = network(meta.instance.slug)
        options = spec.options(dict(meta.instance.options))
    except ExplorerError:  # not a network of the catalogue, or not its options
        return meta
    return replace(meta, instance=replace(meta.instance, options=tuple(sorted(options.items()))))


def shipped_model(name: str) -> Model:
    """The model of a recorded run that ships with the project. Raises `UnknownEntry`, `BadWeights`."""
    return trained_model(f"recorded:{name}", weights_of(name), meta_of_recorded(recorded_run(name)))


def trained_model(model_id: str, blob: bytes, default: ModelMeta | None = None) -> Model:
    """A model from the safetensors file of a run, converted to float32.

    `default` is used for older files, which have no `ModelMeta`. Raises `ValueError` where there is neither.
    """
    from safetensors.torch import load

    meta = read_meta(blob) or default
    if meta is None:
        raise ValueError(f"{model_id} does not say what its weights are of.")
    single = {key: value.float() if value.is_floating_point() else value for key, value in load(blob).items()}
    return Model(model_id, meta, single)


def meta_of(
    config: TrainConfig, shape: Shape, categories: tuple[str, ...], mean: tuple[float, ...], std: tuple[float, ...]
) -> ModelMeta:
    """Metadata for the weights of a run on images of `shape`; `mean` and `std` are those of its training images."""
    instance = instance_for(config, shape, len(categories))
    return ModelMeta(instance, categories, Normalize.of(config.pixels, mean, std).spread(instance.input_shape[0]))


def meta_of_recorded(run: RecordedRun) -> ModelMeta:
    """Metadata for the weights of a recorded run."""
    return meta_of(run.config, network(run.config.network).input_shape, run.classes, run.mean, run.std)


def recorded_for_instance(instance: NetworkInstance) -> str:
    """The id of the recorded weights that were trained for exactly this network; "" where there are none."""
    fitting = (run.name for run in trained_runs(instance.slug) if meta_of_recorded(run).instance == instance)
    name = next(fitting, "")
    return name and f"recorded:{name}"


def random_model(slug: str, seed: int = 0) -> Model:
    """A network with its initial weights, drawn from `seed`: the control. Raises `UnknownEntry`.

    Where weights for the network ship, the control has their metadata, so that only the weights differ.
    """
    trained = next(iter(shipped_runs(slug)), None)
    meta = meta_of_recorded(trained) if trained else default_meta(network(slug))
    with _rng_lock, torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        state = build(meta.instance).state_dict()
    return Model(f"random:{slug}", meta, state)


def require_finite_output(model: Model) -> Model:
    """The model itself, after a test on an image of noise. Raises `BadWeights` where its output is not finite.

    Finite weights do not guarantee that: a negative variance of batch normalisation gives NaN for every image.
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


def default_meta(spec: NetworkSpec) -> ModelMeta:
    """Default metadata of a network: its paper's input, ImageNet's class names, the default normalisation."""
    return ModelMeta(NetworkInstance.of(spec), class_names(spec), default_normalize(spec))


def default_normalize(spec: NetworkSpec) -> Normalize:
    """Default normalisation of a network's input."""
    return HALVES if spec.halves else usual_normalize(spec.input_shape[0])


def class_names(spec: NetworkSpec) -> tuple[str, ...]:
    """ImageNet's names for a thousand classes, else numbers."""
    if spec.classes == 1000:
        return imagenet()
    return tuple(map(str, range(spec.classes)))
