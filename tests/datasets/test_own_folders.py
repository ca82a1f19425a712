"""Folders of images: parts in any usual spelling, the level that holds the classes, and what was left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from explorer import datasets
from explorer.datasets import ImageData
from explorer.datasets._splits import TEST, TRAIN, VALIDATION, split_of
from explorer.errors import DatasetError
from tests.datasets.making import encoded, folder

SPELLINGS = {
    TRAIN: ("train", "Training", "TRAIN", "training_set", "seg_train", "trn", "train_images", "TrainSet", "traindata"),
    TEST: ("test", "Testing", "TEST", "test_set", "seg_test", "tst", "test_images", "TestSet", "test1"),
    VALIDATION: ("val", "Validation", "VALID", "validation_set", "dev", "val2017", "valid-images", "ValSet", "eval"),
}
PAIRS = [
    *zip(SPELLINGS[TRAIN], SPELLINGS[TEST], strict=True),
    *zip(SPELLINGS[TRAIN], SPELLINGS[VALIDATION], strict=True),
]
COUNTS = {"owl": 3, "newt": 5}


def load(name: str) -> ImageData:
    return datasets.load(f"own:{name}")


def counts(data: ImageData) -> tuple[tuple[str, ...], int, int]:
    return data.classes, len(data.train_labels), len(data.test_labels)


def noted(data: ImageData) -> dict[str, dict[str, str | int]]:
    return {note.reason: dict(note.values) for note in data.notes}


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("train", "test"), PAIRS)
@pytest.mark.parametrize("wrapped", ["{part}", "images/{part}", "{part}/{part}", "{part}/images"])
def test_parts_in_any_spelling_and_as_deep(place: Path, train: str, test: str, wrapped: str) -> None:
    folder(place / "mine" / wrapped.format(part=train), COUNTS)
    folder(place / "mine" / wrapped.format(part=test), {"owl": 2, "newt": 1})
    data = load("mine")
    assert counts(data) == (("newt", "owl"), 8, 3)
    assert data.train_labels.tolist() == [0] * 5 + [1] * 3
    assert ("validation_tests" in noted(data)) == (test in SPELLINGS[VALIDATION])


@pytest.mark.parametrize("name", sum(SPELLINGS.values(), ()))
@given(before=st.sampled_from(["", "my_", "seg-", "2019 ", "Data."]), after=st.sampled_from(["", "_v2", " 01", "-set"]))
def test_what_a_name_says_does_not_depend_on_what_is_around(name: str, before: str, after: str) -> None:
    expected = next(part for part, names in SPELLINGS.items() if name in names)
    assert split_of(f"{before}{name}{after}") == expected


@pytest.mark.parametrize("name", ["trainer", "testudo", "valley", "contest", "device", "steam train test", "tree", ""])
def test_other_words_are_no_parts(name: str) -> None:
    assert split_of(name) == ""


@pytest.mark.parametrize("deep", ["", "nested"])
def test_of_three_parts_validation_is_left_aside_and_counted(place: Path, deep: str) -> None:
    root = place / "three" / deep
    for part, count in (("Train", 4), ("valid", 3), ("Test", 2)):
        folder(root / part, {"a": count, "b": count})
    data = load("three")
    assert counts(data) == (("a", "b"), 8, 4)
    assert noted(data) == {"validation_aside": {"count": 6}}


def test_a_part_without_classes_is_left_aside_and_counted(place: Path) -> None:
    folder(place / "intel" / "seg_train" / "seg_train", COUNTS)
    folder(place / "intel" / "seg_test" / "seg_test", COUNTS)
    folder(place / "intel" / "seg_pred", {"seg_pred": 7})
    data = load("intel")
    assert counts(data) == (("newt", "owl"), 8, 8)
    assert noted(data)["aside"]["count"] == 7
    folder(place / "kaggle" / "train", COUNTS)
    folder(place / "kaggle", {"test1": 6})
    data = load("kaggle")
    assert sum(counts(data)[1:]) == 8
    assert noted(data)["aside"] == {"folder": "test1", "count": 6}


def test_parts_below_the_classes(place: Path) -> None:
    for name in COUNTS:
        folder(place / "afhq" / name, {"train": 4, "val": 2, "test": 1})
    data = load("afhq")
    assert counts(data) == (("newt", "owl"), 8, 2)
    assert noted(data)["validation_aside"] == {"count": 4}


def test_a_train_may_be_a_vehicle(place: Path) -> None:
    folder(place / "ways", {"train": 4, "car": 4, "ship": 2})
    assert load("ways").classes == ("car", "ship", "train")
    folder(place / "forms", {"valid": 4, "invalid": 4})
    assert load("forms").classes == ("invalid", "valid")


def test_a_class_may_be_missing_in_a_part_and_is_named(place: Path) -> None:
    folder(place / "mine" / "train", {"a": 4, "b": 4, "c": 4})
    folder(place / "mine" / "test", {"b": 2})
    data = load("mine")
    assert counts(data) == (("a", "b", "c"), 12, 2)
    assert data.test_labels.tolist() == [1, 1]
    assert noted(data) == {"untested": {"count": 2, "classes": "a, c"}}
    folder(place / "more" / "train", {"a": 4, "b": 4})
    folder(place / "more" / "test", {"a": 2, "z": 2})
    assert noted(load("more")) == {
        "untrained": {"count": 1, "classes": "z"},
        "untested": {"count": 1, "classes": "b"},
    }


def test_a_test_folder_beside_the_classes_they_share(place: Path) -> None:
    folder(place / "mine", COUNTS)
    folder(place / "mine" / "holdout_test", {"owl": 2, "newt": 2})
    assert counts(load("mine")) == (("newt", "owl"), 8, 4)


# --- what cannot be told ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "reason", "said"),
    [
        (lambda p: folder(p, {"": 6}), "flat", "6 images in mine"),
        (lambda p: folder(p, {"train": 6, "test": 4}), "flat", "6 images in train"),
        (lambda p: folder(p, {"all": 5, "all/cat": 3, "all/dog": 3}), "mixed", "5 images lie beside .*cat, dog"),
        (lambda p: folder(p, {"cat": 3, "dog": 3, "test": 4}), "test_beside", "test may be a class.*cat, dog"),
        (lambda p: [folder(p / f, {"a": 2, "b": 2}) for f in ("test", "val")], "test_beside", "test, val may be"),
        (
            lambda p: [folder(p / f / part, {"a": 2, "b": 2}) for f in ("one", "two") for part in ("train", "test")],
            "several",
            "each of one, two",
        ),
        (lambda p: folder(p / "train", {"cat": 3}), "one_class", "cat"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_was_found(place: Path, build: object, reason: str, said: str) -> None:
    build(place / "mine")  # type: ignore[operator]
    with pytest.raises(DatasetError, match=said) as raised:
        load("mine")
    assert raised.value.reason == reason


def test_a_training_folder_settles_what_its_folders_are(place: Path) -> None:
    folder(place / "mine" / "train", {"cat": 5, "test": 5})
    assert load("mine").classes == ("cat", "test")


def test_images_beside_the_classes_are_counted(place: Path) -> None:
    folder(place / "mine", {"": 2, **COUNTS})
    data = load("mine")
    assert data.classes == ("newt", "owl")
    assert noted(data) == {"strays": {"folder": "mine", "count": 2}}


def test_folders_that_all_classes_share_are_named(place: Path) -> None:
    for batch in ("batch1", "batch2"):
        folder(place / "mine" / batch, COUNTS)
    data = load("mine")
    assert data.classes == ("batch1", "batch2")
    assert noted(data) == {"below": {"classes": "batch1, batch2", "folders": "newt, owl"}}


# --- what is not read -------------------------------------------------------------------------------------------------


def test_what_is_not_read_is_counted_by_its_suffix(place: Path) -> None:
    folder(place / "mine", COUNTS)
    (place / "mine" / "toad").mkdir()
    for number in range(7):
        (place / "mine" / "toad" / f"{number}.HEIC").write_bytes(b"heic")
    (place / "mine" / "owl" / "a.npy").write_bytes(b"npy")
    (place / "mine" / "owl" / "notes.txt").write_text("no image, and not meant to be one")
    (place / "mine" / "viper").symlink_to(place / "nowhere")
    data = load("mine")
    suffixes = [dict(note.values) for note in data.notes if note.reason == "suffix"]
    assert suffixes == [{"suffix": ".heic", "count": 7}, {"suffix": ".npy", "count": 1}]
    assert noted(data)["empty"] == {"count": 1, "folders": "toad"}
    assert noted(data)["dead"] == {"count": 1, "first": "viper"}


def test_a_folder_without_images_says_what_it_holds(place: Path) -> None:
    (place / "mine" / "data").mkdir(parents=True)
    for name in ("a.zip", "b.zip", "c.arrow"):
        (place / "mine" / "data" / name).write_bytes(b"x")
    with pytest.raises(DatasetError, match=r"no images, but 2 \.zip, 1 \.arrow"):
        load("mine")


def test_a_class_that_is_linked_twice_is_read_twice_and_circles_end(place: Path) -> None:
    folder(place.parent / "elsewhere", {"owl": 4})
    for part in ("train", "test"):
        folder(place / "mine" / part, {"newt": 4})
        (place / "mine" / part / "owl").symlink_to(place.parent / "elsewhere" / "owl")
    (place / "mine" / "train" / "newt" / "a").symlink_to(place / "mine" / "test")
    (place / "mine" / "test" / "newt" / "b").symlink_to(place / "mine" / "train")
    assert load("mine").classes == ("newt", "owl")


def test_accents_may_be_composed_or_not(place: Path) -> None:
    folder(place / "mine" / "train", {"e\u0301te\u0301": 4, "hiver": 4})
    folder(place / "mine" / "test", {"\u00e9t\u00e9": 2, "hiver": 2})
    data = load("mine")
    assert counts(data) == (("hiver", "\u00e9t\u00e9"), 8, 4)
    assert not data.notes


def test_deep_pixels_are_counted(place: Path) -> None:
    folder(place / "mine", {"a": 4}, mode="L", colour=9)
    (place / "mine" / "b").mkdir()
    for number, (mode, kind) in enumerate([("I;16", "PNG"), ("I;16", "TIFF"), ("I;16", "PPM"), ("F", "TIFF")]):
        suffix = {"PNG": "png", "TIFF": "tif", "PPM": "pgm"}[kind]
        (place / "mine" / "b" / f"{number}.{suffix}").write_bytes(encoded(256 * 77, mode=mode, kind=kind))
    data = load("mine")
    assert noted(data)["deep"] == {"count": 3}
    assert noted(data)["broken"]["count"] == 1
    assert "32 bits" in data.broken[0]


def test_what_is_said_of_a_file_does_not_name_its_place(place: Path) -> None:
    folder(place / "mine", COUNTS)
    (place / "mine" / "owl" / "x.png").write_bytes(b"no image")
    (place / "mine" / "owl" / "y.png").mkdir()
    (place / "bad.parquet").write_bytes(b"no table")
    data = load("mine")
    assert data.broken == (f"{Path('mine', 'owl', 'x.png')}: no image that can be read",)
    with pytest.raises(DatasetError) as raised:
        load("bad.parquet")
    assert str(place.parent) not in f"{raised.value} {data.broken}"


def test_what_is_no_data_set_is_named_with_what_would_help(place: Path) -> None:
    folder(place / "sound", COUNTS)
    for name in ("cats.zip", "more.tar.gz", "x.npz", "README.md", "cat.jpg"):
        (place / name).write_bytes(b"x")
    (place / "gone").symlink_to(place / "nowhere")
    if os.name == "posix":
        (place / os.fsdecode(b"\xff\xe9")).mkdir()
    found = [(problem.reason, problem.values["name"]) for problem in datasets.left_out()]
    expected = [("no_set", "cat.jpg"), ("packed", "cats.zip"), ("dead_link", "gone"), ("packed", "more.tar.gz")]
    assert found == [*expected, ("no_set", "x.npz"), *([("no_text", "\u00ff\u00e9")] if os.name == "posix" else [])]
    assert datasets.own_datasets() == ("own:sound",)


def test_one_bad_data_set_does_no_harm_to_the_others(place: Path) -> None:
    folder(place / "sound", COUNTS)
    folder(place / "flat", {"": 3})
    (place / "bad.parquet").write_bytes(b"PAR1PAR1")
    for name in ("flat", "bad.parquet"):
        with pytest.raises(DatasetError, match=name):
            load(name)
    assert load("sound").classes == ("newt", "owl")
