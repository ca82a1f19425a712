"""Predict, then reveal: a question, an answer, and what is said of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.fields import Field, number
from explorer.figures.notation import katex
from explorer.quiz import QuestionSpec, grade, problem, question
from explorer.records import Problem, Verdict
from explorer.ui.shell import state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.words import t

MOST_SEED, _MOST_NUMBER = 9_999, 10**9

Answer = float | str | None


def show(slug: str) -> None:
    """Show a question of `explorer.quiz` as a fragment, so that answering reruns it alone."""
    fragment(partial(_ask, slug))


def _ask(slug: str) -> None:
    """Show a question; its problem is drawn from the seed in the address."""
    spec, seed = question(slug), _seed(slug)
    drawn = problem(spec, seed)
    with st.form(f"quiz.{slug}.form", border=True):
        st.markdown(_say(spec, drawn, "prompt"))
        given = _given(spec, drawn, seed)
        with st.container(horizontal=True):
            st.form_submit_button(
                t("quiz.check"), key=f"quiz.{slug}.check", type="primary", on_click=_check, args=(slug, seed)
            )
            st.form_submit_button(
                t("quiz.another"),
                key=f"quiz.{slug}.another",
                icon=":material/casino:",
                on_click=_draw,
                args=(slug, seed),
            )
        if given is not None:
            _reveal(spec, drawn, given)
        elif _checked(slug, seed):
            st.caption(t("quiz.empty"))


# --- what is kept -----------------------------------------------------------------------------------------------------


def _seed(slug: str) -> int:
    return state.bind(seed_field(slug)).commit()


def seed_field(slug: str) -> Field[int]:
    """The field that holds the seed of a question's problem."""
    return number(f"q.{slug}", 1, MOST_SEED, 1, label="quiz.title")


def _draw(slug: str, seed: int) -> None:
    """Set the next seed that gives a different problem: some questions have few."""
    spec = question(slug)
    later = (n % MOST_SEED + 1 for n in range(seed, seed + MOST_SEED))
    state.assign(seed_field(slug), next(n for n in later if problem(spec, n) != problem(spec, seed)))


def _check(slug: str, seed: int) -> None:
    """Keep the answer until another problem is drawn, also when the page is left."""
    state.put(f"_checked.{slug}", (seed, state.get(_answer_key(slug, seed), None)))


def _checked(slug: str, seed: int) -> bool:
    return bool(state.get(f"_checked.{slug}", (0, None))[0] == seed)


def _answer_key(slug: str, seed: int) -> str:
    return f"quiz.{slug}.answer.{seed}"


# --- what is shown ----------------------------------------------------------------------------------------------------


def _given(spec: QuestionSpec, drawn: Problem, seed: int) -> Answer:
    """Draw the answer widget; returns the answer checked last, or None."""
    key = _answer_key(spec.slug, seed)
    given: Answer = state.get(f"_checked.{spec.slug}", (0, None))[1] if _checked(spec.slug, seed) else None
    if spec.claims:
        words = {code: _say(spec, drawn, f"claim.{code}") for code in spec.claims}
        place = list(words).index(str(given)) if given is not None else None
        st.radio(t("quiz.answer"), list(words), index=place, format_func=words.__getitem__, key=key)
    else:
        number = None if given is None else int(given)
        st.number_input(t("quiz.answer"), 0, _MOST_NUMBER, number, step=1, key=key, width=360)
    return given


def _reveal(spec: QuestionSpec, drawn: Problem, given: float | str) -> None:
    with st.spinner(t("frame.loading"), show_time=False):
        verdict = grade(spec, drawn, given)
    truth = _say(spec, drawn, f"claim.{verdict.claim}") if verdict.claim else f"{verdict.truth:g}"
    if verdict.correct:
        st.success(t("quiz.right", truth=truth), icon=":material/check:")
    else:
        st.warning(
            f"**{t('quiz.wrong', truth=truth)}**\n\n{_why(spec, drawn, given, verdict)}", icon=":material/close:"
        )
    st.markdown(_say(spec, drawn, "reveal", truth=f"{verdict.truth:g}"))
    if verdict.working:
        st.markdown(
            f"${katex(verdict.working.symbols)} = {katex(verdict.working.substituted)} = {verdict.working.value}$"
        )


def _why(spec: QuestionSpec, drawn: Problem, given: float | str, verdict: Verdict) -> str:
    """Explain a wrong answer by the known mistakes that lead to it."""
    reasons = [_say(spec, drawn, f"mistake.{code}") for code in verdict.mistakes]
    if not reasons:
        return t("quiz.unnamed", answer=given)
    if len(reasons) == 1:
        return reasons[0]
    return "\n".join((t("quiz.several", answer=given), "", *(f"- {reason}" for reason in reasons)))


def _say(spec: QuestionSpec, drawn: Problem, part: str, **values: object) -> str:
    """A question's string with the problem's numbers filled in, for the problem's case if there are several."""
    case = f".{drawn.case}" if drawn.case and part in {"prompt", "reveal"} else ""
    return t(f"quiz.{spec.slug}.{part}{case}", **drawn.numbers, **values)
