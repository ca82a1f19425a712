"""One word for one thing: spellings that were replaced do not come back, and labels that are quoted are on screen."""

from __future__ import annotations

import re

import pytest

from explorer import text

INSTEAD = {
    "en": {
        r"\bpictures?\b": "image",
        r"\banew\b": "again",
        r"\bfirst weights\b": "initial weights, initialisation",
        r"\bfetch(?:e[sd]|ing)?\b": "download",
        r"\bbehind (?:an?|the|every|each|it|its|their|modules?|batch|stage)\b": "after",
        r"\bhands? on\b|\bhanded on\b": "pass on",
        r"\bdream(?:s|t|ed|ing)?\b": "optimised image",
        r"\blesion(?:s|ed)?\b": "ablation, ablated",
        r"\bhears?\b": "see",
        r"\bmakes? (?:it|them) again\b": "reproduce",
        r"\bnot re-read\b|\bas usually quoted\b|\bfrom memory\b": "a number that was checked, or none",
        r"(?<=[\d}]) %": "no space before %",
    },
    "zh": {
        "批归一化|批标准化|批规范化": "批量归一化",
        "批大小": "批量大小",
        "批次": "批量",
        "图片": "图像",
        "幅图像": "张图像",
        "支路": "分支",
        "模块": "块",
        "体积": "数据体",
        "逐深度|逐通道卷积": "深度卷积（depthwise）",
        "数据增广": "数据增强",
        "扩张率|空洞率": "膨胀率",
        "宽度乘子": "宽度乘数",
        "录制": "已存记录",
        "现场": "实时训练",
        "幻灯片": "课件",
        "形状流水线": "逐层尺寸",
        "损毁": "消融",
        "选项 [ABC]": "方案",
        r"(?:普通|残差)-[\d{]": "56 层普通网络",
        "听到": "看到",
        "凭记忆": "核对过的数字，或不写",
        "您": "你",
        r"(?<=[\d}]) %": "百分号前不空格",
        " ……": "省略号前不空格",
    },
}
"""What is not written any more, as a pattern, and what is written instead."""

OTHER_NAMES = re.compile(r"term\.[\w-]+\.also$")

ASKS = {
    "en": re.compile(
        r"\b(?:[Pp]ress|[Cc]hoose|[Oo]pens?|[Ss]witch on|[Uu]nder|[Ss]ee|[Pp]age)\s+"
        r'(?:\*|")([A-Z][^*"]*?)(?:\*|")(?!\*)',
    ),
    "zh": re.compile(r"(?:打开|按下?|选择|请选|翻到|选中|见|在)“([^”]+)”"),
}
"""Where a sentence sends its reader to a label: *Press *Bottleneck**, 打开“瓶颈”."""


def said(lang: str) -> dict[str, str]:
    """Every string and every slot of a lesson, by where it stands; but other names of a term are there to be known."""
    slots = {
        f"lessons/{kind}/{key}.md, {slot}": body
        for kind in text.SLOTS
        for key in text.lessons(lang, kind)
        for slot, body in text.lesson(lang, kind, key).items()
    }
    strings = {key: said for key, said in text.strings(lang).items() if not OTHER_NAMES.match(key)}
    return {**strings, **slots}


def quoted(lang: str, body: str) -> list[str]:
    """The labels that a text sends its reader to, without line breaks."""
    return [" ".join(label.split()) for label in ASKS[lang].findall(body)]


def is_label(lang: str, name: str) -> bool:
    """Whether something on screen is called that, or begins with it before a unit in brackets."""
    labels = text.strings(lang).values()
    return name in labels or any(label.startswith((f"{name} (", f"{name}（")) for label in labels)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_no_spelling_comes_back(lang: str) -> None:
    found = {
        (where, match[0]): f"write: {word}"
        for where, body in said(lang).items()
        for pattern, word in INSTEAD[lang].items()
        for match in re.finditer(pattern, body)
    }
    assert not found


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_label_that_is_quoted_is_on_screen(lang: str) -> None:
    asked = [(where, name) for where, body in said(lang).items() for name in quoted(lang, body)]
    assert len(asked) > 10
    assert not [(where, name) for where, name in asked if not is_label(lang, name)]


def test_labels_are_found_in_a_sentence() -> None:
    assert quoted("en", 'Open *Bottleneck*, choose "Too\nmuch"; *could* and **bold** are no labels.') == [
        "Bottleneck",
        "Too much",
    ]
    assert quoted("zh", "打开“瓶颈”，在“特征图”页；“看”图不算。") == ["瓶颈", "特征图"]
    assert is_label("en", "Bottleneck")
    assert is_label("zh", "曾经沉默、后来恢复")
    assert not is_label("en", "Bottlenecks")


@pytest.mark.parametrize(
    ("lang", "body"), [("en", "12.5 % of all"), ("en", "a picture"), ("zh", "两张图片"), ("zh", "{x} %")]
)
def test_a_spelling_is_found(lang: str, body: str) -> None:
    assert sum(len(re.findall(pattern, body)) for pattern in INSTEAD[lang]) == 1
