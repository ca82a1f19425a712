"""Data sets: bundled ones, torchvision's downloads, and the user's own files; and batches of them.

Law: torch, torchvision and numpy only (scikit-learn, Pillow and pyarrow inside the functions that need them); nothing
is downloaded unless `fetch` is called. A file ends with `SPECS`, a tuple of `DatasetSpec`s, which are discovered. To
add a data set, add an entry, or a file with its own. The user's own need no entry: a folder of class folders, in parts
or not, a Parquet file, or a folder of them as Hugging Face lays them out is found in the datasets directory by name,
`own:<name>`. Where it cannot be told which column holds the labels, it is `own:<name>/<column>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from threading import Lock

from explorer.catalog import collect, lookup
from explorer.datasets._batches import Batches
from explorer.datasets._declared import DatasetSpec, ImageData, Note
from explorer.datasets._selecting import select, selected
from explorer.errors import DatasetError, UnknownEntry
from explorer.fetching import Progress
from explorer.paths import datasets_directory

__all__ = [
    "Batches",
    "DatasetSpec",
    "ImageData",
    "Note",
    "Progress",
    "available",
    "content_of",
    "dataset",
    "datasets",
    "fetch",
    "left_out",
    "load",
    "own_datasets",
    "present",
    "select",
    "selected",
    "variants",
]

_load_locks: dict[str, Lock] = {}
_fetch_locks: dict[str, Lock] = {}


@cache
def datasets() -> Mapping[str, DatasetSpec]:
    """Every declared data set by slug, bundled ones first."""
    declared = collect(__name__, DatasetSpec)
    return dict(sorted(declared.items(), key=lambda item: (not item[1].bundled, item[1].download_mb)))


def own_datasets() -> tuple[str, ...]:
    """The slugs, `own:<folder or file name>`, of the user's data in the datasets directory. Opens nothing."""
    from explorer.datasets._own import own_slugs

    return own_slugs()


def left_out() -> tuple[DatasetError, ...]:
    """Why other things in the datasets directory are not among `own_datasets`: a name that is not UTF-8, an archive."""
    from explorer.datasets import _own

    return _own.left_out()


def variants(slug: str) -> tuple[str, ...]:
    """The slugs by which a user's own data set can be loaded: itself, or one for each column that may hold the labels.

    Images are not read. Raises `UnknownEntry`, and `DatasetError` for one that cannot be read.
    """
    if not _is_own(slug):
        return (lookup(datasets(), slug, "data set").slug,)
    from explorer.datasets import _own

    return _own.variants(slug)


def dataset(slug: str) -> DatasetSpec:
    """The spec of a data set. One of the user's own is loaded to derive it.

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
    """Whether a data set can be loaded without a download. Raises `UnknownEntry`, but not for `own:` slugs."""
    if slug.startswith("own:"):
        return slug.partition("/")[0] in own_datasets()
    return lookup(datasets(), slug, "data set").present()


def present() -> tuple[str, ...]:
    """The data sets that can be loaded now, by slug, the visitors' own last."""
    return (*(slug for slug in datasets() if available(slug)), *own_datasets())


def content_of(slug: str) -> str:
    """Fingerprint of a user's own data set, which changes when its files do; "" for all others."""
    if not _is_own(slug):
        return ""
    from explorer.datasets._own import fingerprint

    return fingerprint(slug)


def load(slug: str) -> ImageData:
    """Load a data set into memory; the last few are cached, and concurrent calls share the work.

    Raises `UnknownEntry`, and `DatasetError` for a data set that is not downloaded yet or cannot be read.
    """
    state = content_of(slug)
    if not state and not lookup(datasets(), slug, "data set").bundled:
        state = str(datasets_directory())
    with _load_locks.setdefault(slug, Lock()):
        return _loaded(slug, state)


@lru_cache(maxsize=4)
def _loaded(slug: str, state: str) -> ImageData:
    """`state` is part of the cache key: it differs when the same slug refers to other files."""
    if _is_own(slug):
        from explorer.datasets._own import load_own

        return load_own(slug)
    return datasets()[slug].load()


def fetch(slug: str, progress: Progress = lambda done, total: None) -> None:
    """Download a data set unless it is available. Raises `UnknownEntry`, and `DatasetError` when the download fails.

    A concurrent `fetch` waits for the same download; a concurrent `load` raises `DatasetError`.
    """
    with _fetch_locks.setdefault(slug, Lock()):
        if available(slug):
            return
        download = lookup(datasets(), slug, "data set").fetch
        if download is not None:
            download(progress)


def _is_own(slug: str) -> bool:
    """Whether it is one of the user's own data sets. Raises `UnknownEntry` for one that does not exist."""
    if not slug.startswith("own:"):
        return False
    if slug.partition("/")[0] not in own_datasets():  # also prevents slugs that point to files elsewhere
        raise UnknownEntry("data set", slug, [*datasets(), *own_datasets()])
    return True
