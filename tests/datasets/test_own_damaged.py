"""An own data set that cannot be read raises `DatasetError`, whatever is on the disk: no other error, and no hang."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from explorer import datasets
from explorer.datasets import ImageData, _decoding
from explorer.errors import DatasetError
from tests.datasets.making import encoded, folder, structs, table


def load(name: str) -> ImageData:
    return datasets.load(f"own:{name}")


def described(path: Path, huggingface: str) -> None:
    """A valid file with any metadata."""
    path.parent.mkdir(exist_ok=True)
    plain = pa.table({"img": structs(10), "label": [0, 1] * 5})
    parquet.write_table(plain.replace_schema_metadata({"huggingface": huggingface}), path)


def raw(name: bytes) -> str:
    """A name that is no UTF-8, as Python gives it; some file systems refuse it."""
    return os.fsdecode(name)


def made(path: Path) -> None:
    try:
        path.mkdir()
    except OSError:
        pytest.skip("this file system takes UTF-8 only")


def pipe(path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    os.mkfifo(path)


def test_a_link_that_leads_nowhere_is_named_and_the_others_are_there(place: Path) -> None:
    folder(place / "pets", {"cat": 4, "dog": 4})
    (place / "pets" / "cat" / "x.png").symlink_to(place / "nowhere" / "x.png")
    data = load("pets")
    assert len(data.train_labels) + len(data.test_labels) == 8
    (line,) = data.broken
    assert line.startswith(str(Path("pets", "cat", "x.png")))
    folder(place / "nowhere", {"": 1})
    (place / "nowhere" / "000.png").rename(place / "nowhere" / "x.png")
    assert not load("pets").broken, "where the link leads is part of the fingerprint"


def test_classes_that_are_links_are_read_and_a_circle_of_links_ends(place: Path) -> None:
    folder(place / "pets", {"cat": 4, "dog": 4})
    folder(place.parent / "elsewhere", {"owl": 4})
    (place / "pets" / "owl").symlink_to(place.parent / "elsewhere" / "owl")
    (place / "pets" / "dog" / "again").symlink_to(place / "pets")
    data = load("pets")
    assert data.classes == ("cat", "dog", "owl")
    assert len(data.train_labels) + len(data.test_labels) == 12


def test_jpegs_as_a_browser_saves_them_are_read(place: Path) -> None:
    folder(place / "pets", {"cat": 4, "dog": 4})
    (place / "pets" / "owl").mkdir()
    for number in range(4):
        (place / "pets" / "owl" / f"{number}.jfif").write_bytes(encoded((number, 9, 9), kind="JPEG"))
    assert load("pets").classes == ("cat", "dog", "owl")


def test_a_named_pipe_is_not_waited_for(place: Path) -> None:
    folder(place / "pets", {"cat": 4, "dog": 4})
    pipe(place / "pets" / "cat" / "x.png")
    assert len(load("pets").broken) == 1
    pipe(place / "one.parquet")
    (place / "two").mkdir()
    pipe(place / "two" / "train.parquet")
    for name in ("one.parquet", "two"):
        with pytest.raises(DatasetError, match="it holds no images"):
            load(name)


def test_a_data_set_whose_name_is_no_text_is_left_out(place: Path) -> None:
    folder(place / "pets", {"cat": 4, "dog": 4})
    made(place / raw(b"\xff\xfe"))
    assert datasets.own_datasets() == ("own:pets",)


def test_a_class_whose_name_is_no_text_is_read_as_latin_1(place: Path) -> None:
    folder(place / "seasons", {"hiver": 4})
    made(place / "seasons" / raw(b"\xe9t\xe9"))
    for number in range(4):
        (place / "seasons" / raw(b"\xe9t\xe9") / f"{number}.png").write_bytes(encoded((number, 1, 2)))
    (place / "seasons" / raw(b"\xe9t\xe9") / raw(b"\xe8.png")).write_bytes(b"")
    data = load("seasons")
    assert data.classes == ("hiver", "été")
    assert data.broken[0].startswith(str(Path("seasons", "été", "è.png")))


@pytest.mark.parametrize(
    "huggingface",
    [
        json.dumps({"info": {"features": {"label": {"names": 7}}}}),
        json.dumps({"info": {"features": {"label": {"names": {"a": 1}}}}}),
        json.dumps({"info": {"features": {"label": 3}}}),
        json.dumps({"info": {"features": []}}),
        json.dumps([1]),
        "[" * 100_000,
        json.dumps({"info": {"features": {"label": {"names": ["x" * 2**20, "y"]}}}}),
    ],
    ids=["a number", "a mapping", "no feature", "no features", "a list", "brackets", "endless"],
)
def test_metadata_that_describes_nothing_is_passed_over(place: Path, huggingface: str) -> None:
    described(place / "one.parquet", huggingface)
    assert load("one.parquet").classes == ("0", "1")


def test_a_name_that_is_half_a_character_can_be_shown(place: Path) -> None:
    described(place / "one.parquet", '{"info": {"features": {"label": {"names": ["\\ud83d", "b"]}}}}')
    assert load("one.parquet").classes == ("?", "b")


def test_a_damaged_parquet_file_of_any_kind_is_one_sentence(place: Path) -> None:
    described(place / "one.parquet", "{}")
    whole, said = (place / "one.parquet").read_bytes(), []
    for at in range(4, len(whole), 101):
        (place / "one.parquet").write_bytes(whole[:at] + b"\xff\xff\x00\x80" + whole[at + 4 :])
        try:
            load("one.parquet")
        except DatasetError as problem:
            said.append(str(problem))
    assert len(said) > 5
    assert all(sentence.startswith("one.parquet") and "\n" not in sentence for sentence in said)


def test_more_images_than_are_read_are_refused_before_any_is_decoded(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_decoding, "MOST_IMAGES", 9)
    monkeypatch.setattr(_decoding, "_open", lambda stored: pytest.fail("decoded"))
    table(place / "rows.parquet", structs(10), [0, 1] * 5)
    folder(place / "files", {"a": 5, "b": 5})
    for name in ("rows.parquet", "files"):
        with pytest.raises(DatasetError, match=f"{name} has 10 images, and up to 9 are read"):
            load(name)


def test_a_few_bytes_are_not_blown_up_to_gigabytes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_decoding, "MOST_BYTES", 1_000_000)
    one = {"bytes": encoded((1, 2, 3), (64, 64)), "path": None}
    table(place / "same.parquet", [one] * 5_000, [0, 1] * 2_500)
    assert (place / "same.parquet").stat().st_size < 20_000
    with pytest.raises(DatasetError, match=r"same.parquet takes more than 0.001 GB"):
        load("same.parquet")
    table(place / "fits.parquet", [one] * 80, [0, 1] * 40)
    assert len(load("fits.parquet").train_labels) == 64


def test_a_name_too_long_for_what_is_kept_costs_only_that(place: Path) -> None:
    name = "x" * 240
    folder(place / name, {"a": 4, "b": 4})
    for _ in range(2):
        datasets._loaded.cache_clear()
        assert load(name).classes == ("a", "b")
    assert len(list((place / ".cache").iterdir())) == 1, "it is kept under a shorter name"
