"""Small data sets of solid images, in every layout."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow as pa
from PIL import Image
from pyarrow import parquet


def encoded(colour: object, size: tuple[int, int] = (10, 10), mode: str = "RGB", kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, kind)  # type: ignore[arg-type]
    return buffer.getvalue()


def folder(root: Path, counts: dict[str, int], colour: object = None, **how: object) -> None:
    """One solid image per path, each of another shade unless a colour is given."""
    for number, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            shade = (index, 10 * number, 200) if colour is None else colour
            (root / name / f"{index:03}.png").write_bytes(encoded(shade, **how))  # type: ignore[arg-type]


def table(path: Path, images: list[object], labels: list[object], label: str = "label", **meta: object) -> None:
    path.parent.mkdir(exist_ok=True)
    features = {"img": {"_type": "Image"}, label: {"_type": "ClassLabel", **meta}}
    described = {"huggingface": json.dumps({"info": {"features": features}})} if meta else None
    parquet.write_table(pa.table({"img": images, label: labels}).replace_schema_metadata(described), path)


def structs(count: int, start: int = 0) -> list[object]:
    return [{"bytes": encoded((start + i, 0, 0)), "path": None} for i in range(count)]
