"""Predict, then reveal: an answer is checked, its mistake named, the problem kept in the address."""

from __future__ import annotations

from itertools import count
from os.path import relpath

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.quiz import QuestionSpec, grade, problem, question, questions
from explorer.ui.shell.navigation import SECTIONS
from explorer.ui.shell.quiz import MOST_SEED
from tests.pages.conftest import FILES, FRAME, Visit, sound, words

TYPED = [(spec, code) for spec in questions().values() for code in spec.mistakes]
OFFERED = [(spec, code) for spec in questions().values() for code in spec.claims]
ASKING = {page.slug: page.quiz for pages in SECTIONS.values() for page in pages if page.quiz}
MOST_NOTICES = 5  # of more, only the number is said


def alone(slug: str, lang: str = "en", seed: int = 1) -> AppTest:
    """A question without a page around it."""

    def script(slug: str) -> None:
        from explorer.ui.shell import quiz

        quiz.show(slug)

    page = AppTest.from_function(script, default_timeout=240, kwargs={"slug": slug})
    page.session_state["lang"] = lang
    page.query_params[f"q.{slug}"] = str(seed)
    return sound(page.run())


def answer(page: AppTest, slug: str, given: float | str) -> AppTest:
    """Give an answer and have it checked."""
    key = f"quiz.{slug}.answer.{seed_in(page, slug)}"
    widget = page.radio(key=key) if question(slug).claims else page.number_input(key=key)
    widget.set_value(given)
    return pressed(page, slug, "check")


def pressed(page: AppTest, slug: str, what: str) -> AppTest:
    """A button of a question was pressed."""
    return sound(page.button(key=f"quiz.{slug}.{what}").click().run())


def seed_in(page: AppTest, slug: str) -> int:
    """The seed in the address; 1 where it says none."""
    value = page.query_params.get(f"q.{slug}", "1")
    return int(value if isinstance(value, str) else value[0])


def a_seed_where(spec: QuestionSpec, code: str, right: bool) -> int:
    """The first seed in whose problem a claim is right, or wrong."""
    return next(seed for seed in count(1) if grade(spec, problem(spec, seed), code).correct == right)


def sentence(lang: str, spec: QuestionSpec, seed: int, part: str) -> str:
    return text.say(lang, f"quiz.{spec.slug}.{part}", **problem(spec, seed).numbers)


# --- alone ------------------------------------------------------------------------------------------------------------


def test_every_question_is_asked_on_one_page() -> None:
    declared = [slug for pages in SECTIONS.values() for page in pages for slug in page.quiz]
    assert sorted(declared) == sorted(questions())


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("slug", questions())
def test_nothing_is_revealed_before_an_answer(slug: str, lang: str) -> None:
    page = alone(slug, lang)
    assert len(page.markdown) == 1, "the prompt"
    assert not page.caption
    pressed(page, slug, "check")
    assert [element.value for element in page.caption] == [text.say(lang, "quiz.empty")]
    assert not page.success
    assert not page.warning


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(("spec", "code"), TYPED, ids=lambda each: getattr(each, "slug", each))
def test_a_mistake_in_a_number_is_named(spec: QuestionSpec, code: str, lang: str) -> None:
    # A mistake that cannot be made in some problem (a projection that is not there) gives a number below 0.
    seed = next(seed for seed in count(1) if spec.mistakes[code](problem(spec, seed)) >= 0)
    one = problem(spec, seed)
    page = answer(alone(spec.slug, lang, seed), spec.slug, spec.mistakes[code](one))
    (warning,) = page.warning
    assert text.say(lang, "quiz.wrong", truth=spec.truth(one)) in warning.value
    assert sentence(lang, spec, seed, f"mistake.{code}") in warning.value
    assert not page.success


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_right_number_is_called_right_and_worked_out(lang: str) -> None:
    slug = "conv-output-size"
    one = problem(question(slug), 1)
    n, f, s, p, side = *(one[name] for name in "nfsp"), question(slug).truth(one)
    page = answer(alone(slug, lang), slug, side)
    assert [success.value for success in page.success] == [text.say(lang, "quiz.right", truth=side)]
    assert not page.warning
    worked = rf"= \lfloor ({n} + 2 \cdot {p} - {f})/{s} \rfloor + 1 = {side}$"
    assert worked in page.markdown[-1].value
    assert page.markdown[-1].value.count("$") == 2


def test_a_number_that_nobody_gets_is_wrong_without_a_name() -> None:
    page = answer(alone("conv-output-size"), "conv-output-size", 999_983)
    assert text.say("en", "quiz.unnamed", answer=999_983) in page.warning[0].value


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(("spec", "code"), OFFERED, ids=lambda each: getattr(each, "slug", each))
def test_a_wrong_claim_is_answered_with_its_reason(spec: QuestionSpec, code: str, lang: str) -> None:
    seed = a_seed_where(spec, code, right=False)
    page = answer(alone(spec.slug, lang, seed), spec.slug, code)
    assert sentence(lang, spec, seed, f"mistake.{code}") in page.warning[0].value
    right = grade(spec, problem(spec, seed), code).claim
    assert sentence(lang, spec, seed, f"claim.{right}") in page.warning[0].value


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("code", ["nothing", "unchanged"])
def test_a_right_claim_is_called_right_and_the_measurement_told(code: str, lang: str) -> None:
    spec = question("zero-blocks")
    seed = a_seed_where(spec, code, right=True)
    page = answer(alone(spec.slug, lang, seed), spec.slug, code)
    assert sentence(lang, spec, seed, f"claim.{code}") in page.success[0].value
    one, truth = problem(spec, seed), {"nothing": "0", "unchanged": "1"}[code]
    reveal = text.say(lang, f"quiz.{spec.slug}.reveal.{one.case}", **one.numbers, truth=truth)
    assert page.markdown[-1].value == reveal


@pytest.mark.parametrize("slug", questions())
def test_another_problem_is_drawn_and_the_answer_forgotten(slug: str) -> None:
    spec = question(slug)
    page = answer(alone(slug, seed=5), slug, next(iter(spec.claims), 3))
    assert len(page.markdown) > 1
    pressed(page, slug, "another")
    assert seed_in(page, slug) == next(seed for seed in count(6) if problem(spec, seed) != problem(spec, 5))
    assert len(page.markdown) == 1, "the prompt"


def test_another_problem_is_never_the_same() -> None:
    spec = question("zero-blocks")
    seed = next(seed for seed in count(1) if problem(spec, seed) == problem(spec, seed + 1))
    page = alone(spec.slug, seed=seed)
    before = page.markdown[0].value
    pressed(page, spec.slug, "another")
    assert page.markdown[0].value != before


@pytest.mark.parametrize("slug", questions())
def test_after_the_last_problem_comes_the_first(slug: str) -> None:
    page = pressed(alone(slug, seed=MOST_SEED), slug, "another")
    assert f"q.{slug}" not in page.query_params, "the default"


# --- on its page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("page_slug", ASKING)
def test_a_link_restores_every_problem_of_a_page(visit: Visit, page_slug: str, lang: str) -> None:
    page = visit(page_slug, lang=lang, **{f"q__{slug}": "7" for slug in ASKING[page_slug]})
    for slug in ASKING[page_slug]:
        assert prompt(lang, slug, 7) in words(page)
        assert seed_in(page, slug) == 7
    assert not page.toast


@pytest.mark.parametrize("hostile", ["", "0", "-1", "1e3", "nan", "99999999999999999999", "<b>", "7;8", "٣x"])
@pytest.mark.parametrize("page_slug", ASKING)
def test_a_link_to_no_problem_shows_the_first_and_says_so(visit: Visit, page_slug: str, hostile: str) -> None:
    asked = ASKING[page_slug]
    page = visit(page_slug, **{f"q__{slug}": hostile for slug in asked})
    for slug in asked:
        assert prompt("en", slug, 1) in words(page)
        assert f"q.{slug}" not in page.query_params
    assert len(page.toast) == len(asked) <= MOST_NOTICES


def prompt(lang: str, slug: str, seed: int) -> str:
    """What a question asks first."""
    one = problem(question(slug), seed)
    return text.say(lang, f"quiz.{slug}.prompt" + (one.case and f".{one.case}"), **one.numbers)


def test_an_answer_is_still_there_when_the_page_is_seen_again(visit: Visit) -> None:
    page = answer(visit("degradation"), "zero-blocks", "halved")
    first = page.warning[0].value
    for slug in ("atlas", "degradation"):
        page.switch_page(relpath(FILES[slug], FRAME.parent))
        sound(page.run())
    assert page.warning[0].value == first
    assert page.radio(key="quiz.zero-blocks.answer.1").value == "halved"
