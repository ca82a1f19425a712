"""Read Parquet files: a column of encoded images, and columns of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from explorer.datasets._columns import LONGEST_NAME, MOST_CLASSES, image_column, is_label, is_text
from explorer.datasets._decoding import MOST_BYTES, Label, Sample
from explorer.errors import DatasetError

_LABEL_ROWS = 4_096
_BUFFER, _BUFFERED = (
    2**20,
    100_000_000,
)  # a large file is read bit by bit; in a small one no page can lie about its size
_BATCH_BYTES, _FEWEST, _MOST = 4_000_000, 16, 1_024
_SMALLEST = 256  # bytes of an image on the average: below, the same few are repeated, and kept once a batch
_EXPANSION = 20  # images are compressed already, and hardly shrink: what does by more is made to fill the memory


class NoLabelsError(ValueError):
    """A column holds what names no class: numbers that are not whole, long texts, or too many different ones."""


def schema(path: Path) -> Any:
    """The schema of a file. Raises `DatasetError`."""
    from pyarrow import parquet

    with _as_dataset_error(path):
        return parquet.read_schema(path)


def rows(path: Path) -> int:
    """Number of rows in a file's footer, without reading the rows. Raises `DatasetError`."""
    from pyarrow import parquet

    with _as_dataset_error(path):
        return int(parquet.read_metadata(path).num_rows)


def counted(path: Path, column: str) -> Counter[Label | None]:
    """How often each label is in a column, None where there is none. Raises `DatasetError`, `NoLabelsError`."""
    counts: Counter[Label | None] = Counter()
    with _opened(path, [column], [column]) as file:
        for batch in file.iter_batches(_LABEL_ROWS, columns=[column]):
            counts.update(_labels(batch.column(0)))
            if len(counts) > MOST_CLASSES:
                raise NoLabelsError(column)
    return counts


def samples(files: Sequence[Path], columns: Sequence[str], hidden: Sequence[frozenset[Label]]) -> Iterator[Sample]:
    """Every row of `files` that has a label in one of `columns`, in order; the labels in `hidden` are none.

    Raises `DatasetError` for a file that is not Parquet or lacks a column.
    """
    for path in files:
        image = image_column(schema(path))
        if image is None:
            raise no_columns(path)
        for row, (stored, labels) in enumerate(_read(path, image, columns)):
            known = tuple(None if label in none else label for label, none in zip(labels, hidden, strict=True))
            if any(label is not None for label in known):
                yield Sample(f"{path.name} row {row}", known, stored)


def no_columns(path: Path) -> DatasetError:
    """The error of a file without a column of images or of labels."""
    has = ", ".join(schema(path).names)
    message = f"{path.name} needs a column of encoded images and a column of labels; it has: {has}."
    return DatasetError(message, "no_columns", file=path.name, columns=has)


def _read(path: Path, image: str, columns: Sequence[str]) -> Iterator[tuple[bytes | None, tuple[Label | None, ...]]]:
    """The image and the labels of every row."""
    leaf, size, repeats = _measured(path, image)
    batch_rows = min(_MOST, max(_FEWEST, _BATCH_BYTES // max(size, 1)))
    with _opened(path, [leaf] if repeats else [], columns) as file:
        for batch in file.iter_batches(batch_rows, columns=[leaf, *columns]):
            images = batch.column(image)
            if leaf != image:
                (images,) = images.flatten()
            labels = [_labels(batch.column(column)) for column in columns]
            for index in range(len(images)):
                yield images[index].as_py(), tuple(column[index] for column in labels)


def _measured(path: Path, image: str) -> tuple[str, int, bool]:
    """The path of the leaf with the bytes, the mean size of a value, and whether the same are repeated.

    Raises `DatasetError` for a file that is made to fill the memory.
    """
    from pyarrow import parquet

    with _as_dataset_error(path):
        footer = parquet.read_metadata(path)
        groups = [footer.row_group(group) for group in range(footer.num_row_groups)]
        chunks = [group.column(i) for group in groups for i in range(group.num_columns)]
    chunks = [chunk for chunk in chunks if chunk.path_in_schema in (image, f"{image}.bytes")]
    for chunk in chunks:
        if chunk.total_uncompressed_size > max(_EXPANSION * chunk.total_compressed_size, MOST_BYTES // 10):
            message = f"{path.name} unpacks to many times its size."
            raise DatasetError(message, "expands", file=path.name)
    leaf = chunks[0].path_in_schema if chunks else image
    values = sum(chunk.num_values for chunk in chunks)
    size = sum(chunk.total_uncompressed_size for chunk in chunks) // max(values, 1)
    return leaf, size, size < _SMALLEST and any(chunk.has_dictionary_page for chunk in chunks)


def _labels(array: Any) -> list[Label | None]:
    """A column's labels, each different one looked at once. Raises `NoLabelsError`."""
    from pyarrow import types

    if types.is_null(array.type):
        return [None] * len(array)
    encoded = array if types.is_dictionary(array.type) else array.dictionary_encode()
    if len(encoded.dictionary) > max(MOST_CLASSES, _LABEL_ROWS):
        raise NoLabelsError
    values = [_label(value) for value in encoded.dictionary.to_pylist()]
    return [None if index is None else values[index] for index in encoded.indices.to_pylist()]


def _label(value: Any) -> Label | None:
    if isinstance(value, float):
        if value != value:
            return None
        if not value.is_integer():
            raise NoLabelsError
        return int(value)
    if isinstance(value, str):
        if len(value) > LONGEST_NAME:
            raise NoLabelsError
        return value or None
    return value if value is None or isinstance(value, int) else str(value)


@contextmanager
def _opened(path: Path, images: Sequence[str], columns: Sequence[str]) -> Iterator[Any]:
    """A file, its texts (and these leaves of images) read as dictionaries. Raises `DatasetError`."""
    from pyarrow import parquet

    kinds = schema(path)
    if any(column not in kinds.names or not is_label(kinds.field(column).type) for column in columns):
        raise no_columns(path)
    buffer = _BUFFER if path.stat().st_size > _BUFFERED else 0
    encoded = [*images, *(column for column in columns if is_text(kinds.field(column).type))]
    with (
        _as_dataset_error(path),
        parquet.ParquetFile(path, read_dictionary=encoded, buffer_size=buffer, pre_buffer=False) as file,
    ):
        yield file


@contextmanager
def _as_dataset_error(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).replace(str(path), path.name).split())[:120]
        message = f"{path.name} cannot be read as Parquet ({said})."
        raise DatasetError(message, "no_parquet", file=path.name, problem=said) from error
