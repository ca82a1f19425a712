"""The user's own data sets in the datasets directory: folders of images, and Parquet files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from explorer.datasets import _disk_cache, _folders, _repository
from explorer.datasets._assembling import Content, assembled
from explorer.datasets._columns import Column, image_column
from explorer.datasets._declared import ImageData, Note
from explorer.datasets._decoding import decode
from explorer.datasets._folders import Folder, as_text, is_text
from explorer.datasets._parquet import schema
from explorer.datasets._splits import Part, trained_and_tested
from explorer.datasets.fetched import FOLDER
from explorer.errors import DatasetError, UnknownEntry
from explorer.paths import datasets_directory

PREFIX = "own:"

_TABLES = (".parquet", ".parq", ".pq")
_PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")
_BESIDE = ("", ".txt", ".md", ".ini", ".db", ".log")


def own_slugs() -> tuple[str, ...]:
    """`own:<folder or file name>` of all folders and Parquet files with a UTF-8 name, sorted. Opens nothing."""
    return tuple(PREFIX + path.name for path in _listed() if _is_set(path) and is_text(path.name))


def left_out() -> tuple[DatasetError, ...]:
    """Why what else lies in the datasets directory is no data set."""
    found = []
    for path in _listed():
        name, suffix = as_text(path.name), path.suffix.lower()
        if not is_text(path.name):
            message = f"{name} cannot be read: its name is not UTF-8. Rename it."
            found.append(DatasetError(message, "no_text", name=name))
        elif path.is_symlink() and not path.exists():
            found.append(DatasetError(f"{name} cannot be read: the link leads nowhere.", "dead_link", name=name))
        elif suffix in _PACKED and not path.is_dir():
            found.append(DatasetError(f"{name} cannot be read: it is packed. Unpack it.", "packed", name=name))
        elif not _is_set(path) and suffix not in _BESIDE:
            message = f"{name} cannot be read: it is neither a folder nor a Parquet file."
            found.append(DatasetError(message, "no_set", name=name))
    return tuple(found)


def _listed() -> list[Path]:
    """What lies visibly in the datasets directory, but for what was downloaded."""
    visible = (path for path in datasets_directory().iterdir() if not path.name.startswith("."))
    return sorted(path for path in visible if path.name != FOLDER)


def _is_set(path: Path) -> bool:
    return path.is_dir() or (path.suffix.lower() in _TABLES and (path.exists() or not path.is_symlink()))


def base(slug: str) -> str:
    """The slug without what was chosen: "own:birds" of "own:birds/species"."""
    return slug.partition("/")[0]


def variants(slug: str) -> tuple[str, ...]:
    """The slugs that a data set can be read by: itself, or `<slug>/<choice>` where it has to be chosen.

    What is open is a column of labels, a configuration of a repository, or both. Raises `DatasetError`.
    """
    path, _ = _path(slug)
    with _as_dataset_error(path.name):
        return tuple(f"{base(slug)}/{choice}" for choice in _Found.at(path).choices()) or (base(slug),)


def fingerprint(slug: str) -> str:
    """Digest of the names, sizes and times of a data set's files: 16 hexadecimal digits.

    Raises `DatasetError`.
    """
    path, _ = _path(slug)
    with _as_dataset_error(path.name):
        return _Found.at(path).digest()


def load_own(slug: str) -> ImageData:
    """Load a data set, from the disk cache if its files have not changed.

    Raises `DatasetError`, and `UnknownEntry` for a choice that there is not.
    """
    path, choice = _path(slug)
    with _as_dataset_error(path.name):
        found = _Found.at(path)
        known = found.choices()
        if known and not choice:
            listed = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
            message = f"{path.name} can be read in several ways; choose one of them: {listed}."
            raise DatasetError(message, "which", name=path.name, choices=listed)
        if choice and choice not in known:
            raise UnknownEntry("data set", slug, [f"{base(slug)}/{each}" for each in known] or [base(slug)])
        folder = datasets_directory() / ".cache"
        digest = found.digest(choice)
        content = _disk_cache.read(folder, path.name, digest)
        if content is None:
            content = _content(path.name, found.source(choice))
            _disk_cache.write(folder, path.name, digest, content)
        columns = [column.name for column in content.columns]
        return assembled(path.name, content, next((i for i, c in enumerate(columns) if _ends(choice, c)), 0))


def _ends(choice: str, column: str) -> bool:
    return f"/{choice}".endswith(f"/{column}")


@contextmanager
def _as_dataset_error(name: str) -> Iterator[None]:
    """Convert what a disk and damaged files may raise to a `DatasetError`, so that no page fails on one data set."""
    try:
        yield
    except (DatasetError, UnknownEntry):
        raise
    except Exception as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)  # without the whole path
        said = f"{type(error).__name__}: {' '.join(what.split())[:120]}"
        raise DatasetError(f"{name} cannot be read ({said}).", "unreadable", name=name, problem=said) from error


def _path(slug: str) -> tuple[Path, str]:
    """Where a data set lies, and what was chosen; no file has a "/" in its name."""
    name, _, choice = slug.removeprefix(PREFIX).partition("/")
    return datasets_directory() / name, choice


# --- what was found ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """One part that is to be split, or one for training and one for testing."""

    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, or what lies in a folder; and the Parquet files that the data set is read from, if it is."""

    path: Path
    root: Folder
    tables: tuple[Path, ...]

    @classmethod
    def at(cls, path: Path) -> _Found:
        """Raises `OSError` and `DatasetError`."""
        if not path.is_dir():
            return cls(path, Folder(path.parent, others=[path]), (path,) if path.is_file() else ())
        root = _folders.scanned(path)
        tables = (file for file in root.files() if file.suffix.lower() in _TABLES and file.is_file())
        return cls(path, root, tuple(file for file in tables if not root.count or _has_images(file)))

    def digest(self, choice: str = "") -> str:
        """Changes with the files; the same for all columns of labels."""
        top = self.path.parent
        stats = sorted((str(file.relative_to(top)), _stat(file)) for file in self.root.files())
        listed = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats]
        config = _repository.config_of(self.path, self.tables, choice) if choice else ""
        text = "\n".join([str(self.path), _disk_cache.LAYOUT, config, *listed])
        return hashlib.sha256(os.fsencode(text)).hexdigest()[:16]

    def choices(self) -> tuple[str, ...]:
        """What the data set has to be told apart by. Raises `DatasetError`."""
        return _repository.choices(self.path.name, self.path, self.tables) if self.tables else ()

    def source(self, choice: str) -> _Source:
        """Raises `DatasetError`."""
        name, notes = self.path.name, [] if self.path.is_file() else _folders.unread(self.root)
        if self.tables:
            table = _repository.table(name, self.path, self.tables, choice)
            parts, decided = trained_and_tested(name, table.parts)
            used = {Note.of("suffix", suffix=suffix, count=len(self.tables)) for suffix in _TABLES}
            beside = [Note.of("beside", count=self.root.count)] if self.root.count else []
            left = [note for note in notes if note not in used and note.reason != "empty"]
            return _Source(parts, table.columns, (*table.notes, *decided, *beside, *left))
        if not self.root.count:
            found = _folders.found_instead(self.root) or "—"
            expected = "Expected <class>/<image>, train/<class>/<image>, or Parquet files."
            message = f"{name} cannot be used: it holds no images, but {found}. {expected}"
            raise DatasetError(message, "no_images", name=name, found=found)
        layout = _folders.layout(name, self.root)
        parts, decided = trained_and_tested(name, layout.parts)
        return _Source(parts, (Column(""),), (*decided, *layout.notes, *notes))


def _has_images(file: Path) -> bool:
    """Whether a Parquet file beside images holds some itself, and no table about them."""
    try:
        return image_column(schema(file)) is not None
    except DatasetError:
        return False


def _content(name: str, source: _Source) -> Content:
    count = sum(part.count for part in source.parts)
    return Content(decode(name, [part.samples for part in source.parts], count), source.columns, source.notes)


def _stat(file: Path) -> os.stat_result:
    """`stat` of a link's target, or of the link itself where that does not exist."""
    try:
        return file.stat()
    except OSError:
        return file.lstat()
