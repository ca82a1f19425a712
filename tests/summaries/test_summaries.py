"""The recorded totals equal the live ones, and a stale record is never used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import explorer.tracing
from explorer import summaries
from explorer.networks import milestones, networks
from explorer.records import NetworkSpec, NetworkSummary, ShapeTrace
from explorer.summaries import atlas, fingerprint
from explorer.summaries.fingerprint import TRACED

EXPLORER = Path(summaries.__file__).parents[1]


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package's sources that fingerprints are taken of instead of the real ones."""
    copy = tmp_path / "explorer"
    shutil.copytree(EXPLORER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.woff2", "*.json", "*.zip"))
    monkeypatch.setattr(fingerprint, "ROOT", copy)
    return copy


def key() -> str:
    return fingerprint.fingerprint(*TRACED)


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of one summary under the present key, in place of the real one; nothing can be computed."""
    path = tmp_path / "atlas.json"
    monkeypatch.setattr(atlas, "RECORD", path)
    monkeypatch.setattr(atlas, "compute", lambda: ("computed",))
    atlas.write([_blank()])
    return path


def _blank() -> NetworkSummary:
    values: dict[str, Any] = dict.fromkeys(NetworkSummary.__dataclass_fields__, 0)
    return NetworkSummary(**{**values, "input_shape": (1, 2, 3), "source": "Größe × 形状"})


def test_the_record_is_current() -> None:
    assert atlas.recorded() is not None, "run python -m explorer.summaries and commit the result"


def test_recorded_cards_equal_what_is_computed_now(
    traced: Callable[[str], ShapeTrace], monkeypatch: pytest.MonkeyPatch
) -> None:
    def live(spec: NetworkSpec) -> ShapeTrace:
        return traced(spec.slug)

    monkeypatch.setattr(explorer.tracing, "trace_shapes", live)
    recorded = {summary.slug: summary for summary in atlas.recorded() or ()}
    computed = {summary.slug: summary for summary in atlas.compute()}
    assert recorded.keys() == computed.keys() == networks().keys()
    assert {slug: recorded[slug] for slug in computed} == computed


def test_every_milestone_has_its_place_once() -> None:
    places = {summary.milestone: summary.slug for summary in summaries.load() if summary.milestone}
    assert [places[place] for place in sorted(places)] == list(milestones())


@pytest.mark.parametrize(
    "path", ["networks/resnet.py", "tracing/recorder.py", "records/traced.py", "arithmetic/receptive.py"]
)
def test_a_changed_source_changes_the_key(sources: Path, path: str) -> None:
    before = key()
    source = sources / path
    source.write_bytes(source.read_bytes() + b"\nCHANGED = True\n")
    assert key() != before, f"cards are computed with {path}, but do not notice when it changes"


def test_a_new_network_file_changes_the_key(sources: Path) -> None:
    before = key()
    (sources / "networks" / "newest.py").write_text("SPECS = ()\n", encoding="utf-8")
    assert key() != before


def test_a_figure_does_not_change_the_key(sources: Path) -> None:
    before = key()
    figure = sources / "figures" / "atlas.py"
    figure.write_bytes(figure.read_bytes() + b"\nCHANGED = True\n")
    assert key() == before


def test_windows_line_endings_do_not_change_the_key(sources: Path) -> None:
    before = key()
    for path in sources.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert key() == before


def test_what_was_written_is_read_again(record: Path) -> None:
    wanted = [replace(_blank(), slug=slug, milestone=i) for i, slug in enumerate(("b", "a", "c"))]
    atlas.write(wanted)
    assert atlas.recorded() == tuple(wanted)
    assert summaries.load() == tuple(wanted)


def test_the_record_names_the_command_that_makes_it(record: Path) -> None:
    assert json.loads(record.read_text(encoding="utf-8"))["command"] == "python -m explorer.summaries"


def stale(record: Path) -> None:
    content: Mapping[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**content, "key": "0" * 16}), encoding="utf-8")


@pytest.mark.parametrize("spoil", [stale, Path.unlink], ids=["stale", "missing"])
def test_without_a_current_record_cards_are_computed(record: Path, spoil: Callable[[Path], None]) -> None:
    spoil(record)
    assert atlas.recorded() is None
    assert summaries.load() == ("computed",)
