"""The lecturer's key: who is known, for how long, and how often it may be guessed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.errors import NotAllowed
from explorer.rights import Lecturers

KEY = "Gradient 20:15"


class Clock:
    """Seconds that pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lecturers(clock: Clock) -> Lecturers:
    return Lecturers(lambda: KEY, clock)


def test_who_types_the_key_is_known_for_a_day_and_no_one_else(lecturers: Lecturers, clock: Clock) -> None:
    assert not lecturers.knows("mine")
    assert not lecturers.enter("mine", "Gradient 20:16")
    assert lecturers.enter("mine", f" {KEY}\n")
    assert lecturers.knows("mine")
    assert not lecturers.knows("theirs")
    assert not lecturers.knows("")
    clock.now += 12 * 3600 - 1
    assert lecturers.knows("mine")
    clock.now += 1
    assert not lecturers.knows("mine")


def test_who_leaves_is_a_visitor_again(lecturers: Lecturers) -> None:
    lecturers.enter("mine", KEY)
    lecturers.enter("theirs", KEY)
    lecturers.leave("mine")
    assert (lecturers.knows("mine"), lecturers.knows("theirs")) == (False, True)


def test_a_visitor_guesses_five_times_in_ten_minutes(lecturers: Lecturers, clock: Clock) -> None:
    assert not any(lecturers.enter("mine", f"guess {i}") for i in range(5))
    for typed in ("guess", KEY):
        with pytest.raises(NotAllowed) as refused:
            lecturers.enter("mine", typed)
        assert (refused.value.reason, refused.value.values) == ("guesses", {"minutes": 10})
    assert lecturers.enter("theirs", KEY), "another one is not kept out"
    clock.now += 600
    assert lecturers.enter("mine", KEY)


def test_new_browsers_do_not_give_more_guesses_than_sixty(lecturers: Lecturers) -> None:
    lecturers.enter("known before", KEY)
    assert not any(lecturers.enter(f"browser {i}", "guess") for i in range(60))
    with pytest.raises(NotAllowed):
        lecturers.enter("browser 60", KEY)
    assert lecturers.knows("known before")


def test_without_a_key_nobody_is_the_lecturer() -> None:
    nobody = Lecturers(lambda: "")
    assert not nobody.has_key()
    assert not nobody.enter("mine", "")
    assert not nobody.knows("mine")


def test_a_browser_without_a_secret_is_not_known(lecturers: Lecturers) -> None:
    assert not lecturers.enter("", KEY)
    assert not lecturers.knows("")


@pytest.mark.parametrize("written", ["a key of its own", "a key of its own  \nand a second line\n"])
def test_the_key_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str) -> None:
    (tmp_path / "key").write_text(written)
    monkeypatch.setenv("CONVNET_ATLAS_LECTURER_KEY_FILE", str(tmp_path / "key"))
    assert Lecturers().enter("mine", "a key of its own")
