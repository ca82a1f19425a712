"""The user's own data: every layout, everything that can be wrong with it, and the cache beside it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch

from explorer import datasets
from explorer.datasets import ImageData, Note, _decoding
from explorer.errors import DatasetError, UnknownEntry
from tests.datasets.making import encoded, folder, structs, table


def load(name: str) -> ImageData:
    return datasets.load(f"own:{name}")


# --- layouts ----------------------------------------------------------------------------------------------------------


def test_what_lies_there_is_listed_and_nothing_else(place: Path) -> None:
    for name in ("pets", ".hidden", "torchvision"):
        (place / name).mkdir()
    for name in ("b.parquet", "notes.txt", ".c.parquet"):
        (place / name).touch()
    assert datasets.own_datasets() == ("own:b.parquet", "own:pets")
    assert datasets.available("own:pets")
    assert not datasets.available("own:cats")


@pytest.mark.parametrize("slug", ["own:nothing", "own:../secret", "own:", "own:torchvision", "own:.cache"])
def test_a_slug_names_nothing_outside_the_list(place: Path, slug: str) -> None:
    folder(place.parent / "secret", {"a": 3, "b": 3})
    folder(place / "pets", {"a": 3, "b": 3})
    for ask in (datasets.load, datasets.dataset):
        with pytest.raises(UnknownEntry, match=r"own:pets|Did you mean"):
            ask(slug)
    assert not datasets.available(slug)


def test_class_folders_are_split_four_to_one(place: Path) -> None:
    folder(place / "pets", {"dog": 30, "cat": 20})
    data = load("pets")
    assert data.classes == ("cat", "dog")
    assert data.shape == (3, 10, 10)
    assert (len(data.train_labels), len(data.test_labels)) == (40, 10)
    assert not data.broken
    images, labels = torch.cat([data.train_images, data.test_images]), torch.cat([data.train_labels, data.test_labels])
    seen = sorted(zip(labels.tolist(), images[:, 0, 5, 5].tolist(), strict=True))
    assert seen == [(0, i) for i in range(20)] + [(1, i) for i in range(30)]
    assert (images[:, 1, 0, 0] == 10 * (labels == 0)).all(), "each image has its own label"


def test_train_and_test_folders_are_kept_apart(place: Path) -> None:
    folder(place / "pets" / "train", {"cat": 4, "dog": 5})
    folder(place / "pets" / "test", {"cat": 2, "dog": 1})
    data = load("pets")
    assert data.train_labels.tolist() == [0] * 4 + [1] * 5
    assert data.test_labels.tolist() == [0, 0, 1]
    assert data.train_images[:4, 0, 0, 0].tolist() == [0, 1, 2, 3]


def test_parquet_with_hugging_face_names(place: Path) -> None:
    names = ["ant", "bee", "cow"]
    table(place / "bugs" / "train.parquet", structs(6), [2, 0, 1, 1, 0, 2], names=names)
    table(place / "bugs" / "test.parquet", structs(2, 50), [1, 2], names=names)
    data = load("bugs")
    assert data.classes == ("ant", "bee", "cow")
    assert data.train_labels.tolist() == [2, 0, 1, 1, 0, 2]
    assert data.train_images[:, 0, 0, 0].tolist() == list(range(6))
    assert data.test_images[:, 0, 0, 0].tolist() == [50, 51]


def test_parquet_in_shards_is_read_in_order(place: Path) -> None:
    for shard in range(2):
        table(
            place / "bugs" / f"train-0000{shard}-of-00002.parquet", structs(3, 10 * shard), [0, 1, 0], names=["a", "b"]
        )
    table(place / "bugs" / "validation-00000-of-00001.parquet", structs(1), [1], names=["a", "b"])
    data = load("bugs")
    assert data.train_images[:, 0, 0, 0].tolist() == [0, 1, 2, 10, 11, 12]
    assert len(data.test_labels) == 1


@pytest.mark.parametrize(
    ("column", "labels", "classes"),
    [
        ("label", ["red", "blue"] * 5, ("blue", "red")),
        ("labels", [10, 2] * 5, ("2", "10")),
        ("fine_label", [7, 3] * 5, ("3", "7")),
        ("kind", [1, 0] * 5, ("0", "1")),
    ],
)
def test_one_parquet_file_with_plain_bytes_and_no_names(
    place: Path, column: str, labels: list[object], classes: tuple[str, ...]
) -> None:
    table(place / "one.parquet", [encoded((i, 0, 0)) for i in range(10)], labels, column)
    data = load("one.parquet")
    assert data.classes == classes
    assert (len(data.train_labels), len(data.test_labels)) == (8, 2)
    for image, label in zip(data.train_images, data.train_labels, strict=True):
        assert classes[int(label)] == str(labels[int(image[0, 0, 0])])


def test_an_own_set_is_described_like_any_other(place: Path) -> None:
    folder(place / "pets", {"cat": 5, "dog": 5})
    spec = datasets.dataset("own:pets")
    assert (spec.slug, spec.title, spec.classes, spec.shape) == ("own:pets", "pets", ("cat", "dog"), (3, 10, 10))
    assert (spec.train, spec.test, spec.bundled, spec.fetch) == (8, 2, False, None)
    assert spec.load() is load("pets")


# --- what can be wrong ------------------------------------------------------------------------------------------------


def test_broken_files_are_named_and_the_others_are_there(place: Path) -> None:
    folder(place / "pets", {"cat": 10, "dog": 10})
    whole = (place / "pets" / "cat" / "003.png").read_bytes()
    (place / "pets" / "cat" / "003.png").write_bytes(whole[: len(whole) // 2])
    (place / "pets" / "dog" / "000.png").write_bytes(b"")
    (place / "pets" / "dog" / "readme.txt").write_text("not an image, and not meant to be one")
    data = load("pets")
    assert len(data.train_labels) + len(data.test_labels) == 18
    assert len(data.broken) == 2
    assert data.broken[0].startswith(str(Path("pets", "cat", "003.png")))
    assert data.broken[1].startswith(str(Path("pets", "dog", "000.png")))


def test_broken_rows_are_named(place: Path) -> None:
    images = [*structs(9), {"bytes": b"junk", "path": None}, {"bytes": None, "path": "x.png"}, *structs(1)]
    table(place / "one.parquet", images, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, None])
    data = load("one.parquet")
    assert [line.split(":")[0] for line in data.broken] == [f"one.parquet row {row}" for row in (9, 10)]
    assert data.broken[1].endswith("no image")
    assert Note.of("unlabelled", folder="one.parquet", count=1) in data.notes
    assert Note.of("broken", count=2, first=data.broken[0]) in data.notes


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda p: p.mkdir(), "holds no images"),
        (lambda p: folder(p, {"cat": 5}), "one class only, 'cat'"),
        (lambda p: table(p / "train.parquet", [b"x", b"y"], [0, 1]), "none of 2 images could be read"),
        (lambda p: table(p / "train.parquet", structs(2), [0, 5], names=["a", "b"]), "has the label 5"),
        (lambda p: p.mkdir() or (p / "train.parquet").write_bytes(b"PAR1"), "cannot be read as Parquet"),
        (
            lambda p: table(p / "train.parquet", ["text", "text"], [0, 1]),
            "needs a column of encoded images.*img, label",
        ),
        (lambda p: table(p / "train.parquet", structs(2), [0.5, 1.5]), "column label holds what names no classes"),
    ],
    ids=[
        "empty",
        "one class",
        "unreadable",
        "strange label",
        "not Parquet",
        "no images",
        "not labels",
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(place: Path, build: object, message: str) -> None:
    build(place / "mine")  # type: ignore[operator]
    with pytest.raises(DatasetError, match=message):
        load("mine")


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_the_second_load_decodes_nothing_and_is_the_same(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(place / "pets", {"cat": 5, "dog": 6})
    (place / "pets" / "cat" / "x.png").write_bytes(b"")
    first = load("pets")
    datasets._loaded.cache_clear()
    monkeypatch.setattr(_decoding, "_square", None)
    again = load("pets")
    assert again is not first
    assert torch.equal(again.train_images, first.train_images)
    assert torch.equal(again.test_labels, first.test_labels)
    assert (again.classes, again.broken) == (first.classes, first.broken)


def test_a_changed_folder_is_read_again_and_the_old_copy_goes(place: Path) -> None:
    folder(place / "pets", {"cat": 5, "dog": 5})
    folder(place / "pets-2", {"cat": 5, "dog": 5})
    assert len(load("pets").train_labels) == 8
    load("pets-2")
    (place / "pets" / "dog" / "more.png").write_bytes(encoded((1, 1, 1)))
    assert len(load("pets").train_labels) == 9
    assert sorted(path.name.rsplit("-", 1)[0] for path in (place / ".cache").iterdir()) == ["pets", "pets-2"]


def test_a_damaged_copy_is_made_again(place: Path) -> None:
    folder(place / "pets", {"cat": 5, "dog": 5})
    load("pets")
    (kept,) = (place / ".cache").iterdir()
    for damage in (b"", b"junk", kept.read_bytes()[:-500]):
        kept.write_bytes(damage)
        datasets._loaded.cache_clear()
        assert len(load("pets").train_labels) == 8
    assert kept.stat().st_size > 1000


def test_a_place_that_cannot_be_written_costs_only_the_copy(place: Path) -> None:
    folder(place / "pets", {"cat": 5, "dog": 5})
    (place / ".cache").write_text("a file where the folder should be")
    assert len(load("pets").train_labels) == 8


def test_thousands_of_rows_are_decoded_quickly(place: Path) -> None:
    body = {"bytes": encoded((5, 6, 7), size=(32, 32), kind="JPEG"), "path": None}
    table(place / "many.parquet", [body] * 3000, [0, 1] * 1500)
    begun = time.process_time()
    load("many.parquet")
    assert time.process_time() - begun < 6
