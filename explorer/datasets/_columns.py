"""Which column of a table holds the images, and which the labels."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_CLASSES = 10_000
LONGEST_NAME = 200
"""Characters of a class's name: a longer text is no name but a description."""

_MOST_METADATA = 2**20
_IMAGES = ("image", "img", "picture", "photo", "imagebytes", "imagedata", "bytes", "pixels", "png", "jpg", "jpeg")
_LABELS = (
    *("label", "labels", "finelabel", "class", "classes", "target", "targets", "category", "categories"),
    *("classlabel", "classid", "labelid", "categoryid", "classindex", "labelindex", "targetid", "cls"),
    *("classname", "labelname", "categoryname", "targetname", "labeltext", "groundtruth", "gt", "truth", "y"),
    *("species", "breed", "diagnosis", "digit"),
)
_ENDS = re.compile(r"(label|class|category|target)s?(id|idx|index|name)?$")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of labels, and the names of its classes where they are known."""

    name: str
    names: tuple[str, ...] | None = None


def features(schema: Any) -> dict[str, Any]:
    """The features that Hugging Face's `datasets` writes into a file's metadata; empty where there are none."""
    metadata = (schema.metadata or {}).get(b"huggingface", b"{}")
    if len(metadata) > _MOST_METADATA:
        return {}
    try:
        described = json.loads(metadata)["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return described if isinstance(described, dict) else {}


def image_column(schema: Any) -> str | None:
    """The name of the column of encoded images: the one so described, else so named, else the first of bytes."""
    found = [field.name for field in schema if is_image(field.type)]
    described = features(schema)

    def rank(name: str) -> tuple[bool, bool, int]:
        feature = described.get(name)
        is_described = isinstance(feature, dict) and feature.get("_type") == "Image"
        plain = _plain(name)
        return (not is_described, plain not in _IMAGES, _IMAGES.index(plain) if plain in _IMAGES else 0)

    return min(found, key=rank, default=None)


def is_image(kind: Any) -> bool:
    """Whether a type can be an encoded image: bytes, as a dictionary or not, or a struct with a field of that name."""
    from pyarrow import types

    inner = kind.field("bytes").type if types.is_struct(kind) and kind.get_field_index("bytes") >= 0 else kind
    inner = inner.value_type if types.is_dictionary(inner) else inner
    return bool(types.is_binary(inner) or types.is_large_binary(inner))


def label_columns(schema: Any, card: Mapping[str, tuple[str, ...]]) -> tuple[tuple[Column, ...], bool]:
    """The columns that may hold the labels, and whether the first is one for certain.

    It is where the file or the `card` says so, or by its name. Classes are named by the file, else by the card.
    """
    usable = [f.name for f in schema if is_label(f.type) and not f.name.startswith("__index_level_")]
    described = {name: names for name in usable if (names := _names(features(schema).get(name)) or card.get(name))}
    marked = [name for name in usable if name in described or _is_class_label(features(schema).get(name))]
    among = marked or usable
    columns = {name: Column(name, described.get(name)) for name in usable}
    if len(marked) == 1:
        return (columns[marked[0]],), True
    if named := sorted((name for name in among if _plain(name) in _LABELS), key=lambda n: _LABELS.index(_plain(n))):
        return (columns[named[0]],), True
    if len(ending := [name for name in among if _ENDS.search(_plain(name))]) == 1:
        return (columns[ending[0]],), True
    return tuple(columns[name] for name in among), False


def is_label(kind: Any) -> bool:
    """Whether a type can be a label: whole numbers, text, true or false, or any of these as a dictionary."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return is_label(kind.value_type)
    return is_text(kind) or any(
        is_kind(kind) for is_kind in (types.is_integer, types.is_boolean, types.is_floating, types.is_null)
    )


def is_text(kind: Any) -> bool:
    """Whether a type is text of any width."""
    from pyarrow import types

    return any(is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view))


def _is_class_label(feature: object) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == "ClassLabel"


def _names(feature: object) -> tuple[str, ...] | None:
    """The names of the classes of a described column; any text in them can be encoded."""
    names: Sequence[object] | object = feature.get("names") if isinstance(feature, dict) else None
    if not isinstance(names, list) or not names:
        return None
    return tuple(str(name).encode("utf-8", "replace").decode() for name in names)


def _plain(name: str) -> str:
    """A name in lower case, without what separates its words."""
    return re.sub(r"[\W_]+", "", name).lower()
