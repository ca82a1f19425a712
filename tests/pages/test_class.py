"""Pages of a server that a class shares: every control that is reserved says so, and pressing it all the same fails.

Streamlit itself throws away what is sent for an idle button. So a button is drawn here while everybody may press it,
and pressed when that is over: then it is the call below that refuses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from explorer import datasets, fetching, models, rights, text
from explorer.errors import NotAllowed
from explorer.jobs.schema import runs, tasks
from explorer.rights import Lecturers, Visitor
from explorer.training.presets import DIGITS
from explorer.ui.cached.transfer import reusing
from explorer.ui.shell import session
from tests.pages.conftest import Here, Visit, sound, words

ROOT = Path(__file__).parents[2]
KEY = "gradient descent"

CONTROLS = [
    ("degradation", {}, "train", "degradation.train", {}),
    ("lenet", {"lenet-data": "digits28"}, "train", "lenet.train", {}),
    ("lenet", {"lenet-data": "mnist"}, "train", "lenet.train_bundled", {}),
    ("lenet", {"lenet-data": "mnist"}, "fetch", "fetch.dataset", {"title": "MNIST", "size": "12"}),
    ("augmentation", {"chain": "mirror"}, "train", "augmentation_training.train", {}),
    ("augmentation", {"chain": "mirror"}, "train", "augmentation_training.train_chain", {}),
    ("runs", {}, "train", "runs.again", {}),
    ("runs", {}, "train", "runs.again_seed", {}),
    ("runs", {}, "change", "runs.delete", {}),
    ("feeding", {}, "search", "feeding.start", {}),
    ("nonlinearities", {"view": "dying"}, "search", "nonlinearities.train", {}),
    ("transfer", {"transferview": "reused"}, "search", "transfer.compute", {}),
    ("units", {"unitview": "patches"}, "search", "units.patches_find", {}),
    ("units", {"unitview": "dream"}, "search", "units.dream_start", {}),
    ("units", {"unitview": "lesion"}, "search", "units.sweep_start", {}),
]


@pytest.fixture(autouse=True)
def lecturers(monkeypatch: pytest.MonkeyPatch) -> Lecturers:
    """A key, and nobody who has typed it."""
    known = Lecturers(lambda: KEY)
    monkeypatch.setattr(rights, "lecturers", known)
    monkeypatch.setattr(session, "lecturers", known)
    monkeypatch.setattr("explorer.ui.shell.visitors.lecturer.lecturers", known)
    return known


@pytest.fixture(autouse=True)
def _nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def never(*args: object) -> None:
        raise AssertionError("fetched")

    monkeypatch.setattr(fetching, "_downloads", {})
    monkeypatch.setattr(datasets, "fetch", never)
    monkeypatch.setattr(models, "fetch", never)
    yield
    assert not fetching._downloads


def in_store(service: Here) -> int:
    """How many runs and tasks there are."""
    with service.store.database.reading() as connection:
        return sum(connection.execute(select(func.count()).select_from(each)).scalar_one() for each in (runs, tasks))


def said(page: AppTest) -> list[str]:
    """What is said once, in a corner."""
    return [toast.value for toast in page.toast]


@pytest.mark.parametrize(("slug", "address", "action", "label", "values"), CONTROLS)
def test_who_may_only_watch_is_told_why_and_refused(
    visit: Visit,
    service: Here,
    monkeypatch: pytest.MonkeyPatch,
    slug: str,
    address: dict[str, str],
    action: str,
    label: str,
    values: dict[str, str],
) -> None:
    page = visit(slug, lang="en", **address)
    assert text.say("en", f"rights.{action}") not in words(page)

    def button() -> Button:
        (found,) = (each for each in page.button if each.label == text.say("en", label, **values))
        return found

    assert not button().disabled
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "watch")
    sound(button().click().run())
    assert in_store(service) == 0
    assert button().disabled
    assert text.say("en", f"rights.{action}") in words(page)
    if action != "change":
        assert said(page) == [text.say("en", f"rights.{action}")]


@pytest.mark.parametrize("kind", ["upload", "webcam"])
def test_who_may_only_watch_finds_no_uploader(visit: Visit, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    assert visit("maps", lang="en", pic=kind).get("file_uploader" if kind == "upload" else "camera_input")
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "watch")
    page = visit("maps", lang="en", pic=kind)
    assert not [*page.get("file_uploader"), *page.get("camera_input")]
    assert text.say("en", "rights.upload") in words(page)


def test_who_trains_fetches_and_clears_nothing(visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "train")
    page = visit("lenet", **{"lang": "en", "lenet-data": "mnist"})
    assert text.say("en", "rights.fetch") in words(page)
    with pytest.raises(NotAllowed):
        fetching.start("mnist", lambda progress: None, 1, Path(), Visitor("a student"))
    page = visit("transfer", lang="zh", transferview="reused")
    assert text.say("zh", "rights.clear") in words(page)
    assert page.button(key="transfer-clear").disabled
    with pytest.raises(NotAllowed):
        reusing.clear()
    page = visit("degradation", lang="en")
    (train,) = (each for each in page.button if each.label == text.say("en", "degradation.train"))
    sound(train.click().run())
    assert in_store(service) == 4


def test_who_asks_for_too_many_runs_is_told_how_many_there_may_be(
    visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_LIMITS", "runs=3")
    page = visit("degradation", lang="en")
    (train,) = (each for each in page.button if each.label == text.say("en", "degradation.train"))
    sound(train.click().run())
    assert said(page) == [text.say("en", "rights.your_runs", new=4, most=3)]
    assert in_store(service) == 0


def test_the_lecturer_types_the_key_once_and_may_everything(
    visit: Visit, service: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVNET_ATLAS_CLASS", "watch")
    (run,) = service.store.submit([DIGITS], visitor=Visitor("a student", leads=True))
    page = visit("runs", lang="en", pick=run.id)
    assert "runs-stop" not in {button.key for button in page.button}
    sound(page.text_input(key="lecturer-key").set_value("gradient ascent").run())
    assert text.say("en", "rights.wrong") in words(page)
    sound(page.text_input(key="lecturer-key").set_value(KEY).run())
    assert text.say("en", "rights.leads") in words(page)
    sound(page.button(key="runs-stop").click().run())
    assert service.store.run(run.id).state == "stopped"
    assert "runs-stop" not in {button.key for button in visit("runs", lang="en", pick=run.id).button}, "another browser"
    sound(page.button(key="lecturer-leave").click().run())
    assert page.button(key="runs-delete").disabled
    assert page.text_input(key="lecturer-key").value == "", "the key itself is not kept"


def test_a_server_without_a_key_has_no_place_to_type_one(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.ui.shell.visitors.lecturer.lecturers", Lecturers(lambda: ""))
    assert "lecturer-key" not in {each.key for each in visit("runs", lang="en").text_input}


def test_wrong_keys_are_counted(visit: Visit, lecturers: Lecturers) -> None:
    page = visit("runs", lang="en")
    for guess in range(5):
        sound(page.text_input(key="lecturer-key").set_value(f"guess {guess}").run())
    sound(page.text_input(key="lecturer-key").set_value(KEY).run())
    assert said(page) == [text.say("en", "rights.guesses", minutes=10)]


def test_every_call_of_a_page_that_changes_something_says_who_asks() -> None:
    """Left out, it would be taken for the machine's own: the command line is no visitor."""
    changing, asking = {"start", "stop", "resume", "delete", "order", "stop_tasks"}, "session.visitor()"
    calls = []
    for path in (ROOT / "explorer" / "ui").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "MACHINE" not in source
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            receiver = ast.unparse(node.func.value)
            if (node.func.attr in changing and "service" in receiver) or ast.unparse(node.func) == "fetching.start":
                calls.append(ast.unparse(node))
    assert len(calls) >= 7
    assert not [call for call in calls if asking not in call]
