"""Own data sets on the pages: what was left out is said where one is chosen, and what is open can be chosen."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from explorer import text
from explorer.ui.cached import own_sets
from tests.datasets.making import encoded, folder
from tests.pages.conftest import Visit, words


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The datasets directory of a data directory of this test's own, of which nothing is remembered."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    own_sets._opened.clear()
    own_sets._variants.clear()
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_what_was_left_out_is_said_where_the_data_set_is_chosen(visit: Visit, place: Path, lang: str) -> None:
    for part, count in (("Training", 6), ("Validation", 2), ("Testing", 3)):
        folder(place / "leaves" / part, {"oak": count, "elm": count}, colour=9, size=(28, 28), mode="L")
    (place / "leaves" / "Training" / "oak" / "x.heic").write_bytes(b"x")
    shown = words(visit("lenet", lang=lang, **{"lenet-data": "own:leaves"}))
    assert text.say(lang, "dataset_note.validation_aside", count=4) in shown
    assert text.say(lang, "dataset_note.suffix", count=1, suffix=".heic") in shown
    assert text.say(lang, "dataset_note.suffix", count=1, suffix=".heic") not in words(visit("lenet", lang=lang))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_column_of_labels_is_chosen_like_a_data_set(visit: Visit, place: Path, lang: str) -> None:
    images = [encoded(10 * number, (28, 28), "L") for number in range(20)]
    columns = {"image": images, "colour": ["red", "blue"] * 10, "island": [1, 2] * 10}
    parquet.write_table(pa.table(columns), place / "birds.parquet")
    page = visit("lenet", lang=lang, **{"lenet-data": "own:birds.parquet/island"})
    (box,) = (box for box in page.selectbox if box.key == "lenet.lenet-data")
    assert {"birds.parquet · colour", "birds.parquet · island"} <= set(box.options)
    assert box.value == "own:birds.parquet/island"
    assert text.say(lang, "looking.unreadable", count=1, problems="")[:10] not in words(page)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_what_is_no_data_set_is_named(visit: Visit, place: Path, lang: str) -> None:
    (place / "cats.zip").write_bytes(b"x")
    assert text.say(lang, "dataset.packed", name="cats.zip") in words(visit("lenet", lang=lang))
