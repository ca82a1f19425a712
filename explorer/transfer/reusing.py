"""A new softmax on features that are kept: the features once, then one head after the other in a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.datasets import ImageData, select
from explorer.errors import BadOption
from explorer.networks import network
from explorer.records import ModelMeta, TrainConfig, TransferConfig
from explorer.training import Normalizer, Setup, train
from explorer.transfer.feature_cache import FeatureKey, StoredFeatures
from explorer.transfer.features import stage_features
from explorer.transfer.preparing import Resize, features_setup
from explorer.transfer.running import training_of
from explorer.transfer.splitting import split

PER_CLASS, MOST, TESTED = 50, 1_000, 300
"""Images whose features are kept: so many of each class to learn from, in all, and to be tested with."""

STEPS, BATCH, RATE, DECAY = 500, 50, 0.01, 1e-3
"""Of a head: those of the recorded runs with few images."""

_CHUNK = 32
"""Images at once: between two of them a task says how far it is, or stops."""

_SELECTION = f"{PER_CLASS} of each class, {MOST} in all, seed 0; the first {TESTED}"


@dataclass(frozen=True, slots=True)
class HeadResult:
    """A softmax that was trained on features.

    `accuracy` (0 to 1) on the test images, on `images` images of `epochs` passes over them; `features` numbers stand
    for an image and `parameters` are trained. `seconds` it took.
    """

    accuracy: float
    images: int
    tested: int
    features: int
    parameters: int
    epochs: float
    seconds: float


def images_kept(data: ImageData) -> tuple[Tensor, Tensor]:
    """Indices of the training and of the test images whose features are kept; fewer where a class has fewer.

    Raises `BadOption` where there are fewer than two classes, or one of them has no image.
    """
    counts = torch.bincount(data.train_labels, minlength=len(data.classes))
    if len(data.classes) < 2 or not int(counts.min()) or not len(data.test_labels):
        raise BadOption("A head wants two classes at least, a training image of each, and test images.")
    each = min(PER_CLASS, max(MOST // len(data.classes), 1), int(counts.min()))
    return select(data.train_labels, each, 0), torch.arange(min(TESTED, len(data.test_labels)))


def key_of(meta: ModelMeta, weights: str, dataset: str, content: str, data: ImageData) -> FeatureKey:
    """The key of the features of a network, whose weights have the digest `weights`, for a data set.

    Raises `BadOption` where the network cannot read its images.
    """
    if data.shape[0] not in (1, meta.instance.input_shape[0]):
        raise BadOption(f"This network reads images of {meta.instance.input_shape[0]} channel; these have more.")
    train_images, test_images = images_kept(data)
    return FeatureKey(
        weights=weights,
        network=meta.instance.to_json(),
        dataset=dataset,
        content=content,
        normalize=f"{meta.normalize}, bilinear to {meta.instance.size}",
        select=_SELECTION,
        train=len(train_images),
        test=len(test_images),
    )


def compute(
    net: nn.Module, meta: ModelMeta, data: ImageData, progress: Callable[[int, int], None] = lambda done, total: None
) -> StoredFeatures:
    """One pass of the images that are kept through `net`, which is in evaluation mode: the features of every stage.

    `progress` is told how many images are done; it may raise, to stop.
    """
    spec, scale = network(meta.instance.slug), Normalizer.of(meta.normalize)
    first, *others = split(net, spec)[:-1]
    resized = data.shape[1:] != meta.instance.size
    stages = [nn.Sequential(Resize(meta.instance.size), first) if resized else first, *others]
    chosen = images_kept(data)
    total, done = sum(map(len, chosen)), 0
    found: list[tuple[Tensor, ...]] = []
    took: list[float] = []
    progress(0, total)
    for images in (data.train_images[chosen[0]], data.test_images[chosen[1]]):
        start, chunks = time.perf_counter(), []
        for chunk in torch.split(images, _CHUNK):
            chunks.append(stage_features(stages, chunk, scale))
            done += len(chunk)
            progress(done, total)
        found.append(tuple(torch.cat(rows).flatten(1) for rows in zip(*chunks, strict=True)))
        took.append(time.perf_counter() - start)
    labels = data.train_labels[chosen[0]], data.test_labels[chosen[1]]
    (train_x, test_x), (train_seconds, test_seconds) = found, took
    return StoredFeatures(train_x, test_x, *labels, train_seconds, test_seconds, torch.get_num_threads())


def head_setup(
    features: StoredFeatures, meta: ModelMeta, classes: tuple[str, ...], *, stages: int, per_class: int, seed: int
) -> Setup:
    """A new softmax on the features after the first `stages` stages, and `per_class` images of each class.

    Raises `BadOption` where there are fewer stages or images.
    """
    if not 0 < stages <= len(features.train):
        raise BadOption(f"There are features after 1 to {len(features.train)} stages; {stages} were wanted.")
    chosen = select(features.train_labels, per_class, seed)
    kept = ImageData(
        train_images=features.train[stages - 1][chosen][..., None, None],
        train_labels=features.train_labels[chosen],
        test_images=features.test[stages - 1][..., None, None],
        test_labels=features.test_labels,
        classes=classes,
    )
    return features_setup(kept, meta.instance, meta.normalize, seed)


def head_recipe(network_slug: str, dataset: str, images: int, seed: int, steps: int = STEPS) -> TrainConfig:
    """The training of a head on so many images: that of the recorded runs with few images."""
    config = TransferConfig(
        source="",
        dataset=dataset,
        regime="frozen",
        per_class=0,
        stages=1,
        steps=steps,
        batch=min(BATCH, images),
        lr=RATE,
        weight_decay=DECAY,
        precision="fp32",
        seed=seed,
    )
    return training_of(config, network_slug)


def train_head(
    features: StoredFeatures,
    meta: ModelMeta,
    classes: tuple[str, ...],
    dataset: str,
    *,
    stages: int,
    per_class: int,
    seed: int,
) -> HeadResult:
    """Train the head of `head_setup` with `head_recipe`, on this thread. Raises what these raise."""
    start = time.perf_counter()
    setup = head_setup(features, meta, classes, stages=stages, per_class=per_class, seed=seed)
    images = len(setup.data.train_labels)
    recipe = head_recipe(meta.instance.slug, dataset, images, seed)
    *_, last = train(recipe, device="cpu", setup=setup)
    assert last.test_accuracy is not None, "the last point is evaluated"
    return HeadResult(
        accuracy=last.test_accuracy,
        images=images,
        tested=len(features.test_labels),
        features=setup.data.train_images.shape[1],
        parameters=sum(parameter.numel() for parameter in setup.net.parameters()),
        epochs=recipe.steps * min(recipe.batch, images) / images,
        seconds=time.perf_counter() - start,
    )
