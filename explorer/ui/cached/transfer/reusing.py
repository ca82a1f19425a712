"""Features that are kept on disk, and heads that are trained on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from explorer import rights
from explorer.errors import DatasetError
from explorer.ui.cached import runs as cached_runs
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import model
from explorer.ui.cached.units import fingerprint
from explorer.ui.shell import session

if TYPE_CHECKING:
    from explorer.records import TaskOrder
    from explorer.transfer import HeadResult


@dataclass(frozen=True, slots=True)
class Reused:
    """A head, and what the features it was trained on had cost: seconds for so many images, on so many threads."""

    head: HeadResult
    seconds: float
    images: int
    train_seconds: float
    train_images: int


def entry_of(model_id: str, dataset: str) -> str:
    """The name under which the features of a data set are kept. Raises `ExplorerError`."""
    from explorer import datasets

    return _entry(model_id, dataset, datasets.content_of(dataset))


@kept(max_entries=64)
def _entry(model_id: str, dataset: str, content: str) -> str:
    from explorer import datasets
    from explorer.transfer import feature_cache, key_of, split

    loaded = model(model_id)
    split(loaded.instantiate(), loaded.spec)  # raises for a network that cannot be cut behind its stages
    weights = feature_cache.digest_of(loaded.state)
    return key_of(loaded.meta, weights, dataset, content, datasets.load(dataset)).name


def knows(categories: Sequence[str], dataset: str) -> bool:
    """Whether a model's categories include all classes of a data set."""
    from explorer import datasets

    return set(datasets.load(dataset).classes) <= set(categories)


def is_kept(entry: str) -> bool:
    """Whether features lie on the disk."""
    from explorer.transfer import feature_cache

    return feature_cache.has(entry)


@kept(max_entries=512)
def head(entry: str, model_id: str, dataset: str, stage: int, per_class: int, seed: int) -> Reused:
    """A head on kept features, of one stage. Raises `DatasetError` where they turn out to be damaged, `BadOption`."""
    from explorer import datasets
    from explorer.transfer import feature_cache, train_head

    features = feature_cache.read(entry)
    if features is None:
        raise DatasetError("The kept features were damaged and have been deleted.", "features_lost")
    found = train_head(
        features,
        model(model_id).meta,
        datasets.load(dataset).classes,
        dataset,
        stages=stage,
        per_class=per_class,
        seed=seed,
    )
    train, test = len(features.train_labels), len(features.test_labels)
    return Reused(found, features.train_seconds + features.test_seconds, train + test, features.train_seconds, train)


def images_kept(dataset: str) -> tuple[int, int]:
    """How many training and test images have their features kept."""
    from explorer import datasets
    from explorer.transfer import reusing

    train, test = reusing.images_kept(datasets.load(dataset))
    return len(train), len(test)


def most_per_class(dataset: str) -> int:
    """How many training images of each class are kept."""
    from explorer import datasets

    return images_kept(dataset)[0] // len(datasets.load(dataset).classes)


def passes(dataset: str, per_class: int) -> int:
    """How often an image is looked at while a head is trained on so many of each class."""
    from explorer import datasets
    from explorer.transfer import reusing

    return reusing.STEPS * min(reusing.BATCH, per_class * len(datasets.load(dataset).classes))


def order(model_id: str, dataset: str) -> TaskOrder:
    """The task that computes features which are not there: the first of its kind that is not done already."""
    from explorer import datasets, tasks
    from explorer.tasks.entries.features import FeaturesRequest

    content, meta, weights = datasets.content_of(dataset), model(model_id).meta, fingerprint(model_id)
    orders = (tasks.order("features", FeaturesRequest(dataset, content, i), meta, weights) for i in count())
    return next(each for each in orders if cached_runs.service().task(each.key).state != "done")


def size() -> tuple[int, float]:
    """How many entries are kept, and how many megabytes they take."""
    from explorer.transfer import feature_cache

    entries, taken = feature_cache.size()
    return entries, taken / 2**20


def clear() -> None:
    """Delete all kept features, and the heads that were trained on them. Raises `NotAllowed`."""
    rights.check(session.visitor(), "clear")
    from explorer.transfer import feature_cache

    feature_cache.clear()
    head.clear()
