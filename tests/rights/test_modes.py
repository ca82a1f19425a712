"""What visitors and the lecturer may do in each mode, and settings that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer import rights
from explorer.errors import BadSetting, NotAllowed
from explorer.rights import MACHINE, Visitor

STUDENT, LECTURER = Visitor("a browser"), Visitor("another browser", leads=True)


@pytest.mark.parametrize(
    ("mode", "allowed"),
    [
        ("", set(rights.ACTIONS)),
        ("full", set(rights.ACTIONS)),
        ("train", {"train", "search", "change", "upload"}),
        ("watch", set()),
        (" Watch ", set()),
    ],
)
def test_what_a_visitor_may(monkeypatch: pytest.MonkeyPatch, mode: str, allowed: set[str]) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", mode)
    assert {action for action in rights.ACTIONS if rights.may(STUDENT, action)} == allowed
    for action in rights.ACTIONS:
        rights.check(LECTURER, action)
        rights.check(MACHINE, action)
        if action not in allowed:
            with pytest.raises(NotAllowed) as refused:
                rights.check(STUDENT, action)
            assert refused.value.reason == action


def test_a_slip_of_the_pen_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "wacht")
    with pytest.raises(BadSetting, match="full, train, watch"):
        rights.may(STUDENT, "train")
    with pytest.raises(BadSetting):
        rights.check_settings()


def test_a_class_has_lower_limits_and_each_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = rights.limits()
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "train")
    together = rights.limits()
    assert together.runs < alone.runs
    assert together.upload_mb < alone.upload_mb
    assert 30 * together.runs <= together.all_runs, "thirty visitors get what is promised to each"
    monkeypatch.setenv("CONVNET_ATLAS_LIMITS", "runs=2, fetch_gb=1")
    changed = rights.limits()
    assert (changed.runs, changed.fetch_gb, changed.tasks) == (2, 1, together.tasks)


@pytest.mark.parametrize("given", ["runs", "runs=", "runs=-1", "runs=many", "seats=3", "runs=²"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_LIMITS", given)
    with pytest.raises(BadSetting, match="NAME=NUMBER"):
        rights.check_settings()


def test_a_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_LECTURER_KEY", "short")
    with pytest.raises(BadSetting, match="8 characters"):
        rights.check_settings()
    monkeypatch.setenv("CONVNET_ATLAS_LECTURER_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(BadSetting, match="cannot be read"):
        rights.check_settings()
    (tmp_path / "empty").touch()
    monkeypatch.setenv("CONVNET_ATLAS_LECTURER_KEY_FILE", str(tmp_path / "empty"))
    with pytest.raises(BadSetting, match="first line"):
        rights.check_settings()
