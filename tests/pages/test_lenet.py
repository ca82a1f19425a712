"""LeNet-5: the recorded run, a run from button to mistakes, data sets that are missing, a pad that is lied to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from os.path import relpath
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer import datasets, fetching, text
from explorer.datasets import load
from explorer.datasets.fetched import FOLDER
from explorer.errors import BadImage, DatasetError
from explorer.models import shipped_model
from explorer.records import RecordedRun, TrainConfig
from explorer.training.presets import LENET, lenet_lab
from explorer.ui.cached import models as cached_models, training as cached_training
from explorer.ui.components import pad as drawing_pad
from explorer.weights import lab_runs, recorded
from tests.pages.conftest import FILES, FRAME, Here, Visit, alts, buttons, charts, group_of, live_figures, sound, words

WEIGHTS = pytest.mark.skipif(not any(run.weights for run in recorded("lenet")), reason="no LeNet-5 ships yet")
NOTEBOOK = text.say("en", "lenet.notebook")
SMALL = {"lenet-data": "digits28"}
DRAWN = bytes(255 if 10 <= i % 28 <= 13 and 4 <= i // 28 <= 23 else 0 for i in range(784))


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A data directory of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")


def the_notebooks() -> RecordedRun:
    """The recorded run on MNIST with the activation and the pooling of the course's notebook."""
    return next(
        run for run in recorded("lenet") if dict(run.config.options) == {"activation": "tanh", "pooling": "max"}
    )


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
    assert len(alts(page)) == len(buttons(page)) == 24
    assert all(alts(page))


@WEIGHTS
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_verdict_on_the_recorded_run_is_its_last_epoch(visit: Visit, lang: str) -> None:
    """Means over the batches of that epoch, and the test set behind it."""
    run = the_notebooks()
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
    assert text.say(lang, "lenet.says_digit").split("{")[0] in words(page)
    assert [stage for stage in ("C1", "S2", "C3", "S4") if any(alt.startswith(stage) for alt in alts(page))] == [
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
    assert "**LeNet-5 says: digit 1**" in words(page)


def test_without_its_data_set_the_page_trains_on_the_bundled_digits(visit: Visit, service: Here) -> None:
    page = visit("lenet", lang="en", activation="relu", epochs="2")
    bundled = datasets.load("digits28").train_images.shape[0]
    assert text.say("en", "lenet.bundled", title="MNIST", images=f"{bundled:,}") in words(page)
    press(page, text.say("en", "lenet.train_bundled"))
    (run,) = service.store.runs(group=group_of(page))
    assert run.config.dataset == page.query_params["lenet-data"] == "digits28"
    assert (run.config.steps, dict(run.config.options)["activation"]) == (2 * (bundled // 128), "relu")
    assert text.say("en", "lenet.train_bundled") not in {button.label for button in page.button}


def test_a_run_goes_from_the_button_to_its_mistakes(visit: Visit, service: Here) -> None:
    page = visit("lenet", lang="en", **SMALL, epochs="2", activation="relu", pooling="avg", pixels="standard")
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
        judged = cached_training.evaluation(f"run:{run.id}", "digits28")
        assert judged.images == 360
        assert len(buttons(each)) == min(judged.wrong, 24)
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
    page = visit("lenet", lang="en", **SMALL, epochs="1")
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
def test_settings_without_a_recorded_run_are_said_with_the_time_they_would_take(visit: Visit, lang: str) -> None:
    page = visit("lenet", lang=lang, **SMALL, seed="3")
    like = [run for run in lab_runs("lenet-lab") if run.config.dataset == "digits28"]
    said = [element.value for element in page.info]
    seconds = [f"{max(run.seconds, 1):.0f}" for run in like]
    assert said[0] in [text.say(lang, "lab.untrained_seconds", seconds=each) for each in seconds]
    assert said[1] == text.say(lang, "lenet.no_weights")
    assert not charts(page), "nothing was shown before"


@pytest.mark.parametrize("config", lenet_lab(), ids=lambda config: f"{config.options}{config.pixels}")
def test_every_control_selects_what_was_recorded_with_it(visit: Visit, config: TrainConfig) -> None:
    options = {name: str(value) for name, value in config.options}
    page = visit("lenet", lang="en", **SMALL, **options, pixels=config.pixels)
    run = next(run for run in lab_runs("lenet-lab") if run.config == config)
    tested = run.points[-1].test_accuracy
    assert tested is not None
    assert f"{100 * tested:.2f}%" in words(page)
    wrong = sum(map(sum, run.confusion)) - sum(row[i] for i, row in enumerate(run.confusion))
    assert f"{wrong} of 360" in words(page)


def test_what_was_shown_before_stays_as_a_ghost(visit: Visit) -> None:
    page = visit("lenet", lang="en")
    assert [series["name"] for series in live_figures(page)[0]["series"]] == ["training", "test", NOTEBOOK]
    before = live_figures(page)[0]["series"][0]["data"]
    sound(page.get_by_key("lenet.lenet-data").set_value("digits28").run())
    ghost, _, now, _ = live_figures(page)[0]["series"]
    assert ghost["data"] == before != now["data"]
    assert ghost["lineStyle"]["opacity"] < 0.5
    sound(page.number_input(key="lenet.seed").set_value(4).run())
    (pale, _) = live_figures(page)[0]["series"]
    assert pale["data"] == now["data"]


# --- what is behind a cell --------------------------------------------------------------------------------------------


def of_the_bundled_digits() -> RecordedRun:
    """What the page shows of them before a control is moved."""
    usual = (("activation", "tanh"), ("pooling", "max"))
    runs = [run for run in lab_runs("lenet-lab") if run.config.dataset == "digits28"]
    return next(run for run in runs if (run.config.options, run.config.pixels) == (usual, "raw"))


def by_hand(run: RecordedRun) -> list[tuple[int, int, int, float]]:
    """(number, truth, answer, share of the truth) of all digits of the test set, in one batch."""
    model, data = shipped_model(run.name), load("digits28")
    with torch.no_grad():
        shares = model.instantiate()(model.scale(data.test_images)).softmax(1)
    truths = data.test_labels.tolist()
    answers = shares.argmax(1).tolist()
    return [(n, i, j, float(shares[n, i])) for n, (i, j) in enumerate(zip(truths, answers, strict=True))]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_images_behind_a_cell_and_the_worst_mistakes_are_those_of_the_test_set(visit: Visit, lang: str) -> None:
    run = of_the_bundled_digits()
    judged = sorted(by_hand(run), key=lambda each: each[3])
    wrong = [each for each in judged if each[1] != each[2]]
    page = visit("lenet", lang=lang, **SMALL)
    assert buttons(page) == [number + 1 for number, *_ in wrong[:24]]
    _, truth, answer, _ = wrong[0]
    page = visit("lenet", lang=lang, **SMALL, behind=f"{truth}-{answer}")
    assert buttons(page) == [number + 1 for number, i, j, _ in judged if (i, j) == (truth, answer)]
    series = live_figures(page)[2]["series"][0]
    framed = [cell["value"][:2] for cell in series["data"] if "itemStyle" in cell]
    assert framed == [[answer, truth]]
    assert series["selectedMode"] == "single"
    right = visit("lenet", lang=lang, **SMALL, behind="3-3")
    assert buttons(right) == [number + 1 for number, i, j, _ in judged if (i, j) == (3, 3)][:24]


def test_a_cell_without_images_is_refused_and_one_whose_images_are_not_here_is_no_button(visit: Visit) -> None:
    run = of_the_bundled_digits()
    empty = next(f"{i}-{j}" for i, row in enumerate(run.confusion) for j, n in enumerate(row) if not n)
    page = visit("lenet", lang="en", **SMALL, behind=empty)
    assert page.toast
    assert "behind" not in page.query_params
    assert "selectedMode" not in live_figures(visit("lenet", lang="en"))[2]["series"][0], "MNIST is not here"


def test_a_mistake_is_opened_in_feature_maps_with_this_model_and_this_image(visit: Visit) -> None:
    run = of_the_bundled_digits()
    number = next(n for n, truth, answer, _ in by_hand(run) if truth != answer)
    page = visit("maps", lang="en", net="lenet5", weights=f"recorded:{run.name}", number=str(number))
    assert not page.toast
    truth = load("digits28").classes[int(load("digits28").test_labels[number])]
    assert text.say("en", "looking.truth", number=number, title=text.say("en", "data.digits28"), truth=truth) in words(
        page
    )
    assert page.query_params["weights"] == f"recorded:{run.name}"


# --- before the answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_visitor_is_asked_before_the_answer_is_shown(visit: Visit, lang: str) -> None:
    page = visit("lenet", lang=lang, asked=True)
    assert text.say(lang, "lenet.predict") in words(page)
    assert not charts(page)
    assert "98.36" not in words(page)
    assert text.say(lang, "pad.empty") in words(page), "the pad gives nothing away"


def test_a_prediction_is_answered_and_kept_for_the_session_but_stands_in_no_address(visit: Visit) -> None:
    page = visit("lenet", lang="en", asked=True)
    sound(page.get_by_key("predict-lenet-3").click().run())
    right = text.say("en", "predict.right", given=text.say("en", "lenet.predict_3"))
    assert right in words(page)
    assert charts(page) == 3
    assert set(page.query_params) <= {"lang"}
    page.switch_page(relpath(FILES["atlas"], FRAME.parent))
    sound(page.run())
    page.switch_page(relpath(FILES["lenet"], FRAME.parent))
    assert charts(sound(page.run())) == 3
    sound(page.get_by_key("lenet.lenet-data").set_value("digits28").run())
    assert right not in words(page), "it was said of another run"


def test_a_prediction_may_be_wrong_or_skipped(visit: Visit) -> None:
    page = visit("lenet", lang="en", asked=True)
    sound(page.get_by_key("predict-lenet-1").click().run())
    given, truth = text.say("en", "lenet.predict_1"), text.say("en", "lenet.predict_3")
    assert text.say("en", "predict.wrong", given=given, truth=truth) in words(page)
    page = visit("lenet", lang="en", asked=True)
    sound(page.get_by_key("predict-lenet-skip").click().run())
    assert charts(page) == 3
    assert "You said" not in words(page)


def test_mnists_errors_are_the_recorded_ones_and_other_digits_another_exercise(visit: Visit) -> None:
    run = the_notebooks()
    wrong = 10_000 - sum(row[i] for i, row in enumerate(run.confusion))
    assert wrong == round(10_000 * (1 - (run.test_accuracy or 0)))
    page = visit("lenet", lang="en")
    assert f"{wrong} of the 10,000 test images of MNIST" in words(page)
    assert text.say("en", "lenet.other_hands") in words(page)
    matrix = live_figures(page)[2]["series"][0]["data"]
    assert sum(cell["value"][3] for cell in matrix) == 10_000
    counts = {tuple(cell["value"][:2]): cell["value"][3] for cell in matrix}
    assert all(counts.get((j, i), 0) == n for i, row in enumerate(run.confusion) for j, n in enumerate(row))


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
    """Whether what is chosen can be trained."""
    return any(button.label == text.say("en", "lenet.train") and not button.disabled for button in page.button)


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
