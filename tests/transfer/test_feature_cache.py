"""Features on disk: found again as they were, never in part, never of something else; the oldest make room."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from explorer import paths
from explorer.transfer import feature_cache
from explorer.transfer.feature_cache import FeatureKey, StoredFeatures, digest_of

KEY = FeatureKey("w", "{}", "digits", "", "mean, std", "50", 4, 2)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    return tmp_path.resolve() / "features"


def features(seed: int = 0, rows: int = 4) -> StoredFeatures:
    generator = torch.Generator().manual_seed(seed)
    train, test = (tuple(torch.rand(n, d, generator=generator) for d in (3, 5)) for n in (rows, 2))
    return StoredFeatures(train, test, torch.arange(rows) % 2, torch.tensor([0, 1]), 1.5, 0.25, 1)


def same(a: StoredFeatures | None, b: StoredFeatures) -> bool:
    assert a is not None
    pairs = zip((*a.train, *a.test), (*b.train, *b.test), strict=True)
    plain = (a.train_seconds, a.test_seconds, a.threads) == (b.train_seconds, b.test_seconds, b.threads)
    labels = torch.equal(a.train_labels, b.train_labels) and torch.equal(a.test_labels, b.test_labels)
    return plain and labels and all(torch.equal(x, y) for x, y in pairs)


def test_what_was_written_is_read(folder: Path) -> None:
    assert feature_cache.read(KEY.name) is None
    assert not feature_cache.has(KEY.name)
    feature_cache.write(KEY.name, features())
    assert same(feature_cache.read(KEY.name), features())
    assert feature_cache.has(KEY.name)
    assert feature_cache.size() == (1, sum(path.stat().st_size for path in folder.iterdir()))


def test_whatever_the_numbers_depend_on_is_in_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = [
        replace(KEY, **{each.name: 9 if isinstance(getattr(KEY, each.name), int) else "other"}) for each in fields(KEY)
    ]
    names = {KEY.name, *(key.name for key in changed)}
    monkeypatch.setattr(feature_cache, "VERSION", feature_cache.VERSION + 1)
    names.add(KEY.name)
    assert len(names) == len(fields(KEY)) + 2


def test_weights_that_differ_anywhere_have_another_digest() -> None:
    state = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor(3)}
    others = [
        {**state, "a": torch.tensor([1.0, 2.0001])},
        {**state, "a": torch.tensor([[1.0, 2.0]])},
        {"a": state["a"]},
        {"a": state["a"], "c": state["b"]},
    ]
    assert digest_of(dict(reversed(state.items()))) == digest_of(state)
    assert len({digest_of(each) for each in (state, *others)}) == 5


@pytest.mark.parametrize("place", [0, 7, 9, 200, -40, -1])
def test_a_file_in_which_one_bit_has_changed_is_deleted(folder: Path, place: int) -> None:
    feature_cache.write(KEY.name, features())
    (path,) = folder.iterdir()
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 4
    path.write_bytes(damaged)
    assert feature_cache.read(KEY.name) is None
    assert not list(folder.iterdir())


@pytest.mark.parametrize("kept", [0, 5, 100, -1])
def test_a_file_that_is_cut_short_is_deleted(folder: Path, kept: int) -> None:
    feature_cache.write(KEY.name, features())
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:kept])
    assert feature_cache.read(KEY.name) is None
    assert not list(folder.iterdir())


def test_a_file_under_another_name_is_stale(folder: Path) -> None:
    other = replace(KEY, weights="other").name
    feature_cache.write(KEY.name, features())
    (path,) = folder.iterdir()
    path.rename(path.with_stem(other))
    assert feature_cache.read(other) is None
    feature_cache.write(KEY.name, features(1))
    assert same(feature_cache.read(KEY.name), features(1))


def test_a_writer_that_fails_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    feature_cache.write(KEY.name, features())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="no space"):
            feature_cache.write(KEY.name, features(1))
    assert same(feature_cache.read(KEY.name), features())
    assert len(list(folder.iterdir())) == 1


def test_what_was_not_used_for_longest_makes_room(folder: Path) -> None:
    names = [replace(KEY, test=number).name for number in range(4)]
    for age, name in enumerate(names[:3]):
        feature_cache.write(name, features())
        os.utime(folder / f"{name}.safetensors", (1000 + age, 1000 + age))
    one = feature_cache.size()[1] // 3
    assert feature_cache.read(names[0]), "used now"
    feature_cache.write(names[3], features(), limit=3 * one + 10)
    assert [feature_cache.has(name) for name in names] == [True, False, True, True]
    feature_cache.write(names[1], features(), limit=1)
    assert [feature_cache.has(name) for name in names] == [False, True, False, False], "the newest stays"


def test_everything_can_be_deleted(folder: Path) -> None:
    feature_cache.clear()
    assert feature_cache.size() == (0, 0)
    feature_cache.write(KEY.name, features())
    (folder / "a.1.part").write_bytes(b"left by a writer that was killed")
    feature_cache.clear()
    assert not list(folder.iterdir())
    assert paths.features_directory() == folder
