"""Presenting, without a browser: which figure is drawn, what is said below it, and the address in the code."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import segno
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.networks import networks
from explorer.ui.shell.navigation import SECTIONS
from tests.pages.conftest import Visit, charts, figures, html, sound
from tests.states import all_fields


def test_one_figure_is_drawn_with_its_sentence_and_nothing_of_it_is_asked_for(visit: Visit) -> None:
    alone = visit("atlas", present="2")
    assert len(figures(alone)) == 1
    assert figures(alone)[0]["layout"]["meta"]["title"] == text.say("en", "atlas.scatter")
    judged = [spec for spec in networks().values() if any(p.top1 and p.dataset == "ImageNet" for p in spec.published)]
    said = text.say("en", "atlas.scatter_alt", count=len(judged), best="EfficientNet-B7", top1="84.122")
    assert said in [each.value for each in alone.markdown]
    assert not alone.get("popover")
    assert "2 / 2" in html(alone)


def test_the_keys_go_through_the_figures_and_stop_at_both_ends(visit: Visit) -> None:
    page = visit("degradation")
    count = charts(page)
    page = sound(page.button(key="_present.present").click().run())
    assert page.query_params["present"] == "1"
    assert page.button(key="_present.back").disabled
    seen = [page.get("echarts_chart")[0].proto.spec]
    while not page.button(key="_present.on").disabled:
        page = sound(page.button(key="_present.on").click().run())
        assert charts(page) == 1
        seen.append(page.get("echarts_chart")[0].proto.spec)
    assert len(set(seen)) == len(seen) == count
    page = sound(page.button(key="_present.leave").click().run())
    assert "present" not in page.query_params
    assert charts(page) == count


@pytest.mark.parametrize(("wanted", "shown"), [("7", "2"), ("999", "2"), ("x", None), ("-1", None), ("0", None)])
def test_a_number_that_does_not_exist_is_the_last_and_a_word_is_refused(
    visit: Visit, wanted: str, shown: str | None
) -> None:
    page = visit("atlas", present=wanted)
    assert page.query_params.get("present") == shown
    assert bool(page.toast) == (shown is None)


def test_the_code_holds_the_address_of_the_page_and_its_state(visit: Visit) -> None:
    page = visit("pipeline", lang="zh", net="vgg16", level="stage", present="1")
    address = "?lang=zh&net=vgg16&level=stage"
    assert segno.make(address, error="l", micro=False).svg_data_uri(border=3, dark="#000000", light="#FFFFFF") in html(
        page
    )


BLOCKS: dict[str, tuple[str, ...]] = {
    slug: next(field.codes for field in all_fields(slug) if field.name == "view")
    for slug in (spec.slug for spec in SECTIONS["blocks"])
}
"""The pages of *Building blocks*, with all of their parts."""


def drawn(page: AppTest) -> Counter[str]:
    """Whatever a page draws, by its kind: figures, live ones, images, components to point into, and what is HTML."""
    found = Counter({kind: len(page.get(kind)) for kind in ("plotly_chart", "echarts_chart")})
    found["image"] = sum(len(each.proto.imgs) for each in page.image)
    for kind in ("pointing", "linked", "pyramid"):
        found[kind] = sum(each.proto.component_name.endswith(kind) for each in page.get("bidi_component"))
    for each in page.get("html"):
        code = re.sub(r'<img class="atlas-code"[^>]*>', "", each.proto.body)
        tiles = code.count("<img") if "atlas-tiles" in code else 0
        found["image"] += tiles
        found["strip"] += code.count("<img") - tiles
        found["answer"] += code.count('<dl class="atlas-answer"')
        found["map"] += code.count('<table class="atlas-surface"')
    return +found


@pytest.mark.parametrize(
    ("slug", "link"),
    [
        ("pipeline", {"net": "lenet5"}),
        ("pipeline", {"net": "cifar-resnet20", "view": "graph"}),
        ("maps", {"net": "cifar-resnet20"}),
        ("maps", {"net": "cifar-resnet20", "beside": "1"}),
        ("why", {"net": "cifar-resnet20", "redrawn": "1", "methods": "saliency,grad-cam"}),
        ("units", {"net": "cifar-resnet20"}),
        ("units", {"net": "cifar-resnet20", "unitview": "lesion"}),
        ("lenet", {"pen": "test"}),
        ("runs", {}),
        *((slug, {"view": view}) for slug, views in BLOCKS.items() for view in views),
        *(("efficient", {"view": "scaling", "compare": figure}) for figure in ("family", "axes")),
    ],
)
def test_whatever_a_page_draws_is_one_of_the_steps(visit: Visit, slug: str, link: dict[str, str]) -> None:
    whole, steps, one = drawn(visit(slug, **link)), Counter[str](), 1
    while True:
        page = visit(slug, **link, present=str(one))
        alone = drawn(page)
        assert alone, one
        steps += alone
        if page.button(key="_present.on").disabled:
            break
        one += 1
    assert steps == whole
