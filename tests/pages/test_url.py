"""The URL holds the whole state of a page, and no text in it can do harm."""

from __future__ import annotations

import re
from typing import Any

import pytest

from explorer import text
from tests.pages.conftest import Visit, html, sound

WHOLE: dict[str, tuple[str, str, Any]] = {  # parameter: its text, the key it restores, the value it stands for
    "lang": ("zh", "lang", "zh"),
    "net": ("resnet18", "shared.net", "resnet18"),
    "level": ("layer", "pipeline.level", "layer"),
    "scale": ("sqrt", "pipeline.scale", "sqrt"),
    "view": ("graph", "pipeline.view", "graph"),
    "block": ("layer2.0", "pipeline.block@resnet18", "layer2.0"),
    "pic": ("coffee", "pipeline.pic@3", "coffee"),
    "h": ("192", "pipeline.h@resnet18", 192),
    "w": ("256", "pipeline.w@resnet18", 256),
    "classes": ("12", "pipeline.classes@resnet18", 12),
    "o.residual": ("0", "pipeline.o.residual@resnet18", False),
    "o.shortcut": ("C", "pipeline.o.shortcut@resnet18", "C"),
}
LINK = {name: raw for name, (raw, _, _) in WHOLE.items()}
ENGLISH = {**LINK, "lang": "en"}
DEFAULTS = {
    "shared.net": "resnet50",
    "pipeline.level": "block",
    "pipeline.scale": "linear",
    "pipeline.view": "ledger",
    "pipeline.op@resnet50": 0,
    "pipeline.pic@3": "cat",
    "pipeline.h@resnet50": 224,
    "pipeline.w@resnet50": 224,
    "pipeline.classes@resnet50": 1000,
    "pipeline.o.residual@resnet50": True,
    "pipeline.o.stride_at@resnet50": "3x3",
    "lang": "en",
}
PARAMETERS = {  # what the link calls them
    key: key.removeprefix("pipeline.").removeprefix("shared.").partition("@")[0] for key in DEFAULTS
}


def test_a_link_restores_everything(visit: Visit) -> None:
    page = visit("pipeline", **LINK)
    assert {key: page.session_state[key] for _, key, _ in WHOLE.values()} == {
        key: value for _, key, value in WHOLE.values()
    }
    assert not page.toast
    assert dict(page.query_params) == LINK
    assert text.say("zh", "pipeline.question") in html(page)


def test_a_number_of_an_option_with_a_slider_is_restored(visit: Visit) -> None:
    page = visit("pipeline", net="efficientnet-phi", **{"o.phi": "2.5"})
    assert page.slider[0].value == 2.5
    assert page.query_params["o.phi"] == "2.5"


def test_what_is_the_default_again_leaves_the_link(visit: Visit) -> None:
    page = visit("pipeline")
    page.get_by_key("pipeline.level").set_value("stage")
    assert sound(page.run()).query_params["level"] == "stage"
    page.get_by_key("pipeline.level").set_value("block")
    assert "level" not in sound(page.run()).query_params


def test_of_values_that_do_not_exist_the_first_few_are_named(visit: Visit) -> None:
    page = visit("pipeline", **dict.fromkeys(PARAMETERS.values(), "no-such-thing"))
    assert {key: page.session_state[key] for key in DEFAULTS} == DEFAULTS
    *named, more = [toast.value for toast in page.toast]
    assert [sum(bool(re.search(rf"\b{name}\b", said)) for name in PARAMETERS.values()) for said in named] == [1] * 5
    assert more == text.say("en", "url.more", count=str(len(PARAMETERS) - 5))


def test_a_long_value_is_cut_in_the_notice(visit: Visit) -> None:
    (toast,) = visit("pipeline", net="a" * 10_000).toast
    assert len(toast.value) < 200


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("net", "VGG16"),
        ("net", "vgg16 "),
        ("level", "Blocks"),
        ("view", "torch"),
        ("h", "0"),
        ("h", "1025"),
        ("w", "224.5"),
        ("classes", "100001"),
        ("o.residual", "True"),
        ("o.residual", "2"),
        ("o.stride_at", "3×3"),
        ("pic", "chelsea.png"),
        ("lang", "zh-CN"),
    ],
)
def test_a_value_that_is_nearly_right_falls_back(visit: Visit, name: str, raw: str) -> None:
    page = visit("pipeline", **{name: raw})
    key = next(key for key, parameter in PARAMETERS.items() if parameter == name)
    assert page.session_state[key] == DEFAULTS[key]
    assert len(page.toast) == 1
    assert re.search(rf"\b{name}\b", page.toast[0].value)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_of_very_many_values_the_first_few_are_named(visit: Visit, lang: str) -> None:
    page = visit("pipeline", lang=lang, net="a", level="b", scale="c", view="d", pic="e", h="f", w="g", classes="h")
    assert len(page.toast) == 6
    assert page.toast[0].value == text.say(lang, "url.notice", name="net", value="a")
    assert page.toast[5].value == text.say(lang, "url.more", count="3")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_list_of_very_many_is_said_once(visit: Visit, lang: str) -> None:
    page = visit("runs", lang=lang, pick=",".join(f"run{number}" for number in range(3_000)))
    assert len(page.toast) == 1


@pytest.mark.parametrize("raw", ["www.any.host", "http://any.host", "someone@any.host", "[a](b)", ":material/lock:"])
def test_no_value_becomes_a_link_or_an_icon(visit: Visit, raw: str) -> None:
    (toast,) = visit("pipeline", net=raw).toast
    assert raw not in toast.value
    assert not re.search(r"www\.|://|@|\]\(|:material", toast.value)


def test_the_notice_is_given_once(visit: Visit) -> None:
    page = visit("pipeline", net="nothing")
    assert page.toast
    assert not sound(page.run()).toast


def test_the_notice_speaks_the_language_of_the_page(visit: Visit) -> None:
    (toast,) = visit("pipeline", lang="zh", net="nothing").toast
    assert toast.value == text.say("zh", "url.notice", name="net", value="nothing")


def test_what_nobody_owns_is_ignored(visit: Visit) -> None:
    page = visit(
        "pipeline", **{"utm_source": "<b>", "o.nothing": "1", "o.": "", "_kept.net": "vgg16", "h.resnet50": "3"}
    )
    assert {key: page.session_state[key] for key in DEFAULTS} == DEFAULTS
    assert not [name for name in page.query_params if name.startswith("o.")]


def test_the_last_of_a_repeated_value_counts(visit: Visit) -> None:
    page = visit("pipeline", net=["vgg16", "resnet18"])
    assert page.session_state["shared.net"] == "resnet18"


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_another_language_keeps_everything_else(visit: Visit) -> None:
    page = visit("pipeline", **ENGLISH)
    page.get_by_key("lang").set_value("zh")
    sound(page.run())
    assert dict(page.query_params) == LINK
    assert text.say("zh", "pipeline.question") in html(page)
    assert text.say("en", "pipeline.question") not in html(page)


def test_another_network_keeps_level_and_view_but_not_its_own_size(visit: Visit) -> None:
    page = visit("pipeline", **ENGLISH)
    page.get_by_key("shared.net").set_value("lenet5")
    sound(page.run())
    shared = ("level", "scale", "view")
    assert {name: page.query_params[name] for name in shared} == {name: ENGLISH[name] for name in shared}
    assert page.session_state["pipeline.h@lenet5"] == 28
    assert page.session_state["pipeline.pic@1"] == "digit", "what it reads"
    own = ("h", "w", "classes", "o.residual", "o.shortcut")
    assert not set(own) & set(page.query_params)
    page.get_by_key("shared.net").set_value("resnet18")
    sound(page.run())
    assert {name: page.query_params[name] for name in (*own, "pic")} == {n: ENGLISH[n] for n in (*own, "pic")}


def test_a_page_is_found_again_as_it_was_left(visit: Visit) -> None:
    page = visit("pipeline", **ENGLISH)
    for file in ("atlas", "pipeline"):
        page.query_params.clear()  # as the browser does when another page is opened from the menu
        page.switch_page(f"../../pages/architectures/{file}.py")
        sound(page.run())
    assert {**page.query_params, "lang": "en"} == ENGLISH


def test_a_value_that_leaves_the_address_becomes_the_default_again(visit: Visit) -> None:
    """As the Back button does: the page is the same, one parameter is gone."""
    page = visit("pipeline", net="vgg16", level="stage")
    del page.query_params["level"]
    sound(page.run())
    assert page.session_state["shared.net"] == "vgg16"
    assert page.session_state["pipeline.level"] == "block"


def test_two_sessions_do_not_see_each_other(visit: Visit) -> None:
    first, second = visit("pipeline", net="vgg16"), visit("pipeline", net="lenet5", level="layer")
    first.get_by_key("pipeline.level").set_value("stage")
    sound(first.run())
    sound(second.run())
    assert (first.session_state["shared.net"], second.session_state["shared.net"]) == ("vgg16", "lenet5")
    assert (first.session_state["pipeline.level"], second.session_state["pipeline.level"]) == ("stage", "layer")
