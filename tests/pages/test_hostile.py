"""What others brought, on the pages: names in a data set, keys of weights, a damaged disk, weights without answer."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.records import TrainConfig
from explorer.training.presets import LENET
from explorer.ui.cached import own_sets, units as cached_units
from explorer.ui.widgets import uploads
from tests.datasets.making import encoded, folder, table
from tests.models.making import pickled, safe, state_of
from tests.pages.conftest import Here, Visit, everything, sound, words
from tests.pages.test_looking_choices import File, given, visit as look_at

HOST = "host.example"
NAMES = (
    f"![cat](http://{HOST}/p.png)",
    f"![c](http:&#47;&#47;{HOST}&#47;p.png)",
    f"[press here](https://{HOST})",
    f"<img src='//{HOST}/p.png'>",
    f"www.{HOST}",
    f"<http://{HOST}>",
    f"see https://{HOST}/x now",
    f"someone@{HOST}",
    f":material/bomb: :red[{HOST}]",
    f"$cat$ `{HOST}` **{HOST}**",
)
SET = f"![s](http:&#47;&#47;{HOST}&#47;s.png).parquet"
DANGEROUS = re.compile(
    rf"\]\([^)]*{HOST}|https?:(?:/|&#47;)+{HOST}|www\.{HOST}|<(?:img src='//|https?://){HOST}|@{HOST}|[`*]{HOST}|:material/bomb|:red\[|\$cat\$"
)


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A data directory of this test's own, of which nothing is remembered."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    cached_units.evaluation_dataset.clear()
    own_sets._opened.clear()
    (tmp_path / "datasets").mkdir()


def harmless(page: AppTest) -> None:
    shown = everything(page)
    assert HOST in shown, "it is on the page, as words"
    assert not DANGEROUS.search(shown), DANGEROUS.findall(shown)


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(service: Here, tmp_path: Path) -> str:
    """A run of LeNet-5 on images whose classes, and whose data set, have hostile names; its source."""
    images = [{"bytes": encoded(25 * (i % 10), (28, 28), "L"), "path": None} for i in range(60)]
    table(tmp_path / "datasets" / SET, images, [i % 10 for i in range(60)], names=list(NAMES))
    config: TrainConfig = replace(
        LENET, dataset=f"own:{SET}", steps=2, log_every=1, eval_every=2, probe_every=2, checkpoint_every=2, batch=16
    )
    (one,) = service.store.submit([config])
    service.train_all()
    return f"run:{one.id}"


LOOKS: dict[str, tuple[str, dict[str, str]]] = {
    "maps": ("maps", {}),
    "why": ("why", {"class": "3", "methods": "saliency"}),
    "lesion": ("units", {"unitview": "lesion"}),
    "patches": ("units", {"unitview": "patches"}),
    "dream": ("units", {"unitview": "dream", "dreamfor": "class"}),
}


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_names_in_a_data_set_stay_words_where_one_looks_inside(visit: Visit, run: str, look: str, lang: str) -> None:
    slug, parameters = LOOKS[look]
    mine = {"net": "lenet5", "weights": run, "pic": "sample", "set": f"own:{SET}"}
    harmless(visit(slug, lang=lang, **mine, **parameters))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_names_in_a_data_set_stay_words_where_it_was_trained(visit: Visit, run: str, service: Here, lang: str) -> None:
    group = service.store.run(run.partition(":")[2]).group
    harmless(visit("lenet", lang=lang, runs=group, source="live", pen="test"))
    harmless(visit("runs", lang=lang))


@pytest.mark.parametrize("kind", ["safetensors", "torch"])
@pytest.mark.parametrize("name", NAMES)
def test_keys_in_a_file_of_weights_stay_words(monkeypatch: pytest.MonkeyPatch, name: str, kind: str) -> None:
    state = state_of()
    part = next(iter(state)).partition(".")[0]
    state[f"{part}.{name}"] = torch.zeros(2)  # inside a part that the network has: refused, and listed
    given(monkeypatch, safe(state) if kind == "safetensors" else pickled(state), "file.")
    page = look_at(net="cifar-resnet20", weights="own")
    assert page.warning
    sentences = "\n".join(each.value for each in (*page.warning, *page.caption, *page.markdown))
    assert not DANGEROUS.search(sentences)
    assert list(page.dataframe[0].value["key"]) == [f"{part}.{name}"], "a table takes it for words"


@pytest.mark.parametrize("name", NAMES)
def test_parts_that_are_set_aside_stay_words(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given(monkeypatch, safe({**state_of(), name: torch.zeros(2)}), "file.")
    page = look_at(net="cifar-resnet20", weights="own")
    assert not page.warning
    assert not DANGEROUS.search(everything(page))


def test_the_name_of_an_uploaded_file_stays_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "ask", lambda label, key, *rest: File(safe(state_of()), NAMES[0]))
    harmless(look_at(net="cifar-resnet20", weights="own"))


# --- a disk -----------------------------------------------------------------------------------------------------------


def broken_link(place: Path) -> None:
    (place / "bad" / "cat").mkdir(parents=True)
    (place / "bad" / "cat" / "x.png").symlink_to(place / "nowhere.png")


def pipe(place: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    os.mkfifo(place / "bad.parquet")


def damaged(place: Path) -> None:
    (place / "bad.parquet").write_bytes(b"PAR1 is not enough PAR1")


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("spoil", [broken_link, pipe, damaged])
def test_a_data_set_that_cannot_be_read_is_one_quiet_line(visit: Visit, tmp_path: Path, spoil: Any, lang: str) -> None:
    place = tmp_path / "datasets"
    for name in ("good", "other"):
        for number in range(10):
            (place / name / str(number)).mkdir(parents=True)
            for copy in range(3):
                (place / name / str(number) / f"{copy}.png").write_bytes(encoded(20 * number + copy, (28, 28), "L"))
    spoil(place)
    start = text.say(lang, "looking.unreadable", count=1, problems="bad")
    page = visit("lenet", lang=lang)
    (said,) = (element.value for element in page.caption if element.value.startswith(start))
    assert ("cannot" in said) == (lang == "en")
    (offered,) = (box.options for box in page.selectbox if box.key == "lenet.lenet-data")
    assert "good" in offered
    assert not any("bad" in name for name in offered)
    page = visit("units", lang=lang, net="resnet18", weights="random", unitview="lesion")
    assert [element.value.startswith(start) for element in page.caption].count(True) == 1
    sound(visit("units", lang=lang, net="lenet5", unitview="patches"))


def test_nothing_is_said_where_all_can_be_read(visit: Visit, tmp_path: Path) -> None:
    folder(tmp_path / "datasets" / "sound", {"a": 3, "b": 3})
    assert "left out" not in words(visit("lenet", lang="en"))


# --- weights that answer nothing --------------------------------------------------------------------------------------


def silent(how: str) -> bytes:
    state = state_of()
    if how == "negative variance":
        state["bn1.running_var"] = -torch.ones(16)
    else:
        state = {key: value * 1e30 if value.is_floating_point() else value for key, value in state.items()}
    return safe(state)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("how", ["negative variance", "huge weights"])
def test_a_file_of_weights_that_answers_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, how: str, lang: str
) -> None:
    given(monkeypatch, silent(how), "file.")
    (warning,) = look_at(lang=lang, net="cifar-resnet20", weights="own").warning
    assert warning.value == text.say(lang, "upload.no_answer")


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("look", ["maps", "why", "lesion"])
def test_an_image_that_gets_no_finite_answer_is_said_in_a_sentence(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, look: str, lang: str
) -> None:
    """Weights of a run that were sound when they were taken, and are not for this one image."""
    from explorer.models import Model

    tensor = Model.preprocess
    monkeypatch.setattr(Model, "preprocess", lambda self, image: tensor(self, image) * np.inf)
    slug, parameters = LOOKS[look]
    page = visit(slug, lang=lang, pic="brick", **parameters)
    assert [element.value for element in page.warning] == [text.say(lang, "upload.no_answer")]
