"""Runs as files: other programs read them back, number for number; and the command is the configuration."""

from __future__ import annotations

import csv
import io
import shlex
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.jobs import exporting
from explorer.jobs.exporting import TAGS, Export
from explorer.records import TrainConfig
from explorer.training.parsing import configurations
from explorer.training.presets import DIGITS, EXPERIMENTS, LENET
from explorer.weights import recorded_runs
from tests.jobs.fake import config, undisturbed

RUNS = [Export(f"run {seed}", config(seed), undisturbed(config(seed)), ("conv", "fc"), 1e9) for seed in (0, 1)]


def test_every_point_is_a_line_of_the_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(exporting.curves_csv(RUNS))))
    points = [(run, point) for run in RUNS for point in run.points]
    assert len(rows) == len(points)
    for row, (run, point) in zip(rows, points, strict=True):
        assert row["run"] == run.name
        assert int(row["step"]) == point.step
        for name in ("epoch", *exporting.MEASURES):
            value = getattr(point, name)
            assert row[name] == "" if value is None else float(row[name]) == value


def test_tensorboard_reads_the_event_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    blob = exporting.event_files(RUNS)
    assert not list(scratch.iterdir()), "the temporary folder was left behind"
    with zipfile.ZipFile(io.BytesIO(blob)) as file:
        assert {Path(name).parent.name for name in file.namelist()} == {"run-0", "run-1"}
        assert len(file.namelist()) == 2
        file.extractall(tmp_path)
    for run in RUNS:
        events: Any = EventAccumulator(str(tmp_path / run.name.replace(" ", "-")), {"scalars": 0})
        events.Reload()
        norms = {f"gradient_norm/{n:03d}-{layer}" for n, layer in ((1, "conv"), (2, "fc"))}
        assert set(events.Tags()["scalars"]) == {*TAGS.values(), *norms}
        for name, tag in TAGS.items():
            wanted = [(p.step, getattr(p, name)) for p in run.points if getattr(p, name) is not None]
            found = events.Scalars(tag)
            assert [event.step for event in found] == [step for step, _ in wanted]
            assert [event.value for event in found] == pytest.approx([value for _, value in wanted], rel=1e-6)
            assert found[-1].wall_time == pytest.approx(1e9 + run.points[-1].seconds)


def test_an_archive_holds_its_files_under_names_that_any_system_takes() -> None:
    with zipfile.ZipFile(io.BytesIO(exporting.archive({"a b/../c:d.safetensors": b"1", "é": b"2"}))) as file:
        assert file.namelist() == ["a-b-..-c-d.safetensors", "é"]
        assert file.read("é") == b"2"


@pytest.mark.parametrize(
    "wanted",
    [
        *(run.config for run in recorded_runs().values()),
        *(each for experiment in EXPERIMENTS.values() for each in experiment.configs),
        replace(DIGITS, seed=7, lr=1e-05, dataset="own:my images", nesterov=False),
        replace(DIGITS, options=(("depth", 8), ("residual", False), ("norm", False), ("strength", 0.5), ("base", 4))),
        replace(DIGITS, options=()),
        replace(LENET, options=(("activation", "sigmoid"), ("pooling", "avg"))),
        replace(LENET, network="alexnet", options=()),
    ],
    ids=lambda each: f"{each.network}-{each.key}",
)
def test_the_command_is_the_configuration(wanted: TrainConfig) -> None:
    python, flag, module, verb, experiment, *changes = shlex.split(exporting.command(wanted))
    assert (python, flag, module, verb) == ("python", "-m", "explorer", "train")
    (made,) = configurations(experiment, changes)
    assert made.to_json() == wanted.to_json()


def test_the_command_says_no_more_than_it_must() -> None:
    deep = replace(DIGITS, options=(("depth", 56), ("residual", False)), seed=3)
    assert exporting.command(deep) == ("python -m explorer train digits seed=3 option.depth=56 option.residual=false")
