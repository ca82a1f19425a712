"""Addresses that ask for too much at once: thousands of names, one name twice, names that no database takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.errors import RunStoreError
from explorer.fields import several, slug, text
from explorer.jobs import RunStore
from explorer.training.presets import DIGITS
from explorer.ui.shell import state
from tests.pages.conftest import Here, Visit, live_figures, sound

NUL = "a\0b"


def test_ten_thousand_names_give_a_handful_of_notices(visit: Visit, service: Here) -> None:
    page = visit("runs", lang="en", pick=",".join(map(str, range(10_000))))
    assert 1 <= len(page.toast) <= 6
    page = visit("runs", lang="en", pick=",".join(map(str, range(500))))
    assert 1 <= len(page.toast) <= 6


def test_two_runs_of_one_depth_and_kind_and_one_of_them_twice(visit: Visit, service: Here) -> None:
    runs = service.store.submit([replace(DIGITS, seed=seed, steps=10, eval_every=5) for seed in (0, 1)])
    service.train_all()
    page = visit("degradation", lang="en", runs=".".join([runs[0].id, runs[1].id, runs[0].id]))
    assert len(page.get("progress")) == 2
    assert live_figures(page)


def test_a_link_stays_words(visit: Visit) -> None:
    page = visit("maps", lang="en", net="www.any.host")
    assert page.toast
    assert not [toast.value for toast in page.toast if "www.any" in toast.value or "http" in toast.value]


def test_a_name_that_no_database_takes_reaches_none(
    visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    known = RunStore.runs

    def runs(self: RunStore, *args: object, **kwargs: object) -> object:
        if NUL in str(args) + str(kwargs) or "\\x00" in repr((args, kwargs)):
            asked.append((args, kwargs))
            raise RunStoreError("The run store cannot do this.")
        return known(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(RunStore, "runs", runs)
    for name in ("degradation", "lenet", "augmentation"):
        page = sound(visit(name, lang="en", runs=NUL))
        assert page.toast
    assert not asked


@pytest.mark.parametrize("raw", ["\0", NUL, "a\ud800"])
def test_no_field_takes_it(raw: str) -> None:
    """Be it one that takes any words."""
    for field in (slug("a"), text("b"), several("c")):
        assert state._parsed(field, raw, None, field.default) == field.default
