"""What a unit wants: the four questions in both languages, tasks from button to result, and what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.jobs.schema import tasks
from explorer.jobs.task_rows import end_tasks
from explorer.records import DreamSettings
from explorer.ui import cached_units, lab, units_tasks
from tests.pages.conftest import Here, Visit, live_figures, sound, words

LENET = "recorded:lenet-lenet5-activation-tanh-pooling-max-seed0"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, laboratory: Here) -> Here:
    """A data directory and a laboratory of this test's own, where tasks wait until they are done here."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path))
    cached_units.judged_on.clear()
    return laboratory


def press(page: AppTest, label: str) -> AppTest:
    return sound(next(button for button in page.button if button.label == label).click().run())


def alts(page: AppTest) -> list[str]:
    return [image.alt for element in page.image for image in element.proto.imgs]


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("net", ["cifar-resnet20", "lenet5"])
def test_the_filters_stand_there_at_once(visit: Visit, lang: str, net: str) -> None:
    page = visit("units", lang=lang, net=net)
    assert any("conv1" in alt or "c1" in alt for alt in alts(page))
    assert all(alts(page))
    norms = list(page.dataframe[0].value.iloc[:, 1])
    assert norms == sorted(norms, reverse=True)
    by_index = visit("units", lang=lang, net=net, unitsort="index")
    assert list(by_index.dataframe[0].value.iloc[:, 0]) == list(range(len(norms)))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_patches_are_asked_for_found_and_shown(visit: Visit, here: Here, lang: str) -> None:
    page = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3", channel="2")
    assert text.say(lang, "units.patches_find") in [button.label for button in page.button]
    task = units_tasks.patches_task(LENET, "a3", "digits28")
    units_tasks.begin(LENET, task)
    waiting = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3", channel="2")
    assert text.say(lang, "units.stop") in [button.label for button in waiting.button]
    here.do_tasks()
    page = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3", channel="2")
    assert any(alt.startswith(text.say(lang, "units.patches_words").format_map(Blank())[:8]) for alt in alts(page))
    assert len(page.dataframe[0].value) == 16
    assert text.say(lang, "units.cut", size="14×14") in words(page)


class Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "2"


def test_a_dream_is_started_with_the_button_and_kept(visit: Visit, here: Here) -> None:
    page = visit("units", lang="en", net="lenet5", unitview="dream", dreamfor="class", dreamclass="3", dreamsteps="64")
    press(page, text.say("en", "units.dream_start"))
    key = units_tasks.dream_task(LENET, DreamSettings("class", "", 3, steps=64, seed=0, enlarge=1)).key
    assert lab.lab().task(key).state == "waiting"
    here.do_tasks()
    page = visit("units", lang="en", net="lenet5", unitview="dream", dreamfor="class", dreamclass="3", dreamsteps="64")
    assert "After 64 steps the logit of the class 3" in words(page)
    assert len(page.image) == 7
    assert all(alts(page))
    assert len(live_figures(page)) == 1


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("state", ["lost", "failed", "stopped"])
def test_a_task_that_ended_otherwise_is_said_and_offered_again(visit: Visit, here: Here, lang: str, state: str) -> None:
    task = units_tasks.patches_task(LENET, "a3", "digits28")
    units_tasks.begin(LENET, task)
    with here.store.database.writing() as connection:
        end_tasks(connection, tasks.c.key == task.key, state, "why")
    page = visit("units", lang=lang, net="lenet5", unitview="patches", layer="a3")
    expected = text.say(lang, f"units.{state}").format(problem="why")
    assert expected in words(page)
    assert text.say(lang, "units.patches_find") in [button.label for button in page.button]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_without_a_block_another_answer_and_no_accuracy_where_no_set_fits(visit: Visit, lang: str) -> None:
    page = visit("units", lang=lang, unitview="lesion", bypass="['layer3.2']")
    assert text.say(lang, "units.no_accuracy") in words(page)
    assert len(live_figures(page)) == 1
    assert text.say(lang, "units.way_shortcut") in words(page)
    plain = visit("units", lang=lang, net="cifar-plain20", unitview="lesion")
    assert text.say(lang, "units.cannot", list="layer2.0, layer3.0") in words(plain)
    assert text.say(lang, "units.nothing_off") in words(plain)


@pytest.mark.parametrize("raw", ["['nowhere']", "layer", "[[1]]", "{}", "[1e999]"])
def test_a_lesion_in_the_address_that_does_not_exist_is_left_out(visit: Visit, raw: str) -> None:
    page = visit("units", unitview="lesion", bypass=raw)
    assert len(page.toast) == 1
    assert page.multiselect[0].value == []


def test_channels_are_switched_off_and_accuracy_is_measured(visit: Visit) -> None:
    page = visit("units", lang="en", net="lenet5", unitview="lesion", layer="a3", off="[0, 3]")
    assert page.multiselect[0].value == [0, 3]
    shown = "\n".join(element.proto.body for element in page.get("html"))
    assert text.say("en", "units.after") in shown
    assert "360 test pictures" in shown


@pytest.mark.parametrize(
    ("name", "value"), [("layer", "nowhere"), ("channel", "4096"), ("unitview", "x"), ("patchset", "x")]
)
def test_what_does_not_exist_is_answered_with_the_default(visit: Visit, name: str, value: str) -> None:
    page = visit("units", **{"unitview": "patches", name: value})
    assert len(page.toast) == 1
