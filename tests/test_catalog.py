"""A catalogue is right or it does not load; options are known and in range or they are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.catalog import collect, lookup
from explorer.errors import BadOption, CatalogueError, ExplorerError, UnknownEntry
from explorer.networks import network, networks
from explorer.records import Control, NetworkSpec, Paper, Published, Stage

ENTRY = """
from dataclasses import dataclass

@dataclass
class Entry:
    slug: str
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable, empty package under a name of its own, so that no test meets the modules of another."""
    package = tmp_path / f"shelf_{tmp_path.name}"
    package.mkdir()
    (package / "__init__.py").write_text(ENTRY)
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def declare(folder: Path, module: str, *slugs: str) -> None:
    entries = "".join(f"Entry({slug!r}), " for slug in slugs)
    (folder / f"{module}.py").write_text(f"from {folder.name} import Entry\nSPECS = ({entries})\n")


def entry_type(folder: Path) -> type:
    return __import__(folder.name).Entry  # type: ignore[no-any-return]


def test_all_entries_are_gathered_in_file_order(folder: Path) -> None:
    declare(folder, "b", "third", "fourth")
    declare(folder, "a", "second", "first")
    assert list(collect(folder.name, entry_type(folder))) == ["second", "first", "third", "fourth"]


def test_modules_with_a_leading_underscore_are_no_entries(folder: Path) -> None:
    declare(folder, "a", "one")
    (folder / "_bricks.py").write_text("raise RuntimeError('imported')")
    assert list(collect(folder.name, entry_type(folder))) == ["one"]


def test_the_catalogue_cannot_be_changed(folder: Path) -> None:
    declare(folder, "a", "one")
    found = collect(folder.name, entry_type(folder))
    with pytest.raises(TypeError):
        found["two"] = found["one"]  # type: ignore[index]


@pytest.mark.parametrize("text", ["", "SPECS = ()"])
def test_a_module_that_declares_nothing_is_named(folder: Path, text: str) -> None:
    (folder / "empty.py").write_text(text)
    with pytest.raises(CatalogueError, match=rf"^{folder.name}\.empty declares nothing"):
        collect(folder.name, entry_type(folder))


def test_an_entry_of_another_type_is_named(folder: Path) -> None:
    (folder / "a.py").write_text("SPECS = ('text',)")
    with pytest.raises(CatalogueError, match=r"\.a: SPECS holds a str, expected Entry"):
        collect(folder.name, entry_type(folder))


def test_two_entries_of_one_slug_name_both_modules(folder: Path) -> None:
    declare(folder, "a", "same")
    declare(folder, "b", "same")
    with pytest.raises(CatalogueError, match=r"'same' is declared twice: in \S+\.a and in \S+\.b\."):
        collect(folder.name, entry_type(folder))


def test_lookup_offers_the_nearest_names() -> None:
    with pytest.raises(UnknownEntry) as caught:
        network("resnet5")
    assert str(caught.value).startswith("Unknown network 'resnet5'. Did you mean ")
    assert "resnet50" in str(caught.value)
    assert caught.value.asked == "resnet5"
    assert set(caught.value.known) == set(networks())


def test_lookup_lists_what_there_is_when_nothing_is_near() -> None:
    with pytest.raises(UnknownEntry, match=r"^Unknown fruit 'zzz'\. Available: a, b\.$"):
        lookup({"a": network("lenet5"), "b": network("lenet5")}, "zzz", "fruit")


def test_an_unknown_entry_is_a_key_error_and_one_of_ours() -> None:
    assert issubclass(UnknownEntry, KeyError)
    assert issubclass(UnknownEntry, ExplorerError)


def test_the_networks_are_in_order_of_year() -> None:
    years = [spec.year for spec in networks().values()]
    assert years == sorted(years)
    assert all(slug == spec.slug for slug, spec in networks().items())


# --- options ----------------------------------------------------------------------------------------------------------

SPEC = NetworkSpec(
    slug="x",
    title="X-Net",
    family="x",
    year=2000,
    paper=Paper("A. Author", "A title", "A venue"),
    build=dict,
    input_shape=(3, 8, 8),
    classes=2,
    stages=(Stage("all", ("a",)),),
    cam_layer="a",
    lesson="x",
    controls=(
        Control("groups", 1, (1, 2)),
        Control("skip", True, (True, False)),
        Control("width", 1.0, low=0.5, high=2.0, step=0.5),
    ),
)


def test_options_are_the_defaults_overridden_by_what_is_chosen() -> None:
    assert SPEC.options() == {"groups": 1, "skip": True, "width": 1.0}
    assert SPEC.options({"width": 0.5, "skip": False}) == {"groups": 1, "skip": False, "width": 0.5}


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadOption, match=r"^X-Net takes no option 'depth'; it takes: groups, skip, width\.$"):
        SPEC.options({"depth": 3})


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("groups", 3, "1, 2"),
        ("groups", True, "1, 2"),  # True == 1, and yet no number of groups
        ("skip", 1, "True, False"),
        ("skip", "True", "True, False"),
        ("width", 0.49, "0.5 to 2"),
        ("width", 2.01, "0.5 to 2"),
        ("width", True, "0.5 to 2"),
        ("width", "1", "0.5 to 2"),
        ("width", float("nan"), "0.5 to 2"),
    ],
)
def test_a_value_outside_its_choices_is_refused(name: str, value: object, allowed: str) -> None:
    with pytest.raises(BadOption) as caught:
        SPEC.options({name: value})
    assert str(caught.value) == f"{name} of X-Net cannot be {value!r}; it can be: {allowed}."


@pytest.mark.parametrize("value", [0.5, 1, 1.25, 2.0])
def test_the_ends_of_a_range_belong_to_it(value: float) -> None:
    assert SPEC.options({"width": value})["width"] == value


def test_error_rates_become_accuracies() -> None:
    assert Published.errors("D", 24.7, 7.8, "p", "s") == Published("D", 75.3, 92.2, "p", "s")
    assert Published.errors("D", None, 6.67, "p", "s").top1 is None


def test_a_paper_has_a_page_where_it_is_on_arxiv() -> None:
    assert Paper("a", "t", "v", "1512.03385").url == "https://arxiv.org/abs/1512.03385"
    assert Paper("a", "t", "v").url == ""
