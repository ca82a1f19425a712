"""The section with against without augmentation: asked first, its numbers, its replay, live runs, the page's chain."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.jobs import RunStore
from explorer.training.comparing import Arm, arms
from explorer.training.presets import AUGMENTATIONS, EXPERIMENTS
from explorer.weights import lab_runs
from tests.pages.conftest import Here, live_figures, sound, words

PAGE = "augmentation_training"
ARMS = dict(zip(AUGMENTATIONS, ("without", "with", "much"), strict=True))


def section(chain: str) -> None:
    from explorer.ui.parts.practice import augmentation_training
    from explorer.ui.shell import session

    session.language_from_address()
    session.page_is("augmentation")
    augmentation_training.show(chain)
    session.show_notices()


def visit(chain: str = "crop_mirror", *, asked: bool = False, **parameters: str) -> AppTest:
    page = AppTest.from_function(section, default_timeout=240, kwargs={"chain": chain})
    if not asked:
        page.session_state[f"_predicted.{PAGE}"] = ("", "")
    for name, value in parameters.items():
        page.query_params[name] = value
    return sound(page.run())


def said(lang: str, key: str, **values: object) -> str:
    return text.say(lang, f"{PAGE}.{key}", **values)


def button(page: AppTest, label: str, lang: str = "en") -> Any:
    (found,) = (each for each in page.button if each.label == said(lang, label))
    return found


def recorded(name: str, epochs: float = 1_000) -> tuple[Arm, ...]:
    return arms([(run.config, run.points) for run in lab_runs(name)], epochs)


def sentence(lang: str, arm: Arm) -> str:
    assert arm.gap is not None
    name = text.say(lang, f"arm.{ARMS.get(arm.augment, 'own')}")
    train, test, gap = (
        f"{value:.1f}".replace("-", "−") for value in (arm.train[-1].mean, arm.test[-1].mean, arm.gap.mean)
    )
    return said(lang, "gap", name=name, train=train, test=test, gap=gap)


@pytest.fixture
def store(service: Here) -> RunStore:
    return service.store


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("name", ["augmentation-cifar", "augmentation-shapes"])
def test_the_numbers_are_those_of_the_recorded_runs(store: RunStore, lang: str, name: str) -> None:
    page = visit(lang=lang, trained=name)
    for arm in recorded(name):
        assert sentence(lang, arm) in words(page)
    assert lab_runs(name)[0].command in words(page)
    for measure, figure in zip(("train", "test"), live_figures(page), strict=True):
        lines = [series for series in figure["series"] if "name" in series]
        for line, arm in zip(lines, recorded(name), strict=True):
            assert line["name"] == text.say(lang, f"arm.{ARMS[arm.augment]}")
            means = [spread.mean for spread in getattr(arm, measure)]
            assert [value for _, value in line["data"]] == pytest.approx(means, rel=1e-4)


def test_the_answer_is_held_back_until_it_was_predicted(store: RunStore) -> None:
    page = visit(asked=True, lang="en")
    assert not live_figures(page)
    assert said("en", "predict") in words(page)
    assert "gap of" not in words(page)
    sound(page.get_by_key(f"predict-{PAGE}-Too much").click().run())
    assert len(live_figures(page)) == 2
    assert text.say("en", "predict.wrong", given="Too much", truth="Crop and mirror") in words(page)


def test_an_earlier_epoch_shows_what_was_known_then(store: RunStore) -> None:
    page = visit(asked=True, lang="en", until="20")
    for arm in recorded("augmentation-cifar", 20):
        assert sentence("en", arm) in words(page)
    assert max(place for figure in live_figures(page) for one in figure["series"] for place, _ in one["data"]) == 20


def test_the_three_are_trained_here(store: RunStore, service: Here) -> None:
    page = visit(lang="en")
    sound(button(page, "train").click().run())
    wanted = [config for config in EXPERIMENTS["augmentation-shapes"].configs if config.seed == 0]
    assert {run.config for run in store.runs()} == set(wanted)
    assert said("en", "waiting") in words(page)


def test_the_chain_of_the_page_is_sent_to_the_lab(store: RunStore) -> None:
    chain = "crop_mirror_cutout*side-0.25"
    page = visit(chain, lang="en")
    sound(button(page, "train_chain").click().run())
    assert {run.config.augment for run in store.runs()} == {"none", chain}
    assert {run.config.per_class for run in store.runs()} == {40}


def test_a_chain_that_no_batch_can_have_is_not_sent(store: RunStore) -> None:
    page = visit("mirror_jpeg", lang="en")
    assert button(page, "train_chain").disabled
    assert "These work on one image only" in words(page)
    assert not any(each.label == said("en", "train_chain") for each in visit("", lang="en").button)
