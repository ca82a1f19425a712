"""Recorded runs: every one can be read, its weights fit, and its command reproduces it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import torch

from explorer import weights
from explorer.errors import BadWeights, UnknownEntry
from explorer.networks import network
from explorer.records import RecordedRun
from explorer.training.parsing import configurations
from explorer.weights import also_shipped, lab_runs, recorded, recorded_runs, shipped, weights_file

RUNS = recorded_runs()
WITH_WEIGHTS = [name for name, run in RUNS.items() if run.weights]
EACH_MB, ALL_MB = 4.0, 12.0


@pytest.mark.parametrize("name", RUNS)
def test_a_card_says_how_it_was_made(name: str) -> None:
    run = RUNS[name]
    assert run.data
    assert run.command
    assert run.device
    assert run.versions
    assert run.seconds > 0
    assert len(run.classes) >= 2
    assert len(run.layers) == len(next(p.gradient_norms for p in run.points if p.gradient_norms))
    assert [point.step for point in run.points] == sorted({point.step for point in run.points})
    assert run.points[-1].step == run.config.steps
    assert run.test_accuracy is not None
    assert 0 < run.test_accuracy <= 1


@pytest.mark.parametrize("name", RUNS)
def test_a_card_is_read_as_it_was_written(name: str) -> None:
    assert RecordedRun.from_json(RUNS[name].to_json()) == RUNS[name]


@pytest.mark.parametrize("name", RUNS)
def test_the_command_makes_the_same_configuration(name: str) -> None:
    python, module, name_of_it, experiment, *rest = shlex.split(RUNS[name].command)
    assert (python, module, name_of_it) == ("python", "-m", "explorer.training")
    changes = [word for word in rest if "=" in word and not word.startswith("--")]
    assert RUNS[name].config in configurations(experiment, changes)
    assert RUNS[name] in recorded(experiment)


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_weights_fit_the_network_of_the_catalogue(name: str) -> None:
    from safetensors.torch import load_file

    run = RUNS[name]
    with torch.device("meta"):
        net = network(run.config.network).build(classes=len(run.classes), **dict(run.config.options))
    tensors = load_file(weights_file(name))
    net.load_state_dict(tensors, strict=True, assign=True)
    assert sum(part.numel() for part in net.parameters()) == run.parameters
    kinds = {tensor.dtype for tensor in tensors.values() if tensor.is_floating_point()}
    assert kinds == {torch.float16 if run.half else torch.float32}
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values() if tensor.is_floating_point())


@pytest.mark.parametrize("name", [name for name in WITH_WEIGHTS if RUNS[name].half])
def test_half_precision_costs_no_accuracy(name: str) -> None:
    run = RUNS[name]
    assert run.half_accuracy is not None
    assert run.test_accuracy is not None
    assert abs(run.half_accuracy - run.test_accuracy) < 0.002


def test_what_ships_is_small() -> None:
    sizes = {name: weights_file(name).stat().st_size / 1e6 for name in WITH_WEIGHTS}
    assert all(size < EACH_MB for size in sizes.values()), sizes
    assert sum(sizes.values()) < ALL_MB


def test_no_weights_lie_there_without_a_card() -> None:
    there = {path.name for path in weights._HERE.glob("*.safetensors")}
    assert there == {RUNS[name].weights for name in WITH_WEIGHTS}


def test_weights_that_were_not_kept_are_answered_with_what_there_is() -> None:
    with pytest.raises(UnknownEntry):
        weights_file("nobody")


def test_weights_that_ship_are_offered_once() -> None:
    for slug, first in shipped().items():
        runs = {f"recorded:{run.name}": run for run in RUNS.values() if run.weights and run.config.network == slug}
        assert sorted([first, *also_shipped(slug)]) == sorted(runs)
        assert dict(also_shipped(slug)) == {key: run for key, run in runs.items() if key != first}


def test_weights_of_an_archive_are_offered_to_those_who_ask_for_them() -> None:
    packed = next(run for run in lab_runs("lenet-lab") if run.weights)
    usual = dict(also_shipped("lenet5"))
    assert dict(also_shipped("lenet5", f"recorded:{packed.name}")) == usual | {f"recorded:{packed.name}": packed}
    assert dict(also_shipped("cifar-resnet20", f"recorded:{packed.name}")) == dict(also_shipped("cifar-resnet20"))
    assert dict(also_shipped("lenet5", packed.name)) == dict(also_shipped("lenet5", "recorded:lenet-lab-0")) == usual


def test_weights_that_were_added_later_do_not_change_what_an_old_link_shows() -> None:
    assert shipped()["cifar-resnet20"] == "recorded:cifar-short-cifar-resnet20-seed0"
    for slug, first in shipped().items():
        dates = [RUNS[first.removeprefix("recorded:")].date, *(run.date for run in also_shipped(slug).values())]
        assert dates == sorted(dates)


def test_every_file_of_weights_is_listed_with_its_checksum() -> None:
    """If not: `python -m explorer.weights`."""
    assert weights.CHECKSUMS.read_text(encoding="utf-8") == weights.checksums()


@pytest.mark.parametrize("damage", ["a bit", "its end", "all of it"])
def test_a_damaged_file_of_weights_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: str) -> None:
    """In the middle of the numbers, where any bit still makes a network."""
    name = WITH_WEIGHTS[0]
    path = tmp_path / weights_file(name).relative_to(weights.CHECKSUMS.parent)
    blob = bytearray(weights_file(name).read_bytes())
    monkeypatch.setattr(weights, "_HERE", tmp_path)
    monkeypatch.setattr(weights, "weights_file", lambda name: path)
    path.write_bytes(blob)
    assert weights.weights_of(name) == blob
    blob[len(blob) // 2] ^= 1
    path.write_bytes(blob if damage == "a bit" else blob[:-1])
    if damage == "all of it":
        path.unlink()
    with pytest.raises(BadWeights) as caught:
        weights.weights_of(name)
    assert caught.value.reason == "bad_shipped"
    assert path.name in str(caught.value)
