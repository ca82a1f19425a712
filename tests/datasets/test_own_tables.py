"""Parquet: which column holds the labels, in which type; and repositories as they are downloaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st
from pyarrow import parquet

from explorer import datasets
from explorer.datasets import ImageData, _card, _decoding
from explorer.errors import DatasetError, UnknownEntry
from tests.datasets.making import encoded, folder, structs

CARD = """---
license: cc
dataset_info:
- config_name: big
  features:
  - name: picture
    dtype: image
  - name: kind
    dtype:
      class_label:
        names:
          '0': ant
          '1': "bee: a wasp"
configs:
- config_name: big
  default: true  # of two
  data_files:
  - split: train
    path: files/one-*
  - split: test
    path:
    - "files/two-*"
- config_name: small
  data_files: small/*.parquet
---
# Insects
"""


def load(name: str) -> ImageData:
    return datasets.load(f"own:{name}")


def noted(data: ImageData) -> dict[str, dict[str, str | int]]:
    return {note.reason: dict(note.values) for note in data.notes}


def write(path: Path, columns: dict[str, Any], **described: list[str]) -> None:
    """A Parquet file; the columns in `described` are ClassLabels with these names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = pa.table(columns)
    if described:
        features = {name: {"_type": "ClassLabel", "names": names} for name, names in described.items()}
        made = made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    parquet.write_table(made, path)


# --- the column of labels ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["label", "Labels", "CLASS", "target", "category", "fine_label", "ClassId", "class_name", "species", "bird_class"],
)
def test_a_column_that_is_named_for_it_goes_before_all_numbers(place: Path, name: str) -> None:
    numbers = {"image_id": list(range(8)), "Width": [27, 28] * 4, "age": [1, 1, 2, 2] * 2}
    write(place / "one.parquet", {**numbers, "image": structs(8), name: ["owl", "newt"] * 4})
    assert load("one.parquet").classes == ("newt", "owl")
    assert datasets.variants("own:one.parquet") == ("own:one.parquet",)


def test_the_schema_goes_before_every_name(place: Path) -> None:
    columns = {"label": list(range(8)), "image": structs(8), "phylum": [0, 1] * 4}
    write(place / "one.parquet", columns, phylum=["ant", "bee"])
    assert load("one.parquet").classes == ("ant", "bee")


def test_of_two_class_labels_the_finer_one_is_taken_by_its_name(place: Path) -> None:
    columns = {"img": structs(8), "coarse_label": [0] * 4 + [1] * 4, "fine_label": [0, 1, 2, 3] * 2}
    write(place / "one.parquet", columns, coarse_label=["A", "B"], fine_label=["a", "b", "c", "d"])
    assert load("one.parquet").classes == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (pa.array(["x", "y"] * 4).dictionary_encode(), ("x", "y")),
        (pa.array([True, False] * 4), ("False", "True")),
        (pa.array([3.0, 1.0] * 4), ("1", "3")),
        (pa.array([2**40, 7] * 4), ("7", str(2**40))),
        (pa.array(["b", "a"] * 4, pa.large_string()), ("a", "b")),
        (pa.array([-1, 1] * 4), ("-1", "1")),
        (pa.array([1, 0] * 4, pa.uint8()), ("0", "1")),
    ],
    ids=["categorical", "truth", "whole floats", "large", "large text", "two signs", "bytes"],
)
def test_labels_of_every_type(place: Path, labels: Any, classes: tuple[str, ...]) -> None:
    write(place / "one.parquet", {"image": structs(8), "label": labels})
    data = load("one.parquet")
    assert data.classes == classes
    assert (len(data.train_labels), len(data.test_labels)) == (6, 2)


@pytest.mark.parametrize(
    "labels",
    [[0.5, 1.5] * 4, ["a long description " * 20, "b"] * 4, [[0], [1]] * 4, [b"a", b"b"] * 4],
    ids=["halves", "texts", "lists", "bytes"],
)
def test_what_names_no_class_is_refused(place: Path, labels: list[object]) -> None:
    write(place / "one.parquet", {"image": structs(8), "label": labels})
    with pytest.raises(DatasetError, match=r"one\.parquet") as raised:
        load("one.parquet")
    assert raised.value.reason in {"not_labels", "no_columns"}


@pytest.mark.parametrize("none", [None, -1])
def test_hidden_labels_are_counted_and_left_out(place: Path, none: int | None) -> None:
    write(place / "one.parquet", {"image": structs(9), "label": [0, 1, 2, 0, 1, 2, none, none, none]})
    data = load("one.parquet")
    assert data.classes == ("0", "1", "2")
    assert len(data.train_labels) + len(data.test_labels) == 6
    assert noted(data) == {"unlabelled": {"folder": "one.parquet", "count": 3}}


def test_a_test_set_without_labels_is_not_tested_on(place: Path) -> None:
    names = ["ant", "bee"]
    write(place / "r/data/train-0-of-1.parquet", {"image": structs(8), "label": [0, 1] * 4}, label=names)
    write(place / "r/data/test-0-of-1.parquet", {"image": structs(4), "label": [-1] * 4}, label=names)
    data = load("r")
    assert (len(data.train_labels), len(data.test_labels)) == (6, 2), "the training images are split"
    write(place / "r/data/validation-0-of-1.parquet", {"image": structs(3), "label": [0, 1, 1]}, label=names)
    data = load("r")
    assert (len(data.train_labels), data.test_labels.tolist()) == (8, [0, 1, 1])
    assert noted(data)["unlabelled"] == {"folder": "test", "count": 4}
    assert noted(data)["validation_tests"] == {"count": 3}


def test_the_image_column_is_found_among_others(place: Path) -> None:
    columns = {"mask": [b"mask"] * 8, "image": [encoded((i, 0, 0)) for i in range(8)], "label": [0, 1] * 4}
    write(place / "one.parquet", columns)
    assert not load("one.parquet").broken


# --- what the visitor chooses -----------------------------------------------------------------------------------------


def open_table(path: Path) -> None:
    columns = {"nr": list(range(8)), "image": structs(8), "colour": ["red", "blue"] * 4, "size/cm": [1, 1, 2, 2] * 2}
    write(path, columns)


def test_where_several_columns_may_be_meant_all_are_offered(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_table(place / "one.parquet")
    with pytest.raises(DatasetError, match="colour, size/cm") as raised:
        load("one.parquet")
    assert raised.value.reason == "which"
    offered = datasets.variants("own:one.parquet")
    assert offered == ("own:one.parquet/colour", "own:one.parquet/size/cm")
    assert [datasets.load(slug).classes for slug in offered[:1]] == [("blue", "red")]
    monkeypatch.setattr(_decoding, "_square", None)
    assert datasets.load(offered[1]).classes == ("1", "2"), "the images are decoded once for all columns"
    assert datasets.dataset(offered[1]).title == "one.parquet/size/cm"


@pytest.mark.parametrize("choice", ["nr", "image", "", "../one.parquet", "colour/", "nothing"])
def test_a_choice_that_is_not_offered_names_those_that_are(place: Path, choice: str) -> None:
    open_table(place / "one.parquet")
    with pytest.raises((UnknownEntry, DatasetError), match="colour"):
        load(f"one.parquet/{choice}")


def test_a_folder_has_nothing_to_choose(place: Path) -> None:
    folder(place / "pets", {"a": 4, "b": 4})
    assert datasets.variants("own:pets") == ("own:pets",)
    with pytest.raises(UnknownEntry, match="own:pets"):
        load("pets/a")


# --- repositories -----------------------------------------------------------------------------------------------------

BOTH = {
    "data": ("data/train-00000-of-00001-1b2c.parquet", "data/test-00000-of-00001-9de5.parquet"),
    "named folder": ("plain_text/train-00000-of-00001.parquet", "plain_text/test-00000-of-00001.parquet"),
    "converted": ("default/train/0000.parquet", "default/test/0000.parquet"),
    "converted in part": ("default/partial-train/0000.parquet", "default/partial-test/0000.parquet"),
    "twice": ("default/train/train-0.parquet", "default/test/test-0.parquet"),
    "at the top": ("birds_training.parquet", "birds_TEST.parquet"),
    "deep": ("v2/a/train/x.parquet", "v2/a/validation/x.parquet"),
    "short suffix": ("data/train.pq", "data/test.parq"),
}


@pytest.mark.parametrize("layout", BOTH)
def test_repositories_as_they_are_downloaded(place: Path, layout: str) -> None:
    train, test = BOTH[layout]
    write(place / "r" / train, {"image": structs(8), "label": [0, 1] * 4})
    write(place / "r" / test, {"image": structs(4), "label": [0, 1] * 2})
    (place / "r" / "README.md").write_text("# A card without front matter")
    data = load("r")
    assert (len(data.train_labels), len(data.test_labels)) == (8, 4)


def test_shards_without_parts_are_one_data_set(place: Path) -> None:
    for number in range(3):
        write(place / "r" / f"data-0000{number}-of-00003.parquet", {"image": structs(4), "label": [0, 1] * 2})
    data = load("r")
    assert (len(data.train_labels), len(data.test_labels)) == (10, 2)


def test_a_card_names_parts_and_classes(place: Path) -> None:
    (place / "r").mkdir()
    (place / "r" / "README.md").write_text(CARD)
    write(place / "r/files/one-0.parquet", {"picture": structs(8), "kind": [0, 1] * 4, "plot": [5, 6] * 4})
    write(place / "r/files/two-0.parquet", {"picture": structs(4), "kind": [0, 1] * 2, "plot": [5, 6] * 2})
    write(place / "r/small/x.parquet", {"picture": structs(4), "kind": [0, 1] * 2})
    data = load("r")
    assert data.classes == ("ant", "bee: a wasp")
    assert (len(data.train_labels), len(data.test_labels)) == (8, 4)


def test_of_several_configurations_one_is_chosen(place: Path) -> None:
    for number, config in enumerate(("birds", "frogs")):
        columns = {"image": structs(8), "label": [number, 7] * 4}
        write(place / "r" / config / "train-0.parquet", columns)
    open_table(place / "r" / "open" / "train-0.parquet")
    offered = datasets.variants("own:r")
    assert offered == ("own:r/birds", "own:r/frogs", "own:r/open/colour", "own:r/open/size/cm")
    assert [datasets.load(slug).classes for slug in offered] == [("0", "7"), ("1", "7"), ("blue", "red"), ("1", "2")]


def test_a_table_about_images_is_no_data_set(place: Path) -> None:
    folder(place / "pets", {"a": 4, "b": 4})
    write(place / "pets" / "metadata.parquet", {"file": ["x"], "label": [0]})
    data = load("pets")
    assert data.classes == ("a", "b")
    assert noted(data)["suffix"] == {"suffix": ".parquet", "count": 1}


@given(st.text(alphabet=st.sampled_from("-: \n'\"[]{}#abé*&!|>\t0"), max_size=200))
def test_a_card_may_hold_anything(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = tmp_path_factory.mktemp("card")
    (root / "README.md").write_text(f"---\nconfigs:\n{text}\n---\n{text}", encoding="utf-8")
    assert all(isinstance(config.name, str) for config in _card.configs(root))


def test_a_deep_card_ends(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\n" + "".join(f"{' ' * i}a{i}:\n" for i in range(3_000)) + "---\n")
    assert _card.configs(tmp_path) == ()


# --- budgets ----------------------------------------------------------------------------------------------------------


def test_an_image_that_is_repeated_is_held_once_a_batch(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_decoding, "_CHUNK_BYTES", 10_000_000)
    count = 400
    one = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([b"\0" * 1_000_000]))
    write(place / "one.parquet", {"image": one, "label": [0, 1] * (count // 2)})
    assert (place / "one.parquet").stat().st_size < 200_000
    before = pa.total_allocated_bytes()
    chunks = list(_decoding._chunks(_samples(place / "one.parquet")))
    assert max(map(len, chunks)) == 10
    assert pa.total_allocated_bytes() - before < 20_000_000


def _samples(path: Path) -> Any:
    from explorer.datasets import _parquet

    return _parquet.samples([path], ["label"], [frozenset()])


def test_far_too_many_images_are_refused_before_they_are_decoded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_decoding, "MOST_BYTES", 10_000)
    monkeypatch.setattr(_decoding, "_square", lambda *given: pytest.fail("decoded"))
    write(place / "one.parquet", {"image": structs(80), "label": [0, 1] * 40})
    with pytest.raises(DatasetError, match="once decoded"):
        load("one.parquet")


def test_large_images_are_refused_by_their_size_alone(place: Path) -> None:
    folder(place / "mine", {"a": 3, "b": 3})
    for number in range(8):
        body = encoded(0, size=(6_000, 6_000), mode="1")
        (place / "mine" / "a" / f"large{number}.png").write_bytes(body)
    data = load("mine")
    assert len(data.broken) == 8
    assert "6000x6000 pixels are too many" in data.broken[0]
    assert len(data.train_labels) + len(data.test_labels) == 6


def test_a_file_that_unpacks_to_many_times_its_size_is_not_read(place: Path) -> None:
    values = pa.array([bytes([i]) * 4_000_000 for i in range(60)])
    made = pa.table({"image": values, "label": [0, 1] * 30})
    parquet.write_table(made, place / "one.parquet", compression="zstd", use_dictionary=False)
    assert (place / "one.parquet").stat().st_size < 1_000_000
    with pytest.raises(DatasetError, match="unpacks to many times its size"):
        load("one.parquet")
