"""The recorded declarations and traces equal the live ones, and a stale record is never used."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer import summaries
from explorer.networks import networks
from explorer.records import NetworkInstance, ShapeTrace
from explorer.summaries import archive, atlas, first_look, traces


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Nothing that a test made stale is remembered after it."""
    yield
    for kept in (traces.is_current, traces.specs, first_look.recorded):
        kept.cache_clear()


def test_the_record_is_current() -> None:
    assert traces.is_current(), "run python -m explorer.summaries and commit the result"


def test_recorded_networks_are_the_catalogues_in_their_order() -> None:
    assert list(summaries.specs().items()) == list(networks().items())
    assert all(hash(spec) for spec in summaries.specs().values()), "tuples, no lists"


@pytest.mark.parametrize("slug", networks())
def test_a_recorded_trace_is_the_live_one(slug: str, traced: Callable[[str], ShapeTrace]) -> None:
    recorded = summaries.trace(NetworkInstance.of(summaries.specs()[slug]))
    assert recorded == traced(slug)
    assert [type(layer) for layer in recorded.layers] == [type(layer) for layer in traced(slug).layers]
    assert [type(layer.rf) for layer in recorded.layers] == [type(layer.rf) for layer in traced(slug).layers]


def test_a_recorded_network_builds_the_catalogues() -> None:
    built = summaries.specs()["lenet5"].build(classes=7)
    assert sum(parameter.numel() for parameter in built.parameters()) == 61_706 - 3 * (84 + 1)


@pytest.mark.parametrize("change", [{"size": (64, 64)}, {"classes": 10}, {"options": {"shortcut": "A"}}])
def test_another_network_is_in_no_record(change: dict[str, object]) -> None:
    spec = networks()["resnet50"]
    options = {control.name for control in spec.controls}
    if "options" in change and not set(change["options"]) <= options:  # type: ignore[call-overload]
        spec, change = networks()["cifar-resnet20"], {"options": {"zeros": "both"}}
    assert summaries.trace(NetworkInstance.of(spec, **change)) is None  # type: ignore[arg-type]


@pytest.fixture
def stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of other sources."""
    path = tmp_path / "traces.zip"
    archive.write(path, "0" * 16, {"networks.json": b"[]"})
    monkeypatch.setattr(traces, "RECORD", path)
    traces.is_current.cache_clear()
    traces.specs.cache_clear()
    return path


def test_a_stale_record_is_not_used(stale: Path) -> None:
    assert summaries.specs() == networks()
    assert summaries.trace(NetworkInstance.of(networks()["lenet5"])) is None


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_damaged_or_missing_record_is_not_used(stale: Path, content: bytes | None) -> None:
    stale.unlink()
    if content is not None:
        stale.write_bytes(content)
    assert not traces.is_current()
    assert summaries.specs() == networks()


def test_the_command_records_what_is_stale(
    stale: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {slug: networks()[slug] for slug in ("lenet5", "efficientnet-lite0")}
    monkeypatch.setattr("explorer.networks.networks", lambda: few)
    runpy.run_module("explorer.summaries.__main__", run_name="__main__")
    assert "tracing" in capsys.readouterr().out
    assert list(summaries.specs()) == list(few)
    assert archive.read(stale, "how") == b"python -m explorer.summaries"


def test_the_command_leaves_current_records_alone(capsys: pytest.CaptureFixture[str]) -> None:
    records = (atlas.RECORD, traces.RECORD, first_look.RECORD)
    before = [path.read_bytes() for path in records]
    runpy.run_module("explorer.summaries.__main__", run_name="__main__")
    assert capsys.readouterr().out == ""
    assert [path.read_bytes() for path in records] == before


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    """Recorded twice, the same content is no change to be committed."""
    for name in ("a.zip", "b.zip"):
        archive.write(tmp_path / name, "key", {"one": b"1", "two": b"2" * 1000})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
