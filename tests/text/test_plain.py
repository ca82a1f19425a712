"""Untrusted text stays plain text: tested with a Markdown parser, and for Streamlit's extensions."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest
from markdown_it import MarkdownIt

from explorer.models.model import class_names
from explorer.networks import network
from explorer.text import plain, strings

ORDINARY = (
    "sulphur-crested cockatoo",
    "T-shirt/top",
    "été",
    "猫",
    "v1.2",
    "jack-o'-lantern",
    "salt & pepper",
    "C++ (2020), 3rd ed.",
    "mine_v2.final.pth",
    "layer4.2.conv3.weight",
    "50 % of #7",
    "Straße: links",
    "שלום",
    "👩‍🔬",
    "0",
)
HOSTILE = (
    "![cat](http://host.example/p.png)",
    "![c](http:&#47;&#47;host&#47;p.png)",
    "![x][ref] [ref]: http://host.example/p.png",
    "[press here](https://host.example)",
    "<https://host.example>",
    "<img src=//host.example/p.png>",
    "<script>alert(1)</script>",
    "www.any.host",
    "WWW.any.host/path",
    "see http://host.example now",
    "HTTPS://host.example",
    "someone@host.example",
    "mailto:someone@host.example",
    ":material/lock:",
    ":red[text]",
    ":smile:",
    ":+1:",
    "$x^2$",
    "$$\\sum$$",
    "`code`",
    "**bold** ~~gone~~",
    "\\![x](y)",
    "a\n\n# heading\n\n- list",
    "&lt;b&gt; &#x3c;b",
    "\u202egnp.tac",
    "\x00\x1b[31m",
    "\ud83d",
    "x" * 100_000,
)

MARKUP = (
    re.compile(r"!?\[[^\]]*\]\s*[\[(:]"),  # an image, a link, a reference
    re.compile(r"</?[a-z!]|<\w+[:@]", re.IGNORECASE),
    re.compile(r"(?:https?|ftp|mailto|xmpp):", re.IGNORECASE),
    re.compile(r"www\.", re.IGNORECASE),
    re.compile(r"[\w.+-]@[\w-]+\.\w"),  # one character is enough, and a search from every one of 100,000 is not quick
    re.compile(r":[\w+-]+[:/\[]"),
    re.compile(r"\$[^$]*\$"),
    re.compile(r"`|\*|~|\\"),
    re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"),
)


MORE_THAN_WORDS = {"link_open", "image", "html_inline", "html_block", "code_inline", "code_block", "fence"}


def markup(written: str) -> list[str]:
    """What a reader of Markdown would take for more than words, also once it has resolved the entities."""
    seen = [found[0] for text in (written, unescape(written)) for rule in MARKUP if (found := rule.search(text))]
    blocks = MarkdownIt("commonmark").parse(f"**before** {written} · {written} behind")
    kinds = {token.type for block in blocks for token in (block, *(block.children or ()))}
    return seen + sorted(kinds & MORE_THAN_WORDS)


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert plain(name) == name


def test_the_classes_of_imagenet_and_of_what_ships_stay_as_they_are() -> None:
    ours = [key.removeprefix("class.") for key in strings("en") if key.startswith("class.")]
    for name in (*class_names(network("resnet18")), *ours):
        assert plain(name) == name


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_but_words_is_left_of_a_hostile_name(name: str) -> None:
    assert markup(name) or len(name) > 80 or "\n" in name
    shown = plain(name)
    assert not markup(shown)
    assert len(shown) <= 80
    shown.encode()


def test_nothing_but_words_is_left_of_anything_put_together_at_random() -> None:
    rng = np.random.default_rng(3)
    pieces = (*HOSTILE[:-1], *'[]()<>!:/\\`*~$&#;@._- \n\t"x1', "http", "www", "material", "&#58;", "&colon;", "&amp;")
    for _ in range(5_000):
        name = "".join(pieces[i] for i in rng.integers(len(pieces), size=int(rng.integers(1, 12))))
        assert not markup(plain(name, 200)), name


@pytest.mark.parametrize("value", [*ORDINARY, *HOSTILE])
def test_what_is_plain_stays_plain(value: str) -> None:
    """A name may be cleaned where it enters, and again as a part of a sentence."""
    assert plain(plain(value)) == plain(value)


def test_a_long_text_is_cut() -> None:
    assert plain("a" * 80) == "a" * 80
    assert plain("a" * 81) == "a" * 79 + "…"
    assert plain("a" + " " * 100 + "b") == "a b", "spaces that are not shown take no room"
    assert plain("a" * 78 + " bc") == "a" * 78 + "…"
    assert plain(ValueError("of  the\nkind"), 300) == "of the kind"
