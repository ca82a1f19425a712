"""Damaged data sets of visitors' own: data, or one sentence of refusal; quickly, and in bounded memory."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from explorer import datasets
from explorer.errors import DatasetError
from explorer.paths import datasets_directory
from tests.datasets.making import structs
from tests.fuzz.mutating import mutated
from tests.fuzz.test_files import MOST_MEGABYTES, SEED, _watched, images, megabytes

TABLES, FOLDERS, CARDS = 1_800, 300, 300  # mutations in all; with images and weights, over 3,000
CARD = b"""---
dataset_info:
  features:
  - name: label
    dtype:
      class_label:
        names:
          '0': ant
          '1': bee
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
  - split: test
    path: "data/test-*"
---
"""

__all__ = ["_watched"]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    yield
    datasets._loaded.cache_clear()


def tables() -> dict[str, bytes]:
    """A small data set as Parquet in the ways that are read by different code: types, encodings, compressions."""
    plain = [each["bytes"] for each in structs(24)]  # type: ignore[index]
    names = ["owl", "newt", "toad"] * 8
    described = b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": ["a", "b"]}}}}'
    huggingface = pa.table({"image": structs(24), "label": [0, 1] * 12}).replace_schema_metadata(
        {b"huggingface": described}
    )
    made: dict[str, tuple[pa.Table, dict[str, Any]]] = {
        "hugging face": (huggingface, {}),
        "row groups": (huggingface, {"row_group_size": 5, "compression": "zstd"}),
        "plain": (pa.table({"image": plain, "label": names}), {"use_dictionary": False, "compression": "none"}),
        "dictionary": (pa.table({"image": [plain[0]] * 24, "label": pa.array(names).dictionary_encode()}), {}),
        "pages": (
            pa.table({"image": plain, "label": [1.0, 2.0] * 12}),
            {"data_page_version": "2.0", "data_page_size": 64},
        ),
        "open": (pa.table({"image": plain, "sex": [True, False] * 12, "island": names}), {"compression": "gzip"}),
    }
    return {name: _written(*each) for name, each in made.items()}


def _written(table: pa.Table, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, **options)
    return buffer.getvalue()


def outcome(slug: str) -> str:
    """What came of loading a data set: "read", or the reason of its refusal."""
    try:
        for each in datasets.variants(slug):
            data = datasets.load(each)
            assert len(data.train_images) == len(data.train_labels) > 0
            assert 0 <= int(data.train_labels.min()) <= int(data.train_labels.max()) < len(data.classes)
    except DatasetError as problem:
        return problem.reason if "\n" not in str(problem) else ""
    finally:
        datasets._loaded.cache_clear()
    return "read"


def tried(corpus: dict[str, bytes], count: int, path: Path, slug: str) -> Counter[str]:
    """Load a data set with `count` mutations of one of its files; any other error comes out with its number."""
    whole, outcomes, before = list(corpus.values()), Counter[str](), megabytes()
    for number in range(count):
        path.write_bytes(mutated(whole[number % len(whole)], whole, np.random.default_rng((SEED, number))))
        try:
            outcomes[outcome(slug)] += 1
        except Exception as error:
            pytest.fail(f"mutation {number} of {list(corpus)[number % len(whole)]}: {type(error).__name__}: {error}")
    assert "" not in outcomes, "every refusal has its reason, and is one line"
    assert megabytes() - before < MOST_MEGABYTES
    return outcomes


def test_damaged_tables() -> None:
    outcomes = tried(tables(), TABLES, datasets_directory() / "one.parquet", "own:one.parquet")
    assert {"read", "no_parquet"} <= set(outcomes)
    assert outcomes["read"] < 0.7 * TABLES


def test_damaged_images_in_folders() -> None:
    root = datasets_directory() / "mine"
    for name, body in (("a", structs(1)), ("b", structs(1, 9))):
        (root / name).mkdir(parents=True)
        (root / name / "whole.png").write_bytes(body[0]["bytes"])  # type: ignore[index]
    outcomes = tried(images(), FOLDERS, root / "b" / "mutated.png", "own:mine")
    assert outcomes == {"read": FOLDERS}, "one image that cannot be read is one line, and the others are there"


def test_damaged_cards() -> None:
    root = datasets_directory() / "mine"
    (root / "data").mkdir(parents=True)
    for part in ("train", "test"):
        parquet.write_table(pa.table({"image": structs(8), "label": [0, 1] * 4}), root / "data" / f"{part}-0.parquet")
    assert set(tried({"card": CARD}, CARDS, root / "README.md", "own:mine")) <= {"read", "strange_label", "no_train"}
