"""The shape pipeline: levels, scales, views and options of a handful of networks, and inputs that do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from torch import nn

from explorer import datasets, text
from explorer.folding import outline, telling_block
from explorer.networks import network
from explorer.records import LEVELS, NetworkInstance, ShapeTrace
from explorer.tracing import build_on_meta, first_layer_maps, trace_shapes
from explorer.ui.cached import networks as cached
from tests.pages.conftest import Visit, figures, html, sound, words
from tests.random_weights import trace_of

HANDFUL = ("lenet5-1998", "googlenet", "resnet50", "mobilenet-v3-small", "densenet-bc-100-12")


def drawn(page: object) -> str:
    """The drawing of the pipeline, as something to compare."""
    return str(figures(page)[0]["data"]) + str(figures(page)[0]["layout"])


@pytest.mark.parametrize("slug", HANDFUL)
def test_every_level_and_scale_draws_the_network_differently(visit: Visit, slug: str) -> None:
    page = visit("pipeline", net=slug)
    drawings = set()
    for level in LEVELS:
        for scale in ("linear", "sqrt"):
            page.get_by_key("pipeline.level").set_value(level)
            page.get_by_key("pipeline.scale").set_value(scale)
            drawings.add(drawn(sound(page.run())))
    shown = {tuple(segment.label for segment in outline(trace_of(slug), level)) for level in LEVELS}
    assert len(drawings) == 2 * len(shown)


@pytest.mark.parametrize("slug", HANDFUL)
def test_every_view_shows_what_it_promises(visit: Visit, slug: str, traced: Callable[[str], ShapeTrace]) -> None:
    spec, trace = network(slug), traced(slug)
    page = visit("pipeline", net=slug)
    assert f"{trace.parameters:,}" in html(page)
    assert f"{trace.macs:,}" in html(page)
    ledger = page.dataframe[0].value
    assert len(ledger) == len(trace.layers)
    assert ledger["parameters"].sum() == trace.parameters
    for view, seen in {
        "graph": lambda: (
            len(figures(page)) == 4 + (telling_block(trace) is not None)
            and page.get_by_key(f"pipeline.block@{slug}").value
        ),
        "torchinfo": lambda: f"{trace.parameters:,}" in page.code[0].value and len(page.dataframe[0].value) >= 3,
        "sources": lambda: len(page.dataframe[0].value) == len(spec.published) > 0,
        "code": lambda: "SPECS" in page.code[0].value,
        "ledger": lambda: len(page.dataframe[0].value) == len(trace.layers),
    }.items():
        page.get_by_key("pipeline.view").set_value(view)
        sound(page.run())
        assert seen(), f"{view} of {slug}"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_volumes_are_painted_where_weights_were_trained_for_them(visit: Visit, lang: str) -> None:
    """An image on every grid of the main path; on the others as before, the input's and the first filter's."""
    page = visit("pipeline", lang=lang, net="cifar-resnet20", level="block")
    segments = [segment for segment in outline(trace_of("cifar-resnet20"), "block") if segment.main]
    grids = [segment for segment in segments if len(segment.out_shape) == 3 and segment.out_shape[1:] != (1, 1)]
    assert len(figures(page)[0]["layout"]["images"]) == 1 + len(grids)
    assert text.say(lang, "pipeline.painted") in words(page)
    assert text.say(lang, "pipeline.maps_trained") in words(page)
    other = visit("pipeline", lang=lang, net="resnet18")
    assert len(figures(other)[0]["layout"]["images"]) == 2
    assert text.say(lang, "pipeline.painted") not in words(other)
    assert text.say(lang, "pipeline.painting") not in words(other)
    assert text.say(lang, "pipeline.maps_untrained", seed=0) in words(other)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_network_that_reads_digits_is_shown_one(visit: Visit, lang: str) -> None:
    page = visit("pipeline", lang=lang, net="lenet5")
    assert page.get_by_key("pipeline.pic@1").value == "digit"
    assert datasets.dataset("digits28").source in words(page)
    maps = cached.first_maps(NetworkInstance.of(network("lenet5")), "digit").maps
    digit = datasets.load("digits28").test_images[0, 0].numpy()
    expected = first_layer_maps(NetworkInstance.of(network("lenet5")), np.repeat(digit[..., None], 3, 2)).maps
    np.testing.assert_array_equal(maps, expected)
    assert visit("pipeline", lang=lang, net="resnet18").get_by_key("pipeline.pic@3").value == "cat"


def test_torchinfo_leaves_nothing_unexplained(visit: Visit) -> None:
    rest = visit("pipeline", net="googlenet", view="torchinfo").dataframe[0].value.iloc[-1]
    assert rest["torchinfo"] == rest["here"] == 0


def test_a_network_without_a_published_accuracy_says_so(visit: Visit) -> None:
    page = visit("pipeline", net="efficientnet-phi", view="sources")
    assert len(page.info) == 1
    assert not page.dataframe


@pytest.mark.parametrize(
    ("slug", "option", "raw", "value"),
    [
        ("alexnet", "groups", "1", 1),
        ("resnet18", "residual", "0", False),
        ("googlenet", "aux", "1", True),
        ("mobilenet-v2", "width", "1.4", 1.4),
        ("efficientnet-phi", "phi", "3", 3.0),
        ("densenet121", "growth", "12", 12),
        ("resnet50", "stride_at", "1x1", "1x1"),
    ],
)
def test_an_option_changes_the_network(visit: Visit, slug: str, option: str, raw: str, value: object) -> None:
    spec = network(slug)
    changed = trace_shapes(NetworkInstance.of(spec, options={option: value}))
    page = visit("pipeline", net=slug, **{f"o.{option}": raw})
    assert page.session_state[f"pipeline.o.{option}@{slug}"] == value
    assert f"{changed.parameters:,}" in html(page)
    assert f"{changed.macs:,}" in html(page)
    assert len(page.dataframe[0].value) == len(changed.layers)
    assert html(page) != html(visit("pipeline", net=slug))


def test_a_plain_twin_has_no_additions(visit: Visit) -> None:
    ledger = visit("pipeline", net="resnet18", **{"o.residual": "0"}).dataframe[0].value
    addition = text.say("en", "kind.add")
    assert addition in set(visit("pipeline", net="resnet18").dataframe[0].value["kind"])
    assert addition not in set(ledger["kind"])


def test_size_and_classes_change_the_shapes(visit: Visit) -> None:
    page = visit("pipeline", net="resnet18", h="64", w="96", classes="7")
    trace = trace_shapes(NetworkInstance.of(network("resnet18"), size=(64, 96), classes=7))
    ledger = page.dataframe[0].value
    assert list(ledger["macs"]) == [layer.macs for layer in trace.layers]
    assert "64×96×3" in ledger["input"][0]
    assert ledger["output"].iloc[-1] == "1×1×7"


def test_no_digit_of_a_count_is_cut_off(visit: Visit) -> None:
    """Left to itself the browser measures numbers without their separators: 118,013,952 lost its first digit."""
    page = visit("pipeline", net="densenet121")
    table, widths = page.dataframe[0].value, json.loads(page.dataframe[0].proto.columns)
    for name in ("parameters", "macs"):
        assert widths[name]["width"] >= 8 * len(f"{table[name].max():,}")


# --- what does not fit ------------------------------------------------------------------------------------------------


def test_what_breaks_is_named_and_the_button_mends_it(visit: Visit) -> None:
    page = visit("pipeline", net="lenet5", **{"o.padding": "0"})
    assert len(page.error) == 1
    assert "32×32" in page.error[0].value
    assert not figures(page)
    (cure,) = (button for button in page.button if "32×32" in button.label)
    cure.click()
    sound(page.run())
    assert not page.error
    assert len(figures(page)) == 3
    assert (page.query_params["h"], page.query_params["w"]) == ("32", "32")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_small_input_gets_a_sentence_in_place_of_the_figures(visit: Visit, lang: str) -> None:
    page = visit("pipeline", net="inception-v3", h="32", w="32", lang=lang)
    assert len(page.error) == 1
    assert "Inception v3" in page.error[0].value
    assert "75×75" in page.error[0].value
    assert "Traceback" not in page.error[0].value
    assert not figures(page)
    assert page.session_state["pipeline.h@inception-v3"] == 32


def test_one_pixel_is_answered_for_every_family(visit: Visit) -> None:
    for slug in ("lenet5", "alexnet", "vgg16", "resnet50", "densenet121", "squeezenet1-0"):
        page = visit("pipeline", net=slug, h="1", w="1")
        assert page.error or figures(page), slug


@pytest.mark.parametrize(("slug", "same"), [("lenet5", True), ("alexnet-torchvision", True), ("vgg16", False)])
def test_where_layers_are_the_blocks_only_one_of_both_is_offered(visit: Visit, slug: str, same: bool) -> None:
    named = {level: text.say("en", f"level.{level}") for level in LEVELS}
    for level, other in (("block", "layer"), ("layer", "block")):
        page = visit("pipeline", net=slug, level=level)
        assert (text.say("en", "pipeline.same_note") in words(page)) == same
        offered = [name for code, name in named.items() if not (same and code == other)]
        assert list(page.get_by_key("pipeline.level").options) == offered


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_link_to_layers_that_are_blocks_shows_these_and_complains_of_nothing(visit: Visit, lang: str) -> None:
    page = visit("pipeline", lang=lang, net="lenet5", level="layer")
    assert not page.toast
    assert figures(page)[0]["data"] == figures(visit("pipeline", lang=lang, net="lenet5"))[0]["data"]
    assert page.query_params["level"] == "layer"


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize(
    ("slug", "idea", "block"),
    [
        ("resnet50", "residual", "layer1.1"),
        ("mobilenet-v2", "inverted", "features.3"),
        ("efficientnet-b0", "gate", "features.2.1"),
        ("googlenet", "branches", "inception3a"),
        ("densenet121", "dense", "features.denseblock1.denselayer2"),
        ("mobilenet-v1", "separable", "dw1"),
        ("plain34", "chain", "layer1.0"),
        ("vgg16", "", ""),
    ],
)
def test_the_block_a_network_is_built_of_stands_below_its_drawing(
    visit: Visit, lang: str, slug: str, idea: str, block: str
) -> None:
    page = visit("pipeline", lang=lang, net=slug)
    shown = [str(figure["layout"]["meta"]["title"]) for figure in figures(page)]
    if not idea:
        assert [title for title in shown if " · " in title] == []
        return
    assert shown[1] == f"{network(slug).title} · {block}"
    assert text.say(lang, f"idea.{idea}") in words(page)


# --- where the parameters sit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_where_the_parameters_sit_is_asked_before_it_is_shown(visit: Visit, lang: str) -> None:
    page = visit("pipeline", lang=lang, net="vgg16", asked=True)
    assert text.say(lang, "pipeline.predict") in words(page)
    assert len(figures(page)) == 2, "the volumes, and the curves of sizes"
    assert "102{,}764{,}544" not in words(page), "the lesson would tell"
    assert "parameter_share" not in page.dataframe[-1].value.columns, "so would the bars in the ledger"
    sound(page.get_by_key("predict-pipeline-skip").click().run())
    assert "parameter_share" in page.dataframe[-1].value.columns


def counted(slug: str) -> dict[str, int]:
    """Parameters of a network's modules: of linear layers, and of the others before and from the middle convolution."""
    found, seen = {"early": 0, "late": 0, "dense": 0}, 0
    modules = list(build_on_meta(NetworkInstance.of(network(slug))).modules())
    half = sum(isinstance(module, nn.Conv2d) for module in modules) // 2
    for module in modules:
        seen += isinstance(module, nn.Conv2d)
        place = "dense" if isinstance(module, nn.Linear) else "early" if seen <= half else "late"
        found[place] += sum(parameter.numel() for parameter in module.parameters(recurse=False))
    return found


@pytest.mark.parametrize("slug", ["vgg16", "alexnet", "cifar-resnet20", "mobilenet-v2", "squeezenet1-0"])
def test_a_prediction_is_held_against_a_count_over_the_modules(visit: Visit, slug: str) -> None:
    truth = max(counts := counted(slug), key=counts.__getitem__)
    said = {place: text.say("en", f"pipeline.predict_{place}") for place in counts}
    for guess in ("late", "dense"):
        page = visit("pipeline", net=slug, asked=True)
        sound(page.get_by_key(f"predict-pipeline-{guess}").click().run())
        verdict = "right" if guess == truth else "wrong"
        values = {"given": said[guess]} | ({} if guess == truth else {"truth": said[truth]})
        assert text.say("en", f"predict.{verdict}", **values) in words(page)
        shares = {place: f"{100 * count / sum(counts.values()):.1f}" for place, count in counts.items()}
        assert text.say("en", "pipeline.places", **shares) in words(page)


def test_a_prediction_is_asked_once_and_said_of_one_network(visit: Visit) -> None:
    page = visit("pipeline", net="vgg16", asked=True)
    page.get_by_key("pipeline.level").set_value("stage")
    sound(page.run())
    assert text.say("en", "pipeline.predict") in words(page), "a control is no answer"
    sound(page.get_by_key("predict-pipeline-dense").click().run())
    assert "You said" in words(page)
    page.get_by_key("shared.net").set_value("resnet18")
    sound(page.run())
    assert "You said" not in words(page)
    assert text.say("en", "pipeline.predict") not in words(page)


def test_a_link_that_carries_state_shows_it_at_once(visit: Visit) -> None:
    question = text.say("en", "pipeline.predict")
    assert question not in words(visit("pipeline", net="vgg16", level="stage", asked=True))
    assert question not in words(visit("pipeline", net="vgg16", present="1", asked=True))
    assert question in words(visit("pipeline", net="vgg16", lang="en", asked=True))
    page = visit("pipeline", asked=True)
    sound(page.get_by_key("predict-pipeline-skip").click().run())
    assert question not in words(page)
    assert "You said" not in words(page)


@pytest.mark.parametrize(
    ("slug", "block"),
    [("resnet50", "layer1.1"), ("resnet18", "layer1.0"), ("googlenet", "inception3a"), ("lenet5", "c1")],
)
def test_the_block_graph_opens_on_the_block_that_shows_the_idea(visit: Visit, slug: str, block: str) -> None:
    page = visit("pipeline", net=slug, view="graph")
    assert page.session_state[f"pipeline.block@{slug}"] == block
