"""Every question over hundreds of seeds: its truth against an independent computation, its mistakes, its texts."""

from __future__ import annotations

import subprocess
import sys
from math import ceil, floor
from pathlib import Path
from random import Random
from string import Formatter

import pytest
import torch
from torch import nn

from explorer import text
from explorer.errors import CatalogueError, UnknownEntry
from explorer.quiz import QuestionSpec, grade, problem, question, questions
from explorer.records import Formula, Problem

SEEDS = range(300)
EVERY = pytest.mark.parametrize("spec", questions().values(), ids=lambda spec: spec.slug)
TYPED = [spec for spec in questions().values() if spec.mistakes]
OFFERED = [spec for spec in questions().values() if spec.claims]


def some(spec: QuestionSpec) -> list[Problem]:
    """Three problems of every case: few, where every truth builds a network."""
    found: list[Problem] = []
    for each in (problem(spec, seed) for seed in SEEDS):
        if each not in found and sum(each.case == other.case for other in found) < 3:
            found.append(each)
    return found


# --- every question ---------------------------------------------------------------------------------------------------


@EVERY
def test_a_seed_draws_the_same_problem_and_others_draw_others(spec: QuestionSpec) -> None:
    first, second = ([problem(spec, seed) for seed in SEEDS] for _ in range(2))
    assert first == second
    assert len({(each.case, *each.numbers.items()) for each in first}) > 30


@pytest.mark.parametrize("spec", TYPED, ids=lambda spec: spec.slug)
def test_every_mistake_differs_from_the_truth_and_is_named(spec: QuestionSpec) -> None:
    for seed in SEEDS:
        one = problem(spec, seed)
        right = grade(spec, one, spec.truth(one))
        assert right.correct
        assert right.mistakes == ()
        for code, wrong in spec.mistakes.items():
            verdict = grade(spec, one, wrong(one))
            assert not verdict.correct
            assert code in verdict.mistakes
            assert {spec.mistakes[other](one) for other in verdict.mistakes} == {wrong(one)}


@pytest.mark.parametrize("spec", OFFERED, ids=lambda spec: spec.slug)
def test_claims_differ_for_every_problem(spec: QuestionSpec) -> None:
    for seed in SEEDS:
        one = problem(spec, seed)
        assert len({claim(one) for claim in spec.claims.values()}) == len(spec.claims)


@pytest.mark.parametrize("spec", OFFERED, ids=lambda spec: spec.slug)
def test_no_claim_is_always_right(spec: QuestionSpec) -> None:
    """Else whoever has seen the question once knows the answer to all others."""
    assert len({grade(spec, problem(spec, seed), next(iter(spec.claims))).claim for seed in range(1, 21)}) > 1


@pytest.mark.parametrize("spec", OFFERED, ids=lambda spec: spec.slug)
def test_exactly_one_claim_is_right_and_every_other_a_mistake(spec: QuestionSpec) -> None:
    for each in some(spec):
        verdicts = {code: grade(spec, each, code) for code in spec.claims}
        (right,) = (code for code, verdict in verdicts.items() if verdict.correct)
        assert {verdict.claim for verdict in verdicts.values()} == {right}
        assert all(verdict.mistakes == (() if code == right else (code,)) for code, verdict in verdicts.items())


@EVERY
def test_every_sentence_is_there_and_filled_by_the_numbers_of_a_problem(spec: QuestionSpec) -> None:
    drawn = [problem(spec, seed) for seed in SEEDS]
    sentences = {f"{part}{each.case and '.' + each.case}" for each in drawn for part in ("prompt", "reveal")}
    sentences |= {f"mistake.{code}" for code in {**spec.mistakes, **spec.claims}}
    sentences |= {f"claim.{code}" for code in spec.claims}
    for lang in text.LANGUAGES:
        prefix = f"quiz.{spec.slug}."
        found = {key.removeprefix(prefix): value for key, value in text.strings(lang).items() if key.startswith(prefix)}
        assert set(found) == sentences
        for key, value in found.items():
            asked = {name for _, name, _, _ in Formatter().parse(value) if name}
            assert asked <= {*drawn[0].numbers, *(("truth",) if key.startswith("reveal") else ())}


# --- the contract -----------------------------------------------------------------------------------------------------


def test_a_question_in_which_a_mistake_is_always_right_is_refused() -> None:
    spec = QuestionSpec("same", lambda rng: Problem({"n": 1}), lambda each: 1, {"no-mistake": lambda each: 1.0})
    with pytest.raises(CatalogueError, match="'same' draws no problem"):
        problem(spec, 0)


def test_a_problem_in_which_a_mistake_leads_to_the_truth_is_drawn_again() -> None:
    spec = QuestionSpec(
        "square", lambda rng: Problem({"n": rng.randint(1, 3)}), lambda each: each["n"] ** 2, {"doubled": _doubled}
    )
    assert {problem(spec, seed)["n"] for seed in SEEDS} == {1, 3}, "2 + 2 is 2 · 2"
    assert {spec.draw(Random(seed))["n"] for seed in SEEDS} == {1, 2, 3}


def _doubled(one: Problem) -> int:
    return 2 * one["n"]


@pytest.mark.parametrize("formulas", [{}, {"mistakes": {"a": _doubled}, "claims": {"b": _doubled}}])
def test_a_question_is_typed_or_chosen(formulas: dict[str, dict[str, object]]) -> None:
    with pytest.raises(CatalogueError, match="either mistakes"):
        QuestionSpec("both", lambda rng: Problem({}), _doubled, **formulas)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [float("nan"), float("inf"), -1, 10**18])
def test_a_strange_number_is_wrong_in_a_way_nobody_has_named(answer: float) -> None:
    spec = question("conv-output-size")
    verdict = grade(spec, problem(spec, 1), answer)
    assert not verdict.correct
    assert verdict.mistakes == ()


def test_a_claim_nobody_offered_is_refused() -> None:
    spec = question("zero-blocks")
    with pytest.raises(UnknownEntry, match="Did you mean doubled"):
        grade(spec, problem(spec, 1), "double")


def test_an_unknown_question_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry, match="Did you mean conv-output-size"):
        question("conv-output")


def test_no_question_is_drawn_with_torch() -> None:
    code = """
import sys
from explorer.quiz import grade, problem, question, questions
for spec in questions().values():
    problem(spec, 1)
one = question("conv-output-size")
print(grade(one, problem(one, 1), 3).correct, "torch" in sys.modules)
"""
    root = Path(text.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# --- the output of a convolution --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_side_is_the_one_a_real_convolution_gives(seed: int) -> None:
    spec = question("conv-output-size")
    one = problem(spec, seed)
    n, f, s, p = (one[name] for name in "nfsp")
    with torch.device("meta"):
        side = nn.Conv2d(1, 1, f, s, p)(torch.empty(1, 1, n, n)).shape[-1]
    verdict = grade(spec, one, side)
    assert verdict.correct
    assert verdict.truth == side
    assert verdict.working == Formula(side, "⌊(n + 2p − f)/s⌋ + 1", f"⌊({n} + 2·{p} − {f})/{s}⌋ + 1")
    assert {code: wrong(one) for code, wrong in spec.mistakes.items()} == {
        "padding-forgotten": floor((n - f) / s) + 1,
        "padding-once": floor((n + p - f) / s) + 1,
        "one-forgotten": floor((n + 2 * p - f) / s),
        "rounded-up": ceil((n + 2 * p - f) / s) + 1,
    }


# --- blocks whose weights are 0 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", some(question("zero-blocks")), ids=lambda each: f"{each.case} {each['blocks']}")
def test_blocks_of_zeros_do_what_blocks_written_anew_do(one: Problem) -> None:
    """The block of He et al. 2015, Figure 2, in functions of torch; a directional derivative in place of autograd."""
    residual = one.case.startswith("residual")
    weight, ones = torch.zeros(8, 8, 3, 3, dtype=torch.float64), torch.ones(8, dtype=torch.float64)

    def branch(x: torch.Tensor) -> torch.Tensor:
        for last in (False, True):
            x = nn.functional.conv2d(x, weight, padding=1)
            x = nn.functional.batch_norm(x, None, None, ones, 0 * ones, training=True)
            x = x if last else x.relu()
        return x

    def stage(x: torch.Tensor) -> torch.Tensor:
        for _ in range(one["blocks"]):
            x = (branch(x) + x if residual else branch(x)).relu()
        return x

    drawn = torch.Generator().manual_seed(1)
    x, step = (torch.rand(1, 8, 5, 5, generator=drawn, dtype=torch.float64) + 0.5 for _ in range(2))
    if one.case.endswith("forward"):
        factor = float((stage(x) / x).mean())
    else:
        factor = float(((stage(x + 1e-3 * step) - stage(x - 1e-3 * step)) / (2e-3 * step)).mean())
    assert question("zero-blocks").truth(one) == pytest.approx(factor, rel=1e-6)
    verdict = grade(question("zero-blocks"), one, "unchanged")
    assert verdict.correct == residual
