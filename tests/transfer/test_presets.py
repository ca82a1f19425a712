"""Plans: valid, told apart by their names, ordered by worth; and the command that does them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.networks import network
from explorer.records import TransferResult
from explorer.transfer import PLANS, running
from explorer.transfer.__main__ import FILE, main, spreads
from explorer.transfer.presets import ALL, FEW, LITE, RESNET, SEEDS, SMALL, SOME
from tests.transfer.conftest import config


def test_no_configuration_is_done_twice_and_each_has_all_seeds() -> None:
    configs = list(PLANS["recorded"]("own:cifar10", "digits28"))
    assert len(set(configs)) == len(configs)
    for name in {c.name for c in configs}:
        assert sorted(c.seed for c in configs if c.name == name) == list(SEEDS), name


def test_runs_of_one_name_differ_by_their_seed_alone() -> None:
    """But for the similarity, which one of them computes as well."""
    configs = list(PLANS["recorded"]())
    same = {replace(c, seed=0, similarity=False) for c in configs}
    assert len(same) == len({c.name for c in configs})


def test_what_is_worth_most_comes_first() -> None:
    configs = list(PLANS["recorded"]("own:cifar10"))
    assert {c.regime for c in configs[:9]} == {"frozen"}
    for regime in ("frozen", "finetune"):
        first = [
            c for c in configs[: len(configs) // 3] if (c.source, c.regime, c.stages in (0, 9)) == (LITE, regime, True)
        ]
        assert {(c.per_class, c.seed) for c in first} == {(n, seed) for n in (FEW, SOME, ALL) for seed in SEEDS}
    long = [at for at, c in enumerate(configs) if c.source == LITE and c.regime == "scratch" and c.per_class == ALL]
    assert min(long) > len(configs) / 2


def test_no_network_is_transferred_to_what_it_has_seen() -> None:
    """ResNet-20 knows all classes of CIFAR-10. The small opponent starts from scratch, always."""
    for made in PLANS["recorded"]("own:cifar10"):
        assert not (made.source == RESNET and "cifar10" in made.dataset)
        assert made.source != SMALL or made.regime == "scratch"


def test_digits_are_not_mirrored_and_features_are_of_images_as_they_are() -> None:
    for made in PLANS["recorded"]("own:cifar10", "digits28"):
        photographs = made.dataset in {"own:cifar10", "shapes"}
        assert (made.augment == "crop-flip") == (photographs and made.regime != "frozen")


def test_stages_are_those_of_the_networks() -> None:
    count = len(network("efficientnet-lite0").stages)
    softmaxes = [c for c in PLANS["by-stage"]() if c.seed == 0]
    assert [c.stages for c in softmaxes] == list(range(1, count))
    assert all(0 < c.stages < count for c in PLANS["thawed"]())


def test_the_command_keeps_each_result_on_a_line(
    bench: running.Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["tiny", "shapes", "--only", "frozen", "--device", "cpu", "--save", str(tmp_path)]
    assert main(arguments) == 0
    assert main(arguments) == 0  # appended
    lines = (tmp_path / FILE).read_text(encoding="utf-8").splitlines()
    results = [TransferResult.from_json(line) for line in lines]
    assert len(results) == 2
    assert {result.config.regime for result in results} == {"frozen"}
    assert results[0].command == "python -m explorer.transfer tiny shapes --only frozen"
    assert f"test {100 * results[0].test_accuracy:.1f} %" in capsys.readouterr().out


def test_a_configuration_that_fails_is_said_and_the_others_are_done(
    bench: running.Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = [config(per_class=1_000), config(steps=1)]
    monkeypatch.setitem(PLANS, "tiny", lambda: iter(plan))  # type: ignore[arg-type]
    assert main(["tiny", "--device", "cpu"]) == 1
    said = capsys.readouterr()
    assert "one class has 12" in said.err
    assert plan[1].name in said.out


def test_spreads_are_over_seeds(bench: running.Bench) -> None:
    result = bench.run(config(steps=1))
    points = [replace(result.points[-1], test_accuracy=accuracy) for accuracy in (0.5, 0.25, 0.75)]
    (line,) = spreads([replace(result, points=(point,)) for point in points])
    assert line.endswith("50.0 % (25.0 to 75.0, 3 seeds)")
