"""Augmentation: the sheet and its answers, the chain as it is edited and kept, and everything in the address."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import inspection, text
from explorer.images import load
from explorer.models import pretrained_model
from explorer.records import Given
from explorer.transforms import GROUPS, read_chain, transforms
from explorer.ui.cached.practice import augmentation as cached
from explorer.ui.parts.practice.augmentation import PRESETS, STATE
from tests.pages.conftest import Visit, alts, buttons, charts, figures, html, open_twin, sound, words

GIVEN = Given((3, inspection.SIDE, inspection.SIDE))


def captions(page: AppTest) -> list[str]:
    """What stands below each draw of the sheet."""
    sheet = next(each.proto.body for each in page.get("html") if "data-opens" in each.proto.body)
    return re.findall(r"<figcaption>(.*?)</figcaption>", sheet, re.DOTALL)


def address(page: AppTest, name: str) -> Any:
    value = page.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def test_every_word_of_the_catalogue_is_there() -> None:
    """Names of transforms, options, values, units and numbers, and no others."""
    specs, below = transforms().values(), {}
    for prefix in ("transform", *(f"augmentation.{part}" for part in ("option", "group", "value", "unit", "number"))):
        below[prefix.removeprefix("augmentation.")] = set(text.group("en", prefix))
    controls = [control for spec in specs for control in spec.controls]
    numbers, units = set(), set()
    for slug in transforms():
        for drawn in inspection.augmented_sheet(
            load("cat"), load("coffee"), read_chain(f"{slug}*p-1"), GIVEN, 1, 1
        ).drawn:
            units |= {number.unit or "none" for number in drawn.steps[0].numbers}
        for options in ("", *(f"*policy-{policy}" for policy in ("cifar10", "svhn") if slug == "autoaugment")):
            one = read_chain(f"{slug}*p-1{options}").steps[0]
            numbers |= set(inspection.drawn_numbers(one, GIVEN, 1, 400 if transforms()[slug].group == "policy" else 3))
    assert below["transform"] == set(transforms())
    assert below["option"] == {control.name for control in controls}
    assert below["group"] == set(GROUPS)
    assert below["value"] == {value for control in controls for value in control.choices if isinstance(value, str)}
    assert below["unit"] == units
    assert below["number"] - {"grey"} == numbers  # grey: of an image of one channel


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_first_view_shows_two_dozen_draws_and_their_answers(visit: Visit, lang: str) -> None:
    page = visit("augmentation", lang=lang)
    sheet = inspection.augmented_sheet(
        load("cat"), load("coffee"), read_chain(PRESETS["inception"]), GIVEN, STATE.seed.default, cached.COUNT
    )
    found = inspection.answers(pretrained_model("efficientnet-lite0"), sheet.images)
    (first,) = inspection.answers(pretrained_model("efficientnet-lite0"), cached.square(_cat())[None])
    said = captions(page)
    assert len(said) == cached.COUNT
    kept = [answer.index == first.index for answer in found]
    assert [line.startswith("✓") for line in said] == kept
    assert 0 < sum(kept) < cached.COUNT, "the page opens with something to see"
    assert all(f"{100 * answer.share:.0f}%" in line.split("\n")[0] for answer, line in zip(found, said, strict=True))
    assert f"**{sum(kept)}" in words(page)
    for drawn, line in zip(sheet.drawn, said, strict=True):
        mirrored = drawn.steps[1].applied
        assert (text.say(lang, "transform.mirror") in line) == mirrored
        area = next(number.value for number in drawn.steps[0].numbers if number.name == "area")
        assert f"{area:.0f}%" in line
    assert buttons(page) == list(range(1, cached.COUNT + 1))
    assert figures(page)
    assert charts(page)
    assert not page.warning
    assert "v2.RandomResizedCrop" in page.code[0].value


def _cat() -> Any:
    from explorer.ui.parts.practice.augmentation import photograph

    return photograph("cat")


def test_everything_is_restored_from_the_address(visit: Visit) -> None:
    page = visit("augmentation", lang="en", pic="coffee", chain="rotation*degrees-90_jpeg*p-0.5", seed="77", asks="0")
    again = visit("augmentation", lang="en", pic="coffee", chain="rotation*degrees-90_jpeg*p-0.5", seed="77", asks="0")
    assert captions(page) == captions(again)
    assert all("Rotation" in line for line in captions(page))
    assert html(page) == html(again), "pixels as well"
    assert "torch.manual_seed(77)" in page.code[0].value
    other = visit("augmentation", lang="en", pic="coffee", chain="rotation*degrees-90_jpeg*p-0.5", seed="78", asks="0")
    assert captions(other) != captions(page)


@pytest.mark.parametrize("name", PRESETS)
def test_every_chain_to_start_from_is_drawn(visit: Visit, name: str) -> None:
    page = visit("augmentation", lang="en", asks="0", chain=PRESETS[name])
    assert page.selectbox(key="chain-preset").value == name
    assert len(captions(page)) == cached.COUNT
    assert not page.toast


def test_a_chain_is_built_step_by_step(visit: Visit) -> None:
    page = visit("augmentation", lang="en", asks="0", chain="mirror")
    page = sound(page.selectbox(key="chain-add").set_value("mixup").run())
    assert address(page, "chain") == "mirror_mixup"
    page = sound(page.selectbox(key="chain-add").set_value("rotation").run())
    assert address(page, "chain") == "mirror_rotation_mixup", "what mixes two images stays last"
    assert address(page, "step") == "2"
    page = sound(page.slider(key="chain.1.rotation.degrees").set_value(40.0).run())
    page = sound(page.slider(key="chain.1.rotation.p").set_value(0.25).run())
    assert address(page, "chain") == "mirror_rotation*p-0.25*degrees-40_mixup"
    assert page.button(key="chain-later").disabled
    page = sound(page.button(key="chain-earlier").click().run())
    assert address(page, "chain") == "rotation*p-0.25*degrees-40_mirror_mixup"
    assert address(page, "step") is None
    for _ in range(3):
        page = sound(page.button(key="chain-remove").click().run())
    assert address(page, "chain") == "none"
    assert set(captions(page)) == {text.say("en", "augmentation.unchanged")}
    page = sound(page.selectbox(key="chain-preset").set_value("he").run())
    assert address(page, "chain") == PRESETS["he"]


def test_a_chain_that_is_full_takes_no_more(visit: Visit) -> None:
    page = visit("augmentation", lang="en", asks="0", chain="_".join(["mirror"] * 12))
    assert page.selectbox(key="chain-add").disabled
    assert len(captions(page)) == cached.COUNT


@pytest.mark.parametrize("chain", ["mirror_" * 13, "nonsense", "rotation*degrees-999", "mixup_mirror", "<b>", "~"])
def test_a_link_with_no_chain_falls_back_with_a_sentence(visit: Visit, chain: str) -> None:
    page = visit("augmentation", lang="en", asks="0", chain=chain)
    assert page.toast
    assert page.selectbox(key="chain-preset").value == "inception"


def test_mixed_labels_are_said(visit: Visit) -> None:
    page = visit("augmentation", lang="en", asks="0", chain="mixup*alpha-1", partner="rocket")
    sheet = inspection.augmented_sheet(
        load("cat"), load("rocket"), read_chain("mixup*alpha-1"), GIVEN, STATE.seed.default, cached.COUNT
    )
    for drawn, line in zip(sheet.drawn, captions(page), strict=True):
        assert f"{100 * drawn.share:.0f}% Cat" in line
        assert "Rocket" in line
    assert "v2.MixUp(alpha=1.0, num_classes=2)" in page.code[0].value
    assert "partner.png" in page.code[0].value


def test_a_chain_is_kept_under_a_name_and_opened_again(visit: Visit) -> None:
    page = visit("augmentation", lang="en", asks="0", chain="mirror_blur", mine="my one~rotation~二~crop")
    page = sound(page.text_input(key="chain-name").set_value("third").run())
    page = sound(page.button(key="chain-keep").click().run())
    assert address(page, "mine") == "my one~rotation~二~crop~third~mirror_blur"
    page = sound(page.button(key="chain-open-1").click().run())
    assert address(page, "chain") == "crop"
    page = sound(page.button(key="chain-forget-0").click().run())
    assert address(page, "mine") == "二~crop~third~mirror_blur"
    page = sound(page.text_input(key="chain-name").set_value("<script>").run())
    page = sound(page.button(key="chain-keep").click().run())
    assert address(page, "mine") == "二~crop~third~mirror_blur"


def test_each_step_alone_is_asked_for(visit: Visit) -> None:
    page = visit("augmentation", lang="en", chain="mirror*p-1", alone="1")
    (table,) = (each.value for each in page.dataframe)
    mirrored = inspection.answers(pretrained_model("efficientnet-lite0"), cached.square(_cat())[None, :, ::-1])
    (first,) = inspection.answers(pretrained_model("efficientnet-lite0"), cached.square(_cat())[None])
    kept = cached.COUNT if mirrored[0].index == first.index else 0
    assert table.iloc[0, 1] == f"{kept} / {cached.COUNT}"


def test_the_table_of_the_sheet_has_every_number(visit: Visit) -> None:
    page = open_twin(visit("augmentation", lang="en", asks="0", chain="mirror*p-0.5_rotation"), "augmented")
    table = page.dataframe[0].value
    assert len(table) == cached.COUNT
    assert set(table["1 Mirror"]) == {"–", text.say("en", "augmentation.applied")}


def test_mirrored_digits_wait_for_a_prediction(visit: Visit) -> None:
    page = visit("augmentation", asked=True, lang="en", asks="0")
    said = text.say("en", "augmentation.mirror_alt", count=360, right=348, mirrored=145, never="3, 5, 6")
    assert said.partition("Never")[0] not in words(page)
    page = sound(page.button(key="predict-augmentation-two").click().run())
    assert said.partition("Never")[0] in words(page)
    assert text.say("en", "predict.right", given="16 to 50", truth="16 to 50") in words(page)


def test_the_colours_of_a_data_set_go_into_the_code(visit: Visit) -> None:
    page = visit("augmentation", lang="en", asks="0", chain="pca-colour", cloud="shapes")
    covariance = inspection.colours_of_dataset("shapes").covariance
    assert f"covariance={covariance!r}" in page.code[0].value
    assert any("first component" in alt for alt in [*alts(page), words(page)])


@pytest.mark.parametrize("size", [(1, 1), (4000, 30), (2, 3000)])
def test_ones_own_image_of_any_size_is_augmented(visit: Visit, size: tuple[int, int]) -> None:
    page = visit("augmentation", lang="en", pic="upload", chain=PRESETS["much"], asks="0")
    file = io.BytesIO()
    Image.new("L", size, 90).save(file, "PNG")
    page = sound(page.file_uploader[0].upload("own.png", file.getvalue(), "image/png").run())
    assert len(captions(page)) == cached.COUNT
