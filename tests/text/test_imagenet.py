"""The names of ImageNet's classes in every language that has a list."""

from __future__ import annotations

import re

import pytest
from torchvision.models import ResNet18_Weights

from explorer import text, weights

TRANSLATED = [lang for lang in text.LANGUAGES if text.imagenet(lang)]


def test_the_english_names_are_torchvisions() -> None:
    assert list(weights.imagenet()) == ResNet18_Weights.IMAGENET1K_V1.meta["categories"]


def test_every_language_but_english_has_a_list() -> None:
    assert [lang for lang in text.LANGUAGES if lang != "en"] == TRANSLATED


@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_thousand_names_that_can_be_told_apart(lang: str) -> None:
    names = text.imagenet(lang)
    assert len(names) == len(set(names)) == 1000
    assert all(re.search(r"[\u4e00-\u9fff]", name) and name == text.plain(name) for name in names)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("tabby", "虎斑猫"),
        ("Egyptian cat", "埃及猫"),
        ("espresso", "意式浓缩咖啡"),
        ("tripod", "三脚架"),
        ("goldfish", "金鱼"),
        ("toilet tissue", "卫生纸"),
    ],
)
def test_the_order_is_that_of_the_logits(english: str, chinese: str) -> None:
    """From the first to the last: a shifted list would not be seen by counting."""
    assert text.imagenet("zh")[weights.imagenet().index(english)] == chinese
