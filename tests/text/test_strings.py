"""Interface strings: complete in both languages, used by the pages, and none unused."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from string import Formatter

import pytest

from explorer import text
from explorer.datasets import datasets
from explorer.errors import _NEEDS, UnknownEntry
from explorer.figures.ledger import COLUMNS, segment_table
from explorer.figures.notation import operation_text
from explorer.glossary import GROUPS, terms
from explorer.images import PHOTOGRAPHS
from explorer.networks import networks
from explorer.records import AUGMENTS, INITS, KINDS, ShapeTrace
from explorer.ui.parts.architectures.pipeline import SIZE_TERMS
from explorer.ui.parts.architectures.route import ROUTE
from explorer.ui.shell.navigation import SECTIONS
from tests.states import all_fields, states
from tests.text import calls

CJK = re.compile(r"[\u3400-\u9fff]")
LATIN_SENTENCE = re.compile(r"(?:\b[A-Za-z]{2,}[ ,]+){3,}[A-Za-z]{2,}")
SAME_IN_BOTH = re.compile(
    r"""
    family\..+                                        # names of networks
  | data\.(?:mnist|fashion-mnist|cifar10)              # names of published data sets
  | choice\.(?:sigmoid|tanh|relu|A|B|C|3x3|1x1)       # names of functions, and the letters of He et al.
  | column\.(?:index|f|s|p|d|groups|repeat|top1|top5) # symbols
  | column_help\.size_formula
  | fact\.top1
  | residual\.activation\.(?:relu|tanh|sigmoid)      # names of functions
  | augmentation\.number\.(?:alpha_\d|sigma|spread|(?:top|bottom)_(?:left|right)) # Greek letters, arrows
  | nonlinearities\.(?:x|gamma|beta|curve_[zy]|plane_\w+|percent|knob\.\w+|start\.\w+|negative_note)   # symbols
  | nonlinearities\.asked\..+
  | term\..+\.(?:name|also)                         # names of functions and methods
    """,
    re.VERBOSE,
)

EN, ZH = text.strings("en"), text.strings("zh")
CONTROLS = [control for spec in networks().values() for control in spec.controls]
PAGES = [page for pages in SECTIONS.values() for page in pages]


def placeholders(value: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(value) if name is not None}


@cache
def families() -> dict[str, set[str]]:
    """Every group of strings whose keys are computed, with all the keys that must be there and no others."""
    return {
        "nav": {*SECTIONS, *(page.slug for page in PAGES)},
        "option": {control.name for control in CONTROLS},
        "option_help": {control.name for control in CONTROLS},
        "choice": {value for control in CONTROLS for value in control.choices if isinstance(value, str)},
        "kind": set(KINDS),
        "family": {spec.family for spec in networks().values()},
        "image": {image.slug for image in PHOTOGRAPHS},
        "data": {*datasets(), "cifar10-jpeg"},
        **{name: set(codes) for name, codes in calls.choices().items()},
        "init": set(INITS),
        "term": {f"{slug}.{part}" for slug in terms() for part in parts_of(slug)},
        "glossary.group": set(GROUPS),
        "size": {*SIZE_TERMS},
        "stop": {stop.slug for stop in ROUTE},
        "augment": set(AUGMENTS),
        "dataset": {reason for reason, _ in calls.refusals("DatasetError")},
        "dataset_note": {reason for reason, _ in calls.notes()},
    }


def parts_of(slug: str) -> tuple[str, ...]:
    """What is said of a term: other names where it has any, an example where it computes one."""
    also = ("also",) if f"term.{slug}.also" in EN else ()
    return ("name", *also, "says", *(("example",) if terms()[slug].example else ()))


def below(prefix: str) -> set[str]:
    return {key.removeprefix(f"{prefix}.") for key in EN if key.startswith(f"{prefix}.")}


def test_both_languages_have_the_same_placeholders() -> None:
    differing = {key for key in EN if placeholders(EN[key]) != placeholders(ZH[key])}
    assert not differing


@pytest.mark.parametrize("family", families())
def test_a_computed_family_is_complete_and_has_no_more(family: str) -> None:
    assert below(family) == families()[family]


@pytest.mark.parametrize("slug", [page.slug for page in PAGES])
def test_every_page_asks_a_question(slug: str) -> None:
    assert EN[f"{slug}.question"].endswith("?")
    assert ZH[f"{slug}.question"].endswith("？")


def test_every_column_of_a_table_has_a_heading() -> None:
    assert {*COLUMNS, *segment_table(()).columns} <= below("column")


def test_every_heading_belongs_to_a_column() -> None:
    columns = {*COLUMNS, *segment_table(()).columns}
    named = {call.key.pattern.replace("\\", "") for call in calls.calls() if call.exact}
    elsewhere = calls.row_keys() | {key.removeprefix("column.") for key in named}
    assert below("column") <= columns | elsewhere
    assert below("column_help") <= columns


def test_a_data_set_is_called_in_english_as_it_was_published() -> None:
    assert {slug: EN[f"data.{slug}"] for slug in datasets()} == {spec.slug: spec.title for spec in datasets().values()}


def test_every_choice_is_labelled() -> None:
    asked = {field.words for slug in states() for field in all_fields(slug)}
    asked |= {
        f"control.{name}"
        for name in calls.choices()
        if name not in {field.named for s in states() for field in all_fields(s)}
    }
    assert asked <= set(text.strings("en"))


def test_every_word_of_a_figure_exists() -> None:
    assert calls.figure_labels() <= below("figure") | below("lab") | set(KINDS)


@pytest.mark.parametrize("call", calls.calls(), ids=lambda call: f"{call.where} {call.key.pattern}")
def test_a_string_that_is_asked_for_exists_and_gets_its_values(call: calls.Call) -> None:
    keys = [key for key in EN if call.key.fullmatch(key)]
    assert keys, f"{call.where} asks for {call.key.pattern}, which no file of strings holds"
    for key in keys if call.exact else []:
        assert placeholders(EN[key]) == set(call.values)


@pytest.mark.parametrize("reason", _NEEDS)
def test_every_reason_why_an_input_does_not_fit_has_its_sentence(reason: str) -> None:
    assert placeholders(EN[f"problem.{reason}"]) == {"network", "layer"} | placeholders(_NEEDS[reason])


@pytest.mark.parametrize(("reason", "values"), calls.refusals("DatasetError"))
def test_every_reason_why_data_cannot_be_had_has_its_sentence(reason: str, values: frozenset[str]) -> None:
    assert placeholders(EN[f"dataset.{reason}"]) == values


@pytest.mark.parametrize(("reason", "values"), calls.notes())
def test_everything_that_is_noted_of_a_data_set_has_its_sentence(reason: str, values: frozenset[str]) -> None:
    assert placeholders(EN[f"dataset_note.{reason}"]) == values


@pytest.mark.parametrize(
    ("reason", "values"),
    [
        *calls.refusals("DataDirectoryError"),
        *calls.refusals("RunDamaged"),
        *calls.refusals("RunStoreError", always=False),
        ("away", frozenset({"cause"})),
        ("full", frozenset({"cause"})),
    ],
)
def test_every_reason_why_nothing_can_be_stored_has_its_sentence(reason: str, values: frozenset[str]) -> None:
    assert placeholders(EN[f"store.{reason}"]) <= values


def test_no_string_is_unused(traced: Callable[[str], ShapeTrace]) -> None:
    computed = {f"{page.slug}.question" for page in PAGES} | {f"{page.slug}.lesson" for page in PAGES if page.lesson}
    computed |= {f"{page}.predict" for page in calls.predicting()}
    computed |= {f"{name}.{code}" for name, codes in families().items() for code in codes}
    computed |= {field.words for slug in states() for field in all_fields(slug)}
    computed |= {f"{home}.{word}" for home in ("figure", "lab") for word in calls.figure_labels() & below(home)}
    computed |= {f"column_help.{column}" for column in below("column_help") & below("column")}
    protocols = {result.protocol for spec in networks().values() for result in spec.published}
    computed |= {"protocol." + re.sub(r"\d+", "#", phrase) for text in protocols for phrase in text.split(", ")}
    spread = (
        "lenet5-1998",
        "lenet5",
        "nin-cifar10",
        "vgg16",
        "googlenet",
        "cifar-resnet20",
        "mobilenet-v2",
        "squeezenet1-0",
    )
    layers = [layer for slug in spread for layer in traced(slug).layers]
    computed |= {f"operation.{name}" for name in below("operation") if any(name in operation_text(r) for r in layers)}
    patterns = [call.key for call in calls.calls()]
    unused = [key for key in EN if key not in computed and not any(p.fullmatch(key) for p in patterns)]
    assert not unused


def test_chinese_strings_are_in_chinese() -> None:
    latin = {key: value for key, value in ZH.items() if not CJK.search(value)}
    assert not {key: value for key, value in latin.items() if not SAME_IN_BOTH.fullmatch(key)}
    assert not {key: value for key, value in latin.items() if value != EN[key]}


def test_no_english_sentence_is_left_in_chinese() -> None:
    assert not {key: value for key, value in ZH.items() if LATIN_SENTENCE.search(value)}


def test_english_strings_are_in_english() -> None:
    assert {key for key, value in EN.items() if CJK.search(value)} == {"frame.language"}


def test_chinese_has_its_own_punctuation() -> None:
    """A comma behind a character is a Chinese one, and a Chinese mark has no space before it."""
    wrong = re.compile(r"[\u3400-\u9fff][,;:?!]|[,;:?!][\u3400-\u9fff]|[\u3400-\u9fff]\.(?!\w)| [，。；：？！、）]|（ ")
    assert not {key: value for key, value in ZH.items() if wrong.search(value)}


def test_english_has_its_own_punctuation() -> None:
    wrong = re.compile(r"[，。；：？！、（）]| [,;:?!.](?:\s|$)")
    assert not {key: value for key, value in EN.items() if wrong.search(value)}


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_no_string_is_empty_or_has_loose_ends(lang: str) -> None:
    for key, value in text.strings(lang).items():
        assert value.strip(), key
        assert value.count("{") == value.count("}"), key
        assert "  " not in value, key


def test_a_string_is_filled() -> None:
    said = text.say("en", "atlas.figures", parameters="61,706", macs="0.4 M")
    assert "61,706" in said
    assert "0.4 M" in said
    assert "{" not in said


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_misspelt_key_is_answered_with_the_nearest(lang: str) -> None:
    with pytest.raises(UnknownEntry, match=r"Did you mean .*pipeline\.question") as caught:
        text.say(lang, "pipeline.questoin")
    assert caught.value.asked == "pipeline.questoin"
    assert lang in str(caught.value)


def test_a_key_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(UnknownEntry, match=r"Available: .*nav\.atlas"):
        text.say("en", "@")


def test_numbers_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "strings", lambda lang: {"key": "{value}"})
    asked = ("6.6e-06", "-1.2e+07", "-0.5", "3e-16", "1e5", "lr=1e-05", "run-1e-05", "0.001")
    said = [text.say("en", "key", value=value) for value in asked]
    assert said == ["6.6·10⁻⁶", "−1.2·10⁷", "−0.5", "3·10⁻¹⁶", "1e5", "lr=1e-05", "run-1e-05", "0.001"]
