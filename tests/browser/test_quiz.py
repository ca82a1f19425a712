"""A question in a real browser: typed and sent with Enter, chosen and checked, another one by the button."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.quiz import grade, problem, question
from explorer.text import LANGUAGES, say
from tests.browser.conftest import Visitor


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_number_is_checked_with_enter_and_worked_out(visitor: Visitor, lang: str) -> None:
    spec = question("conv-output-size")
    one = problem(spec, 3)
    main = visitor.go(f"/pipeline?lang={lang}&net=lenet5&q.{spec.slug}=3").get_by_test_id("stMain")
    form = main.get_by_test_id("stForm")
    expect(form.get_by_text(say(lang, f"quiz.{spec.slug}.prompt", **one.numbers))).to_be_visible()
    field = form.get_by_label(say(lang, "quiz.answer"))
    field.fill(str(spec.mistakes["one-forgotten"](one)))
    field.press("Enter")
    expect(form.get_by_text(say(lang, "quiz.wrong", truth=spec.truth(one)))).to_be_visible()
    expect(form.locator(".katex")).not_to_have_count(0)
    expect(form.locator(".katex-error")).to_have_count(0)
    field.fill(str(spec.truth(one)))
    field.press("Enter")
    expect(form.get_by_text(say(lang, "quiz.right", truth=spec.truth(one)))).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_claim_is_checked_and_another_question_asked(visitor: Visitor, lang: str) -> None:
    spec = question("zero-blocks")
    one = problem(spec, 1)
    page = visitor.go(f"/degradation?lang={lang}&step=200")
    form = page.get_by_test_id("stMain").get_by_test_id("stForm")
    right = grade(spec, one, "halved").claim
    claim = say(lang, f"quiz.{spec.slug}.claim.{right}", **one.numbers)
    form.get_by_role("radiogroup").get_by_text(claim).click()
    form.get_by_role("button", name=say(lang, "quiz.check")).click()
    expect(form.get_by_text(say(lang, "quiz.right", truth=claim))).to_be_visible()
    expect(form.locator(".katex-error")).to_have_count(0)
    form.get_by_role("button", name=say(lang, "quiz.another")).click()
    expect(form.get_by_text(say(lang, "quiz.right", truth=claim))).to_have_count(0)
    page.wait_for_url(re.compile(r"[?&]q\.zero-blocks=\d+"))
