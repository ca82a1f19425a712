"""The command line: configurations from arguments, a run without run store, and the files it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file

from explorer.errors import BadOption
from explorer.networks import network
from explorer.records import RecordedRun
from explorer.training.__main__ import main
from explorer.training.parsing import configurations
from explorer.training.presets import EXPERIMENTS, LENET

QUICK = ["digits", "steps=6", "eval_every=3", "option.depth=8", "option.base=4"]


def test_an_experiment_is_its_presets() -> None:
    for slug, experiment in EXPERIMENTS.items():
        assert configurations(slug, []) == experiment.configs


def test_a_change_is_for_all_and_equal_ones_are_one() -> None:
    changed = configurations("digits", ["steps=7", "lr=0.01", "option.depth=8"])
    assert [dict(config.options)["residual"] for config in changed] == [False, True]
    assert {(config.steps, config.lr, dict(config.options)["depth"]) for config in changed} == {(7, 0.01, 8)}


def test_another_network_does_not_take_over_options() -> None:
    (config,) = configurations("lenet", ["network=cifar-resnet20", "nesterov=1", "option.shortcut=B"])
    assert config.options == (("shortcut", "B"),)
    assert config.nesterov is True
    assert config.lr == LENET.lr


@pytest.mark.parametrize("change", ["steps", "steps=many", "colour=blue", "options=1", "nesterov=maybe", "lr=-1"])
def test_nonsense_is_one_sentence(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadOption):
        configurations("digits", [change])
    assert main(["digits", change, "--direct"]) == 2
    said = capsys.readouterr().err
    assert change.split("=")[0] in said
    assert "Traceback" not in said


@pytest.mark.parametrize("half", [False, True])
def test_a_run_leaves_a_card_a_curve_and_weights(tmp_path: Path, half: bool) -> None:
    arguments = [*QUICK, "option.residual=true", "--direct", "--save", str(tmp_path), *(["--half"] if half else [])]
    assert main(arguments) == 0
    (path,) = tmp_path.glob("*.json")
    card = RecordedRun.from_json(path.read_text(encoding="utf-8"))
    assert [point.step for point in card.points] == [0, 3, 5, 6]
    assert card.command.startswith("python -m explorer.training digits steps=6")
    assert card.config.steps == 6
    assert RecordedRun.from_json(card.to_json()) == card
    assert card.half is half
    assert (card.half_accuracy is not None) is half
    tensors = load_file(tmp_path / card.weights)
    net = network("thin-resnet").build(depth=8, base=4, channels=1)
    net.load_state_dict(tensors)
    assert sum(p.numel() for p in net.parameters()) == card.parameters


def test_curves_alone(tmp_path: Path) -> None:
    assert main([*QUICK, "--direct", "--save", str(tmp_path), "--curve-only"]) == 0
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_failed_run_is_told_by_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "option.depth=32", "option.norm=0", "option.strength=2", "--direct"]) == 1
    assert "no longer finite" in capsys.readouterr().out
