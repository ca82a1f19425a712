"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.ui.shell.navigation import SECTIONS

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
SOURCES = sorted((ROOT / "explorer").rglob("*.py"))
ROOMS = sorted(
    path.parent
    for path in (ROOT / "explorer").rglob("*/__init__.py")
    if path.parent.name != "entries" and path.parents[1].name != "components"
)
UI = sorted(path for path in (ROOT / "explorer" / "ui").rglob("*.py") if path.stem not in {"__init__", "frame"})

LONGEST_PAGE, LONGEST_FILE, LONGEST_FUNCTION = 60, 300, 50
LONGEST_UI_FILE, MOST_UI_FILES = 200, 15
TEXT = {".py", ".md", ".toml", ".txt", ".css", ".json", ".yml", ".yaml", ".cfg", ".sh", ""}
MACHINE_PATH = re.compile(r"(?<![\w./:%-])(?:/(?:home|root|Users|tmp|private/tmp|var/folders)/|[A-Z]:\\Users\\)[\w.-]*")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def imported(path: Path) -> set[str]:
    """Top-level names of everything that a file imports, also inside its functions."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def ours() -> Iterator[Path]:
    """The text files of the project: everything but what `.gitignore` leaves out."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line]
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [name for name in inner if name != ".git" and not any(Path(name).match(rule) for rule in ignored)]
        for path in (Path(folder, name) for name in files):
            if path.suffix in TEXT and not any(path.match(rule) for rule in ignored):
                yield path


def python(code: str) -> str:
    """What a fresh interpreter prints; fails with its errors."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- the shape of the house -------------------------------------------------------------------------------------------


def test_every_page_lies_in_a_section() -> None:
    assert not list((ROOT / "pages").glob("*.py")), "Streamlit would take them for its own old menu"


def test_the_menu_and_the_folder_name_the_same_pages() -> None:
    listed = {f"{section}/{page.slug}.py" for section, pages in SECTIONS.items() for page in pages}
    assert listed == {path.relative_to(ROOT / "pages").as_posix() for path in PAGES}


def test_the_menu_has_one_home_and_no_address_twice() -> None:
    pages = [page for pages in SECTIONS.values() for page in pages]
    assert sum(page.default for page in pages) == 1
    assert len({page.slug for page in pages}) == len(pages)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_is_thin(path: Path) -> None:
    assert length(path) <= LONGEST_PAGE
    assert not imported(path) & {"torch", "torchvision", "plotly", "pandas", "numpy"}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_file_is_short(path: Path) -> None:
    assert length(path) <= (LONGEST_UI_FILE if path in UI else LONGEST_FILE)


@pytest.mark.parametrize("folder", sorted({path.parent for path in UI}), ids=named)
def test_a_folder_of_the_interface_is_seen_at_a_glance(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_UI_FILES


def test_functions_are_short() -> None:
    functions = [
        (f"{named(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in [*SOURCES, *PAGES]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(functions) > 100
    assert not {name: lines for name, lines in functions if lines > LONGEST_FUNCTION}


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_a_room_states_its_law(room: Path) -> None:
    words = ast.get_docstring(tree(room / "__init__.py")) or ""
    assert re.search(r"^Law: \S", words, re.MULTILINE)


# --- who may touch what -----------------------------------------------------------------------------------------------


def test_only_state_touches_the_session_and_the_url() -> None:
    kept = {"session_state", "query_params"}
    touching = {
        named(path)
        for path in [*SOURCES, *PAGES, ROOT / "app.py"]
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in kept)
        or (isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & kept)
    }
    assert touching == {"explorer/ui/shell/state.py"}


def test_what_is_private_to_a_room_stays_in_it() -> None:
    """A name or a module that begins with an underscore is nobody else's, whatever room imports it."""
    found = []
    for path in [*SOURCES, *PAGES]:
        room = path.relative_to(ROOT).parts[:2]
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("explorer."):
                continue
            parts = (node.module or "").split(".")
            private = [part for part in parts[2:] if part.startswith("_")]
            private += [alias.name for alias in node.names if alias.name.startswith("_")]
            if private and tuple(parts[:2]) != room:
                found.append(f"{named(path)}: {node.module} {private}")
    assert not found


def test_every_colour_stands_in_one_place() -> None:
    colour = re.compile(r"[\"']#[0-9A-Fa-f]{6}\b|rgba?\(")
    homes = {"explorer/figures/palette.py", "explorer/figures/theme.py"}
    assert {named(path) for path in SOURCES if colour.search(path.read_text(encoding="utf-8"))} == homes


def test_nothing_is_swallowed() -> None:
    bare = [
        f"{named(path)}:{node.lineno}"
        for path in [*SOURCES, *PAGES]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "BaseException")
    ]
    assert not bare, "a bare except also catches Streamlit's own signals"


# --- what is imported, and when ---------------------------------------------------------------------------------------


def test_the_frame_and_its_parts_do_not_import_torch() -> None:
    modules = "\n".join(f"import {'.'.join(path.relative_to(ROOT).with_suffix('').parts)}" for path in UI)
    loaded = python(f"{modules}\nimport sys\nprint(*sorted(m for m in sys.modules if '.' not in m))").split()
    assert "streamlit" in loaded
    assert not {"torch", "torchvision"} & set(loaded)


def test_the_home_page_is_shown_without_torch() -> None:
    """The recorded cards must be current for this: `python -m explorer.summaries`."""
    code = """
import sys
from streamlit.testing.v1 import AppTest
from explorer.ui.shell import prewarm
prewarm.behind_the_first_page = lambda: None
page = AppTest.from_file("explorer/ui/frame.py", default_timeout=240).run()
assert not page.exception, page.exception
print(len(page.get("plotly_chart")), "torch" in sys.modules)
"""
    assert python(code).split() == ["2", "False"]


# --- what is installed, and what is given away ------------------------------------------------------------------------


def pins(name: str) -> dict[str, str]:
    """The packages a requirements file names, each with what follows its name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [line.split("#")[0].strip() for line in lines if line.strip() and not line.startswith(("#", "-"))]
    split = [re.match(r"([\w.-]+)(.*)", line) for line in wanted]
    return {re.sub(r"[-_.]+", "-", found[1]).lower(): found[2] for found in split if found}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_constrained(name: str) -> None:
    wanted = pins(name)
    assert wanted
    assert all(re.fullmatch(r"==[\w.]+", version) for version in wanted.values()), wanted
    constrained = pins("constraints.txt")
    assert {package: constrained.get(package, "missing").split("+")[0] for package in wanted} == wanted


def test_a_path_of_somebodys_machine_is_recognised() -> None:
    assert MACHINE_PATH.search("see /" + "home/ann/cnn")
    assert MACHINE_PATH.search('cwd="C:' + '\\Users\\ann"')
    assert not MACHINE_PATH.search("https://example.org/" + "home/ann and explorer/" + "tmp/x")


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = {named(path): MACHINE_PATH.findall(path.read_text(encoding="utf-8")) for path in ours()}
    assert len(found) > 100
    assert not {name: paths for name, paths in found.items() if paths}


def test_the_catalogue_is_read_and_our_networks_are_traced_without_torchvision() -> None:
    """It brings torch's compiler along, more than a second; and what it computes meanwhile is no part of a network."""
    code = """
import sys
from explorer.networks import network, networks
from explorer.records import NetworkInstance
from explorer.tracing import trace_shapes
trace_shapes(NetworkInstance.of(network("cifar-resnet20")))
print(len(networks()) > 60, "torchvision" in sys.modules)
trace_shapes(NetworkInstance.of(network("resnet18")))
print("torchvision" in sys.modules)
print({weight.device.type for weight in network("squeezenet1-1").build().parameters()})
"""
    assert python(code).split() == ["True", "False", "True", "{'cpu'}"]
