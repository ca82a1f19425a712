"""The data sets: bundled ones, those torchvision publishes, and the user's own; and batches of them.

Law: torch, torchvision and numpy only (scikit-learn, Pillow and pyarrow inside the functions that need them); nothing
is downloaded unless `fetch` is called. A file ends with `SPECS`, a tuple of `DatasetSpec`; what stands there is picked
up everywhere. To add a data set, add an entry, or a file with its own. The user's own need no entry: a folder of class
folders, a folder with train.parquet and test.parquet, or one Parquet file in the datasets directory is found by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from threading import Lock

from explorer.catalog import collect, lookup
from explorer.datasets._batches import Batches
from explorer.datasets._declared import DatasetSpec, ImageData
from explorer.errors import UnknownEntry
from explorer.fetching import Progress
from explorer.paths import datasets_directory

__all__ = [
    "Batches",
    "DatasetSpec",
    "ImageData",
    "Progress",
    "available",
    "content_of",
    "dataset",
    "datasets",
    "fetch",
    "load",
    "own_datasets",
    "present",
]

_loading: dict[str, Lock] = {}
_fetching: dict[str, Lock] = {}


@cache
def datasets() -> Mapping[str, DatasetSpec]:
    """Every declared data set by slug, what is bundled first."""
    found = collect(__name__, DatasetSpec)
    return dict(sorted(found.items(), key=lambda item: (not item[1].bundled, item[1].download_mb)))


def own_datasets() -> tuple[str, ...]:
    """The slugs, `own:<folder or file name>`, of what the user placed in the datasets directory. Opens nothing."""
    from explorer.datasets._own import own_slugs

    return own_slugs()


def dataset(slug: str) -> DatasetSpec:
    """One data set. One of the user's own is loaded for it, since nothing else says what is in it.

    Raises `UnknownEntry`, naming the nearest slugs, and what `load` raises.
    """
    if not _is_own(slug):
        return lookup(datasets(), slug, "data set")
    data = load(slug)
    return DatasetSpec(
        slug=slug,
        title=slug.partition(":")[2],
        classes=data.classes,
        shape=data.shape,
        train=len(data.train_labels),
        test=len(data.test_labels),
        source=f"own data: {slug.partition(':')[2]}",
        bundled=False,
        load=lambda: load(slug),
    )


def available(slug: str) -> bool:
    """Whether it can be loaded without a download. Raises `UnknownEntry`, except for an `own:` one that is gone."""
    if slug.startswith("own:"):
        return slug in own_datasets()
    return lookup(datasets(), slug, "data set").present()


def present() -> tuple[str, ...]:
    """The data sets that can be loaded now, by slug, the visitors' own last."""
    return (*(slug for slug in datasets() if available(slug)), *own_datasets())


def content_of(slug: str) -> str:
    """A text that is another one where the user's own data set of that name has changed; "" for all others."""
    if not _is_own(slug):
        return ""
    from explorer.datasets._own import fingerprint

    return fingerprint(slug)


def load(slug: str) -> ImageData:
    """The data set in memory; the last few are kept, and two threads that ask for one at once share the work.

    Raises `UnknownEntry`, and `DatasetError` for what was not fetched yet or cannot be read.
    """
    state = content_of(slug)
    if not state and not lookup(datasets(), slug, "data set").bundled:
        state = str(datasets_directory())
    with _loading.setdefault(slug, Lock()):
        return _loaded(slug, state)


@lru_cache(maxsize=4)
def _loaded(slug: str, state: str) -> ImageData:
    """`state` is another text when the same slug stands for other files."""
    if _is_own(slug):
        from explorer.datasets._own import load_own

        return load_own(slug)
    return datasets()[slug].load()


def fetch(slug: str, progress: Progress = lambda done, total: None) -> None:
    """Download a data set unless it is there. Raises `UnknownEntry`, and `DatasetError` when it cannot be had.

    Who asks for it meanwhile waits for the same download; `load` does not wait, and says that it is not there yet.
    """
    with _fetching.setdefault(slug, Lock()):
        if available(slug):
            return
        get = lookup(datasets(), slug, "data set").fetch
        if get is not None:
            get(progress)


def _is_own(slug: str) -> bool:
    """Whether it is one of the user's own. Raises `UnknownEntry` for one that is not there."""
    if not slug.startswith("own:"):
        return False
    if slug not in own_datasets():  # also what keeps a slug from naming a file elsewhere
        raise UnknownEntry("data set", slug, [*datasets(), *own_datasets()])
    return True
