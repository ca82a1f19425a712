"""1x1 and Inception: every number that the page shows, against another way to compute it; both languages."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn

from explorer import text
from explorer.arithmetic import bottleneck, conv_cost
from explorer.blocks import small_inception
from explorer.blocks.auxiliary import auxiliary_reach
from explorer.blocks.residual_sum import growth
from explorer.images import load
from explorer.models import pretrained_model
from explorer.networks import network
from explorer.networks.googlenet import Inception
from explorer.ui.cached.blocks import inception as cached
from tests.pages.conftest import Visit, alts, figures, html, live_figures, open_twin, words

VIEWS = ("pointwise", "bottleneck", "module", "auxiliary", "factorised", "residual")


def bare(said: str) -> str:
    """Text without the braces of TeX's thousands."""
    return said.replace("{,}", ",")


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_in_both_languages(visit: Visit, view: str, lang: str) -> None:
    page = visit("inception", lang=lang, view=view)
    assert not page.error
    assert not page.exception
    assert text.say(lang, "inception.lesson") in [each.value for each in page.subheader]
    assert len(figures(page)) + len(live_figures(page)) + len(page.get("imgs")) > 0


# --- one position -----------------------------------------------------------------------------------------------------


def test_a_position_of_a_trained_layer_is_added_up(visit: Visit) -> None:
    page = visit("inception", lang="en", row="7", column="99", filter="5")
    model, seen = pretrained_model("efficientnet-lite0"), {}
    net = model.instantiate()
    conv = net.get_submodule("stage2.0.project.conv")
    conv.register_forward_hook(lambda part, read, given: seen.update(read=read[0], given=given))
    net(model.preprocess(load("cat")))
    expected = float(seen["given"][0, 4, 7, 99])
    assert f"**{expected:.4f}**" in words(page).replace("−", "-")
    option = next(each for each in live_figures(page) if len(each["series"]) == 2)
    assert option["series"][1]["data"][-1] == pytest.approx(expected, abs=1e-3)
    products = seen["read"][0, :, 7, 99] * conv.weight[4, :, 0, 0]
    assert np.allclose(
        [point["value"] for point in option["series"][0]["data"]], products.tolist(), rtol=1e-3, atol=1e-5
    )


def test_one_channel_is_said_to_be_only_scaled(visit: Visit) -> None:
    page = visit("inception", lang="en", volume="one", weights="-3")
    assert text.say("en", "inception.one_say", weight="-3") in words(page)
    assert not page.toast
    assert page.query_params["weights"] == "-3" or page.query_params["weights"] == ["-3"]


def test_shrinking_the_channels_costs_what_a_layer_costs(visit: Visit) -> None:
    page = visit("inception", lang="en")
    parameters = sum(weight.numel() for weight in nn.Conv2d(192, 32, 1).parameters())
    assert f"<dd>{parameters:,}" in html(page)
    assert "4,816,896" in html(page)
    assert "28×28×192 → 28×28×32" in html(page)


# --- the bottleneck ---------------------------------------------------------------------------------------------------


def test_the_desk_opens_with_the_numbers_of_the_slide(visit: Visit) -> None:
    page = visit("inception", lang="en", view="bottleneck")
    said, facts = bare(words(page)), html(page)
    for number in ("120,422,400", "2,408,448", "10,035,200"):
        assert number in said
    assert "12,443,648" in facts
    assert "120.4 M" in facts
    assert "12.4 M" in facts
    assert "9.7×" in facts
    assert "154.8" in said


def test_other_sizes_are_reckoned_and_a_bottleneck_that_is_too_wide_is_said_to_be(visit: Visit) -> None:
    page = visit("inception", lang="en", view="bottleneck", h="10", w="6", c="8", r="9", k="4", f="3")
    costs = [cost.macs.value for cost in (conv_cost((10, 6), 8, 4, (3, 3)), *bottleneck((10, 6), 8, 9, 4, 3))]
    assert costs == [10 * 6 * 9 * 8 * 4, 10 * 6 * 8 * 9, 10 * 6 * 9 * 9 * 4]
    for number in costs:
        assert f"{number:,}" in bare(words(page))
    level = 9 * 8 * 4 / (8 + 9 * 4)
    assert f"{level:.1f}" in words(page)
    assert text.say("en", "inception.too_wide", width=int(level)) in words(page)
    page = next(b for b in page.button if b.label == text.say("en", "inception.slide")).click().run()
    assert "12,443,648" in html(page)
    assert "r" not in page.query_params


# --- the module -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["inception3a", "inception4e"])
def test_a_module_of_googlenet_costs_what_the_catalogue_s_costs(visit: Visit, module: str) -> None:
    page = visit("inception", lang="en", view="module", module=module)
    real = network("googlenet").build().get_submodule(module)
    assert isinstance(real, Inception)
    assert f"{sum(weight.numel() for weight in real.parameters()):,}" in html(page)
    if module == "inception3a":
        assert "64 + 128 + 32 + 32 = 256" in words(page)
        assert "64 + 128 + 32 + 192 = 416" in words(page)


def test_changed_widths_stand_in_the_address_and_can_be_put_back(visit: Visit) -> None:
    page = visit("inception", lang="en", view="module", n5="96", pp="8")
    assert "64 + 128 + 96 + 8 = 296" in words(page)
    label = text.say("en", "inception.back_to", module="inception3a")
    page = next(button for button in page.button if button.label == label).click().run()
    assert "64 + 128 + 32 + 32 = 256" in words(page)
    assert "n5" not in page.query_params


def test_maps_are_those_of_the_small_network_and_it_says_how_it_was_made(visit: Visit) -> None:
    page = visit("inception", lang="en", view="module", which="second", example="17")
    said = words(page)
    assert "python -m explorer.blocks.small_inception" in said
    net = small_inception.load()
    assert f"{100 * small_inception.accuracy(net):.1f}%" in said
    assert f"{100 * min(small_inception.lesions(net, 'second').values()):.1f}%" in said
    assert any("1×1 branch 24" in alt and "96" in alt for alt in alts(page))


def test_maps_of_googlenet_without_weights_are_said_to_be_random(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "googlenet_id", lambda: "random:googlenet-torchvision")
    page = visit("inception", lang="en", view="module", painter="googlenet")
    assert text.say("en", "inception.random_maps") in words(page)
    assert any("3×3 branch 128" in alt for alt in alts(page))


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_the_weight_of_the_heads_is_a_matter_of_addition(visit: Visit) -> None:
    page = visit("inception", lang="en", view="auxiliary", weight="0.6", start="xavier")
    first = auxiliary_reach("xavier").layers[0]
    last = auxiliary_reach("xavier").layers[-1]
    assert f"**{first.norm(0.6):.2g}**" in words(page)
    assert f"**{first.norm(0.6) / first.norm(0):.1f} times**" in words(page)
    assert f"gets {last.norm(0.6) / last.norm(0):.1f} times as much" in words(page)
    option = live_figures(page)[0]
    assert option["series"][0]["data"][0][1] == pytest.approx(first.norm(0), rel=1e-3)
    assert option["series"][1]["data"][0][1] == pytest.approx(first.norm(0.6), rel=1e-3)
    heads = network("googlenet").build(aux=True)
    count = sum(w.numel() for head in (heads.aux1, heads.aux2) for w in head.parameters())
    assert f"{count:,}" in html(page)


def test_smaller_kernels_save_what_the_papers_say(visit: Visit) -> None:
    said = words(visit("inception", lang="en", view="factorised"))
    assert "**5×5** has 25 weights" in said
    assert "**28%** saved" in said
    said = words(visit("inception", lang="en", view="factorised", how="pair", kernel="3"))
    assert "**33%** saved" in said
    assert text.say("en", "inception.no_stack") in words(visit("inception", lang="en", view="factorised", kernel="3"))


def test_pairs_of_trained_kernels_are_measured(visit: Visit) -> None:
    said = words(visit("inception", lang="en", view="factorised", trained="3"))
    kernels = [v[:, 0] for v in pretrained_model("efficientnet-lite0").state.values() if v.shape[1:] == (1, 3, 3)]
    values = torch.linalg.svdvals(torch.cat(kernels).double()).square()
    values = values[values.sum(1) > 0]
    share = float((values[:, 0] / values.sum(1)).mean())
    assert f"{len(values):,} trained kernels" in said
    assert f"{100 * share:.0f}% of the squared weights" in said


def test_the_sum_s_figures_are_those_of_the_experiment(visit: Visit) -> None:
    page = visit("inception", lang="en", view="residual", wide="32", depth="20", scale="0.5")
    grown = {each.scale: each for each in growth(32, 40, (1.0, 0.3, 0.1, 0.5))}
    option = next(
        each for each in live_figures(page) if each["title"]["text"] == text.say("en", "inception.growth_title")
    )
    for series, scale in zip(option["series"], (1.0, 0.3, 0.1, 0.5), strict=False):
        assert series["data"][-1] == [20, pytest.approx(grown[scale].measured[19], rel=1e-3)]
    assert f"{2**10:,}" not in words(page)
    assert "1,020" in words(page), "theory without scaling, 2^(20/2), to three digits"


@pytest.mark.parametrize("block", list(cached.BLOCKS))
def test_a_block_is_drawn_with_its_channels_and_leads_to_its_network(visit: Visit, block: str) -> None:
    page = visit("inception", lang="en", view="residual", block=block)
    graph, (slug, path) = cached.block(block), cached.BLOCKS[block]
    assert f"{graph.entries[0][0]} channels in, {graph.nodes[-1].out_shape[0]} out" in words(page)
    part = network(slug).build().get_submodule(path)
    assert f"{sum(weight.numel() for weight in part.parameters()):,} parameters" in words(page)
    assert any(f"net={slug}" in link.proto.query_string for link in page.get("page_link"))


# --- what is on screen, as code ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "key"),
    [
        ("pointwise", "inception-linked"),
        ("pointwise", "inception-sum"),
        ("bottleneck", "inception-cost"),
        ("bottleneck", "inception-rank"),
        ("module", "inception-reduced"),
        ("auxiliary", "inception-reach"),
        ("factorised", "inception-pairs"),
    ],
)
def test_the_code_behind_a_figure_is_shown_with_its_numbers(visit: Visit, view: str, key: str) -> None:
    page = open_twin(visit("inception", lang="en", view=view), key)
    assert any("def " in each.value for each in page.code)
    assert page.dataframe


def test_no_word_is_left_untranslated(visit: Visit) -> None:
    for view in VIEWS:
        said = words(visit("inception", lang="zh", view=view))
        assert not re.search(r"inception\.[a-z_]+", said)
