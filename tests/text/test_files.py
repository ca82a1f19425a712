"""The files of strings: the same in both languages, short, and every key in one file only."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from explorer import text
from explorer.errors import CatalogueError
from explorer.ui.shell.navigation import SECTIONS

LONGEST = {"pages": 130, "quiz": 60, "terms": 130, "": 200}
PAGES = {page.slug for pages in SECTIONS.values() for page in pages}


def files(lang: str) -> dict[str, Path]:
    """The files of strings by their place in the folder of a language."""
    home = text._HERE / lang
    return {path.relative_to(home).as_posix(): path for path in sorted(home.rglob("*.toml"))}


NAMES = list(files("en"))


def keys(lang: str, name: str) -> list[str]:
    """The dotted keys of a file, in order."""
    return [key for key, _ in text._flat(tomllib.loads(files(lang)[name].read_text(encoding="utf-8")))]


def test_both_languages_have_the_same_files() -> None:
    assert list(files("zh")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_keys_in_the_same_order(name: str) -> None:
    assert keys("en", name) == keys("zh", name)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_short(name: str) -> None:
    folder = name.rpartition("/")[0]
    for lang in text.LANGUAGES:
        assert len(files(lang)[name].read_text(encoding="utf-8").splitlines()) <= LONGEST[folder]


def test_every_page_has_its_file_with_its_name_and_its_question() -> None:
    assert {Path(name).stem for name in NAMES if name.startswith("pages/")} == PAGES
    for slug in PAGES:
        assert {f"nav.{slug}", f"{slug}.question"} <= set(keys("en", f"pages/{slug}.toml"))


def test_a_key_in_two_files_is_refused_with_both(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "common.toml").write_text('[control]\nseed = "Seed"\n', encoding="utf-8")
    (tmp_path / "pages" / "runs.toml").write_text('[control]\nlog = "Log"\n', encoding="utf-8")
    assert text._merged(tmp_path) == {"control.seed": "Seed", "control.log": "Log"}
    (tmp_path / "pages" / "lenet.toml").write_text('[control]\nseed = "Seed"\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"'control\.seed' .*: common\.toml and pages/lenet\.toml"):
        text._merged(tmp_path)
