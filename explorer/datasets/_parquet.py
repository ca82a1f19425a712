"""Read Parquet files in the layout of Hugging Face: a column of encoded images, a column of labels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from explorer.datasets._decoding import Sample
from explorer.errors import DatasetError

_LABELS = ("label", "labels", "fine_label")
_ROWS, _MOST_METADATA = 1_024, 2**20


def samples(files: Sequence[Path]) -> Iterator[Sample]:
    """Every row of `files`, in order. Raises `DatasetError` for a file that is not Parquet or lacks a column."""
    from pyarrow import parquet

    for path in files:
        with _as_dataset_error(path), parquet.ParquetFile(path) as file:
            image, label = _columns(path, file.schema_arrow)
            row = 0
            for batch in file.iter_batches(_ROWS, columns=[image, label]):
                labels = batch.column(label).to_pylist()
                for stored, value in zip(batch.column(image).to_pylist(), labels, strict=True):
                    encoded = stored.get("bytes") if isinstance(stored, dict) else stored
                    yield Sample(f"{path.name} row {row}", value, encoded)
                    row += 1


def rows(path: Path) -> int:
    """Number of rows in a file's footer, without reading the rows. Raises `DatasetError`."""
    from pyarrow import parquet

    with _as_dataset_error(path):
        return int(parquet.read_metadata(path).num_rows)


def class_names(path: Path) -> tuple[str, ...] | None:
    """The names of the classes in a file's Hugging Face metadata, if it has them. Raises `DatasetError`."""
    from pyarrow import parquet

    with _as_dataset_error(path):
        schema = parquet.read_schema(path)
    feature = _features(schema).get(_columns(path, schema)[1], {})
    names = feature.get("names") if isinstance(feature, dict) else None
    return tuple(str(name).encode("utf-8", "replace").decode() for name in names) if isinstance(names, list) else None


@contextmanager
def _as_dataset_error(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:120]
        message = f"{path.name} cannot be read as Parquet ({said})."
        raise DatasetError(message, "no_parquet", file=path.name, problem=said) from error


def _features(schema: Any) -> dict[str, Any]:
    """The features that Hugging Face's `datasets` writes into a file's metadata; empty where there are none."""
    metadata = (schema.metadata or {}).get(b"huggingface", b"{}")
    if len(metadata) > _MOST_METADATA:
        return {}
    try:
        features = json.loads(metadata)["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _columns(path: Path, schema: Any) -> tuple[str, str]:
    """The names of the image column and of the label column. Raises `DatasetError`."""
    from pyarrow import types

    def is_image(kind: Any) -> bool:
        inner = kind.field("bytes").type if types.is_struct(kind) and kind.get_field_index("bytes") >= 0 else kind
        return bool(types.is_binary(inner) or types.is_large_binary(inner))

    def is_label(kind: Any) -> bool:
        return bool(types.is_integer(kind) or types.is_string(kind) or types.is_large_string(kind))

    images = [field.name for field in schema if is_image(field.type)]
    labels = [name for name in _LABELS if name in schema.names and is_label(schema.field(name).type)]
    labels += [field.name for field in schema if types.is_integer(field.type)]
    if not images or not labels:
        has = ", ".join(schema.names)
        message = f"{path.name} needs a column of encoded images and a column of labels; it has: {has}."
        raise DatasetError(message, "no_columns", file=path.name, columns=has)
    return images[0], labels[0]
