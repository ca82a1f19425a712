"""A data directory that cannot be made, a store that is away or full: every page says it in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.errors import RunStoreAway
from explorer.jobs import RunService, RunStore
from explorer.jobs.lease import Lease
from explorer.jobs.schema import weights
from explorer.records import TrainingRun
from explorer.training.presets import LENET
from explorer.ui.cached import own_sets, runs as ui_runs
from explorer.ui.shell.navigation import SECTIONS
from explorer.ui.shell.visitors import permission
from tests.pages.conftest import Here, knock

PAGES = [spec.slug for specs in SECTIONS.values() for spec in specs]
TRAINING = ("runs", "lenet", "degradation")


def fallen(page: AppTest) -> list[str]:
    """The sentences of pages that could not go on."""
    assert not page.exception, [error.message for error in page.exception]
    return [error.value for error in page.error if error.icon == ":material/report:"]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A data directory that nobody can make: a file is in its way."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path / "file" / "data"))
    ui_runs.service.clear()
    own_sets._opened.clear()
    return str(tmp_path / "file" / "data")


@pytest.mark.parametrize("slug", PAGES)
def test_without_a_data_directory_a_page_says_so_or_needs_none(nowhere: str, slug: str) -> None:
    said = fallen(knock(slug, lang="en"))
    sentence = text.say("en", "store.folder", path="PATH", cause="Not a directory").partition("PATH")
    assert all(sentence[0] in each and sentence[2] in each for each in said), said
    if slug in TRAINING:
        assert said, "there is nowhere to train"


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("reason", ["away", "full"])
@pytest.mark.parametrize("slug", TRAINING)
def test_a_store_that_is_away_is_a_sentence_and_comes_back(
    service: Here, monkeypatch: pytest.MonkeyPatch, slug: str, reason: str, lang: str
) -> None:
    def away(*arguments: object, **more: object) -> tuple[TrainingRun, ...]:
        raise RunStoreAway("The run store does not answer.", reason, cause="gone fishing")

    group = service.store.submit([LENET])[0].group
    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "runs", away)
        (said,) = fallen(knock(slug, lang=lang, runs=group, source="live"))
    assert text.say(lang, f"store.{reason}", cause="gone fishing") in said
    assert not fallen(knock(slug, lang=lang, runs=group, source="live"))


def test_what_a_button_cannot_do_is_said_and_the_page_stays(service: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **more: object) -> None:
        raise RunStoreAway("The run store does not answer.", "full", cause="disk is full")

    service.store.submit([LENET])
    page = knock("runs", lang="en")
    monkeypatch.setattr(RunService, "stop", full)
    page.button(key="runs-stop").click().run()
    assert not fallen(page)
    assert text.say("en", "store.full") in [toast.value for toast in page.toast]
    assert page.button(key="runs-stop")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_damaged_weights_are_said_where_one_looks_inside(service: Here, lang: str) -> None:
    (run,) = service.store.submit([LENET])
    lease = Lease(service.store)
    assert lease.acquire()
    lease.claim()
    lease.finish(run.id, "finished", weights_blob=bytes(1000))
    with service.store.database.writing() as connection:
        connection.execute(weights.update().values(blob=bytes(999) + b"x"))
    page = knock("maps", lang=lang, net="lenet5", weights=f"run:{run.id}")
    shown = [element.value for element in (*page.warning, *page.error)]
    assert not page.exception
    assert any(text.say(lang, "store.damaged", size="1,000") in each for each in shown), shown


def test_only_what_was_raised_on_purpose_is_taken_for_a_sentence() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        permission.told(broken)()
