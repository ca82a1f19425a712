"""LeNet-5: the recorded run, a run from button to mistakes, data sets that are missing, a pad that is lied to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer import datasets, fetching, text
from explorer.datasets.fetched import FOLDER
from explorer.errors import BadImage, DatasetError
from explorer.training.presets import LENET
from explorer.ui.cached import models as cached_models, training as cached_training
from explorer.ui.components import pad as drawing_pad
from explorer.ui.parts.training import lenet
from explorer.weights import recorded
from tests.pages.conftest import Here, Visit, charts, group_of, sound, words

WEIGHTS = pytest.mark.skipif(not any(run.weights for run in recorded("lenet")), reason="no LeNet-5 ships yet")
DRAWN = bytes(255 if 10 <= i % 28 <= 13 and 4 <= i // 28 <= 23 else 0 for i in range(784))


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def press(page: AppTest, label: str) -> AppTest:
    return sound(next(button for button in page.button if button.label == label).click().run())


@WEIGHTS
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_recorded_run_is_judged_on_other_digits_where_mnist_is_missing(visit: Visit, lang: str) -> None:
    page = visit("lenet", lang=lang)
    assert charts(page) == 3  # loss, accuracy, confusion matrix
    shown = words(page)
    assert "python -m explorer.training lenet" in shown
    assert text.say(lang, "lenet.judged_foreign").split("{")[0] in shown
    assert text.say(lang, "pad.empty") in shown
    assert len(page.image) == 24
    assert all(image.alt for element in page.image for image in element.proto.imgs)


@WEIGHTS
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_verdict_on_the_recorded_run_is_its_last_epoch(visit: Visit, lang: str) -> None:
    """Means over the batches of that epoch, and the test set behind it."""
    run = next(run for run in recorded("lenet") if run.weights)
    every = run.config.eval_every
    last = [(before.step, each) for before, each in pairwise(run.points) if each.step > run.config.steps - every]
    loss = sum((each.step - before) * each.train_loss for before, each in last) / every
    right = sum((each.step - before) * each.train_accuracy for before, each in last) / every
    tested = run.points[-1].test_accuracy
    assert tested is not None
    said = {"loss": f"{loss:.4f}", "train": f"{100 * right:.2f}", "test": f"{100 * tested:.2f}"}
    assert said["train"] != said["test"], "the two would not be told apart"
    epoch = run.config.steps // every
    assert text.say(lang, "lenet.verdict_learns", epoch=epoch, **said) in words(visit("lenet", lang=lang))


@WEIGHTS
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_test_image_is_chosen_by_number_and_found_again_by_its_link(visit: Visit, lang: str) -> None:
    page = visit("lenet", lang=lang, pen="test", number="7")
    assert charts(page) == 4
    assert text.say(lang, "lenet.says").split("{")[0] in words(page)
    alts = [image.alt for element in page.image for image in element.proto.imgs]
    assert [stage for stage in ("C1", "S2", "C3", "S4") if any(alt.startswith(stage) for alt in alts)] == [
        "C1",
        "S2",
        "C3",
        "S4",
    ]


@WEIGHTS
@pytest.mark.parametrize("sent", [[1, 2], [256] * 784, ["x"] * 784, "drawing", [True] * 784, [float("nan")] * 784])
def test_a_pad_that_sends_something_else_is_answered_in_one_sentence(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, sent: Any
) -> None:
    with pytest.raises(BadImage):
        drawing_pad.read(sent)
    monkeypatch.setattr(drawing_pad, "_mount", lambda **kwargs: {"pixels": sent})
    page = visit("lenet")
    assert [element.value for element in page.warning] == [text.say("en", "pad.bad")]
    assert charts(page) == 3


def test_an_empty_pad_is_empty_and_a_drawing_is_its_bytes() -> None:
    assert drawing_pad.read(None) == drawing_pad.read([]) == drawing_pad.read([0] * 784) == b""
    assert drawing_pad.read(list(DRAWN)) == DRAWN


@WEIGHTS
def test_a_drawing_passes_through_the_network(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_pad, "_mount", lambda **kwargs: {"pixels": list(DRAWN)})
    page = visit("lenet", lang="en")
    assert charts(page) == 4
    assert "**The answer is 1**" in words(page)


def test_a_run_goes_from_the_button_to_its_mistakes(visit: Visit, service: Here) -> None:
    page = visit("lenet", lang="en", epochs="2", activation="relu", pooling="avg", pixels="standard")
    press(page, text.say("en", "lenet.train"))
    (run,) = service.store.runs(group=group_of(page))
    assert run.state == "queued"
    assert (run.config.dataset, run.config.steps, run.config.eval_every) == ("digits28", 22, 11)
    assert run.config.options == (("activation", "relu"), ("pooling", "avg"))
    assert text.say("en", "lenet.waiting") in words(page)
    assert text.say("en", "lenet.no_weights") in words(page)
    service.train_all()
    sound(page.run())
    for each in (page, visit("lenet", lang="zh", runs=run.group)):
        assert charts(each) == 3
        judged, _ = cached_training.evaluation(f"run:{run.id}", "digits28")
        assert judged.images == 360
        assert len(each.image) == min(judged.wrong, 24)
        assert f"{judged.wrong}" in words(each)


def test_the_epochs_of_a_run_are_behind_its_figures(visit: Visit, service: Here) -> None:
    small = replace(LENET, dataset="digits28", steps=22, **dict.fromkeys(("log_every", "eval_every"), 11))
    (run,) = service.store.submit([small])
    service.train_all()
    page = visit("lenet", lang="en", runs=run.group)
    page.session_state["details-live-accuracy"] = True  # opens it
    rows = sound(page.run()).dataframe[0].value
    assert list(rows["Epoch"]) == [1, 2]
    accuracies = [100 * point.test_accuracy for point in service.store.points(run.id) if point.step]
    assert list(rows["Test accuracy, %"]) == pytest.approx(accuracies)


def test_a_group_of_another_network_is_not_shown_here(visit: Visit, service: Here) -> None:
    other = service.store.submit([replace(LENET, network="thin-resnet", options=(), dataset="digits")])
    page = visit("lenet", runs=other[0].group)
    assert len(page.toast) == 1


def test_a_run_that_was_deleted_leaves_the_recorded_one(visit: Visit, service: Here) -> None:
    page = visit("lenet", lang="en", epochs="1")
    press(page, text.say("en", "lenet.train"))
    (run,) = service.store.runs()
    service.store.request_stop([run.id])
    service.store.delete([run.id])
    sound(page.run())
    assert "runs" not in page.query_params


@WEIGHTS
def test_weights_that_are_gone_are_missed_in_one_sentence(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any) -> None:
        raise DatasetError("It is gone.")

    monkeypatch.setattr(cached_training, "evaluation", gone)
    page = visit("lenet", lang="zh")
    assert [element.value for element in page.warning] == [text.say("zh", "lenet.gone")]
    assert charts(page) == 2


def test_a_small_test_set_is_counted_round() -> None:
    first, again = cached_models.sample("digits28", 3), cached_models.sample("digits28", 363)
    assert first.number == again.number == 3
    assert (first.pixels == again.pixels).all()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_without_a_recorded_run_the_page_says_so(visit: Visit, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    monkeypatch.setattr(lenet, "recorded", lambda experiment: ())
    page = visit("lenet", lang=lang)
    assert [element.value for element in page.info] == [
        text.say(lang, "lenet.no_recording"),
        text.say(lang, "lenet.no_weights"),
    ]


# --- a data set that is not there -------------------------------------------------------------------------------------

MNIST = {"lang": "en", "lenet-data": "mnist"}
FETCH = text.say("en", "fetch.dataset", title="MNIST", size="12")


class Server:
    """Somewhere that MNIST comes from: half of it at once, the rest when it is told to, or never."""

    def __init__(self, data: Path) -> None:
        self.half, self.told, self.over = Event(), Event(), Event()
        self.data, self.problem, self.asked = data, "", 0

    def fetch(self, slug: str, progress: Callable[[int, int], None]) -> None:
        """As `datasets.fetch`."""
        assert slug == "mnist"
        self.asked += 1
        progress(1, 2)
        self.half.set()
        try:
            assert self.told.wait(60)
            if self.problem:
                raise DatasetError(self.problem)
            (self.data / "datasets" / FOLDER / "MNIST").mkdir(parents=True)
        finally:
            self.over.set()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A slow server, and no download from before; whatever still waits at the end is let go."""
    slow = Server(tmp_path)
    monkeypatch.setattr(datasets, "fetch", slow.fetch)
    monkeypatch.setattr(fetching, "_downloads", {})
    yield slow
    slow.told.set()
    for thread in threading.enumerate():
        if thread.name == "fetch-mnist":
            thread.join(60)


def arrived(server: Server) -> None:
    """The download is over, and its thread has said so."""
    server.told.set()
    assert server.over.wait(60)
    for thread in threading.enumerate():
        if thread.name == "fetch-mnist":
            thread.join(60)


def fetched(page: AppTest) -> list[str]:
    """What the bars of the page say."""
    return [bar.proto.text for bar in page.get("progress")]


def training(page: AppTest) -> bool:
    """Whether it can be trained."""
    return not next(button for button in page.button if button.label == text.say("en", "lenet.train")).disabled


def test_a_page_answers_while_its_data_set_is_fetched_and_a_second_visitor_sees_how_far_that_is(
    visit: Visit, server: Server
) -> None:
    page = visit("lenet", **MNIST)
    assert not training(page)
    assert text.say("en", "fetch.no_dataset", title="MNIST") in words(page)
    press(page, FETCH)
    assert server.half.wait(60)
    sound(page.slider(key="lenet.epochs").set_value(3).run())
    half = "**MNIST** · " + text.say("en", "fetch.running", share="50")
    assert page.query_params["epochs"] == "3"
    assert fetched(page) == [half]
    other = visit("lenet", **MNIST)
    assert fetched(other) == [half]
    assert FETCH not in {button.label for button in other.button}
    arrived(server)
    for each in (page, other):
        sound(each.run())
        assert training(each)
        assert not fetched(each)
    assert server.asked == 1


def test_a_data_set_that_cannot_be_fetched_says_why_and_can_be_asked_for_again(visit: Visit, server: Server) -> None:
    server.problem = "No server answered."
    failed = text.say("en", "fetch.failed", problem=server.problem)
    page = visit("lenet", **MNIST)
    press(page, FETCH)
    arrived(server)
    sound(page.run())
    assert [element.value for element in page.warning] == [failed]
    assert not training(page)
    server.problem = ""
    press(page, FETCH)
    arrived(server)
    assert training(sound(page.run()))
    assert failed not in {element.value for element in page.warning}
    assert server.asked == 2
