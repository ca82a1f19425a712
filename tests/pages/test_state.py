"""What every page declares of its state holds: links restore, defaults stay out, and no text in an address does harm.

A field counts only where a page has asked for it, and some are asked for under a certain choice only. The ways to all
of them are found by visiting: from the page as it opens, through every code of whatever it asks for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer import text
from explorer.fields import Field
from explorer.networks import networks
from explorer.text import plain
from explorer.training.presets import EXPERIMENTS, LENET
from explorer.ui.cached import maps as cached_maps, runs as cached_runs
from tests.pages.conftest import Here, Visit, everything
from tests.states import all_fields, states

Link = dict[str, str]

HOSTILE = {
    "empty": "",
    "a space": " ",
    "unknown": "no-such-thing",
    "negative": "-1",
    "zero": "0.0",
    "huge": "9" * 5000,
    "not a number": "NaN",
    "infinite": "-inf",
    "ten thousand letters": "a" * 10_000,
    "a script": "<script>alert(1)</script>",
    "an image": "![x](http://example.org/x.png)",
    "a path": "../../../../etc/passwd",
    "a placeholder": "{name} {0} %s",
    "a query": "'; DROP TABLE networks; --",
    "other scripts": "网络 شبكة 🧠",
    "a control character": "\x00\x1b[31m\u202e",
    "many brackets": "[" * 990,
    "a list of a list": "[['nothing'], {}]",
    "a place out of any grid": "99999,99999",
    "very many": ",".join(map(str, range(300))),
}
LONGEST_ADDRESS = 400_000  # letters of the values in it: a longer one, Streamlit does not read at all
MOST_NOTICES = 6  # five, and how many more there are
EN, ZH = text.strings("en"), text.strings("zh")
FIELDS = {slug: {field.name: field for field in all_fields(slug)} for slug in states()}
FOUND: dict[str, dict[str, Link]] = {}  # the ways to the fields of a page
DECLARED = [(slug, field) for slug, fields in FIELDS.items() for field in fields.values()]


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Here) -> None:
    """A data directory and a service of this test's own; a machine that could train all, and look at little."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", f"{tmp_path}")
    monkeypatch.setattr(cached_runs, "has_cuda", lambda: True)
    monkeypatch.setattr(cached_maps, "too_many_megabytes", lambda model_id: 2_000.0 * ("resnet20" not in model_id))


# --- the ways to the fields -------------------------------------------------------------------------------------------


def asked_for(page: AppTest, slug: str) -> set[str]:
    """The fields that a page has asked for in this session: it noted what their default is."""
    keys = {str(key) for key in page.session_state}
    homes = [key.removeprefix("_usual.") for key in keys if key.startswith("_usual.")]
    names = {home.partition("@")[0].partition(".")[2] for home in homes}
    return names & FIELDS[slug].keys()


def others(field: Field[Any], missing: set[str], group: str) -> list[str]:
    """What a field may be besides its default, as an address says it; of one that may be anything, what leads on."""
    if field.codes:
        return [field.write(code) for code in field.codes if code != field.default]
    if field.name == "net":
        options = {name[2:] for name in missing if name.startswith("o.")}
        having = [
            next(s.slug for s in networks().values() if option in {c.name for c in s.controls}) for option in options
        ]
        return (
            having + ["mobilenet-v3-small"] * ("curves-large" in missing) + ["cifar-resnet20"] * ("curves" in missing)
        )
    if field.name == "methods":
        return sorted({name.split(".")[1] for name in missing if name.startswith("m.")})
    return {"pic": ["sample"], "runs": [group], "chain": ["mixup"]}.get(field.name, [])


def ways(visit: Visit, slug: str, group: str) -> dict[str, Link]:
    """A link for every field of a page under which it is asked for; found once where no runs are linked to."""
    if group:
        return found_by_visiting(visit, slug, group)
    if slug not in FOUND:
        FOUND[slug] = found_by_visiting(visit, slug, group)
    return FOUND[slug]


def found_by_visiting(visit: Visit, slug: str, group: str) -> dict[str, Link]:
    fields, found = FIELDS[slug], {}
    waiting: list[Link] = [{}]
    while waiting and (missing := fields.keys() - found.keys()):
        link = waiting.pop(0)
        here = asked_for(visit(slug, **link), slug)
        new = here - found.keys()
        found |= dict.fromkeys(new, link)
        for name in sorted(here) if new else ():
            codes = others(fields[name], missing, group) if name not in link else ()
            waiting += [{**link, name: code} for code in codes]
    return found


@pytest.fixture
def group(service: Here, request: pytest.FixtureRequest) -> str:
    """Finished runs that the page of this test can show; "" where it shows none."""
    arms = [config for config in EXPERIMENTS["augmentation-shapes"].configs if config.seed == 0]
    digits = [replace(LENET, dataset="digits28")]
    configs = {"lenet": digits, "degradation": EXPERIMENTS["digits"].configs, "augmentation": arms}
    wanted = configs.get(request.node.callspec.params["slug"], [])
    short = [replace(config, steps=1, log_every=1, eval_every=1, checkpoint_every=1) for config in wanted]
    runs = service.store.submit(short) if short else []
    service.train_all()
    return runs[0].group if runs else ""


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", FIELDS)
def test_defaults_are_not_written_into_the_address(visit: Visit, slug: str) -> None:
    page = visit(slug)
    assert dict(page.query_params) == {}
    assert not page.toast


@pytest.mark.parametrize("slug", FIELDS)
def test_a_link_restores_every_choice(visit: Visit, slug: str, group: str) -> None:
    tried = 0
    for name, link in ways(visit, slug, group).items():
        field = FIELDS[slug][name]
        other = [code for code in field.codes if code != field.default]
        if not other:
            continue
        asked = {**link, name: field.write(other[0])}
        page = visit(slug, **asked)
        assert asked.items() <= dict(page.query_params).items()
        assert not page.toast, asked
        assert other[0] in [page.session_state[key] for key in keys_of(page, field)]
        tried += 1
    assert tried or not any(field.codes for field in FIELDS[slug].values())


def keys_of(page: AppTest, field: Field[Any]) -> list[str]:
    """Where a session keeps the value of a field, one for every owner."""
    pattern = re.compile(rf"\w+\.{re.escape(field.name)}(@.*)?")
    return [key for key in map(str, page.session_state) if pattern.fullmatch(key) and key[0] != "_"]


# --- hostile texts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", FIELDS)
def test_every_field_meets_every_hostile_text_and_falls_back(visit: Visit, slug: str, group: str) -> None:
    found = ways(visit, slug, group)
    assert found.keys() == FIELDS[slug].keys(), "no way is known to a field: `others` must say what leads to it"
    for link in [dict(items) for items in {tuple(link.items()) for link in found.values()}]:
        clean = dict(visit(slug, **link).query_params)
        for text_of_any_length in HOSTILE.values():
            others = FIELDS[slug].keys() - link.keys()
            raw = text_of_any_length[: LONGEST_ADDRESS // max(len(others), 1)]
            met = {name for name, way in found.items() if way == link}
            while met:
                page = visit(slug, **(dict.fromkeys(others, raw) | link))
                assert not page.error
                assert len(page.toast) <= MOST_NOTICES
                harmless(page, raw)
                asked = asked_for(page, slug) & met
                assert asked, (link, raw[:40], met)
                wrong = [name for name in asked if not fell_back(page, FIELDS[slug][name], raw, clean)]
                assert not wrong, (link, raw[:40])
                met = others = met - asked  # an empty list is a choice as well, and may hide others: they come alone


def fell_back(page: AppTest, field: Field[Any], raw: str, clean: Link) -> bool:
    """Whether the address holds what it holds without the hostile text, or a number that this text stands for.

    Of a list, what does not exist may also be left out.
    """
    now = page.query_params.get(field.name)
    if now == clean.get(field.name) or any(box.key in keys_of(page, field) for box in page.text_input):
        return True  # the default, or words to look for
    try:
        value = field.parse(raw)
    except (ValueError, OverflowError):
        return False
    return now == "" if isinstance(value, tuple) else not isinstance(value, str) and now == field.write(value)


def harmless(page: AppTest, raw: str) -> None:
    """A text that is more than words is nowhere on the page."""
    if raw.strip() and plain(raw, len(raw)) != raw:
        assert raw not in everything(page)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "field"), DECLARED, ids=[f"{slug}-{field.name}" for slug, field in DECLARED])
def test_every_field_has_its_words(slug: str, field: Field[Any]) -> None:
    keys = {field.words, *(f"{field.named}.{code}" for code in (field.codes if field.named else ()))}
    assert keys <= EN.keys() & ZH.keys()
