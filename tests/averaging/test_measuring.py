"""The measurement: small, on the CPU, against a computation of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.transforms import TenCrop

from explorer import datasets
from explorer.averaging import averaged, right, to_shares
from explorer.averaging.__main__ import FILE, main
from explorer.averaging.measuring import examples, measure, model_of
from explorer.averaging.presets import PLANS
from explorer.records import AveragedSet


@pytest.fixture(scope="module")
def tiny() -> AveragedSet:
    return measure(PLANS["tiny"], "digits28", device="cpu", said=lambda line: None)


def test_every_member_and_scheme_is_what_torch_says(tiny: AveragedSet) -> None:
    data = datasets.load("digits28")
    images = data.test_images[:40]
    assert list(tiny.labels) == data.test_labels[:40].tolist()
    for member in tiny.members:
        model = model_of(member.model)
        net = model.instantiate()
        bordered = torch.nn.functional.pad(images, (3, 3, 3, 3))
        with torch.inference_mode():
            views = [net(model.scale(view)).softmax(1) for view in TenCrop(28)(bordered)]
            once = net(model.scale(images)).softmax(1)
        for scheme, expected in (("one", once), ("ten", torch.stack(views).mean(0))):
            found = to_shares(member.schemes[scheme].shares, 10)
            assert abs(found - expected.numpy()).max() < 0.01
            assert np.array_equal(found.argmax(1), expected.argmax(1).numpy())


def test_the_cost_is_passes_and_their_multiply_adds(tiny: AveragedSet) -> None:
    for member in tiny.members:
        one = member.schemes["one"]
        assert {name: (each.passes, each.macs) for name, each in member.schemes.items()} == {
            "one": (1, one.macs),
            "flip": (2, 2 * one.macs),
            "ten": (10, 10 * one.macs),
        }


def test_a_record_is_read_as_it_was_written(tiny: AveragedSet) -> None:
    assert AveragedSet.from_json(tiny.to_json()) == tiny


def test_examples_are_of_the_kinds_that_are_asked_for(tiny: AveragedSet) -> None:
    labels = np.frombuffer(tiny.labels, np.uint8)
    one = [to_shares(member.schemes["one"].shares, 10) for member in tiny.members]
    chosen = examples(one, tiny.members, labels)
    assert chosen == sorted(set(chosen)) == list(tiny.example_numbers)
    answered = np.stack([right(shares, labels) for shares in one])
    ten = [right(to_shares(member.schemes["ten"].shares, 10), labels) for member in tiny.members]
    known_to_all = answered.all(0) & right(averaged(one), labels) & np.stack(ten).all(0)
    assert not known_to_all[chosen].any()
    assert len(tiny.examples) == len(chosen) * 28 * 28 * 3


def test_the_command_line_saves_a_line_for_each_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tiny", "tiny", "--device", "cpu", "--save", str(tmp_path)]) == 0
    lines = (tmp_path / FILE).read_text(encoding="utf-8").splitlines()
    assert [AveragedSet.from_json(line).name for line in lines] == ["tiny", "tiny"]
    assert "one 9" in capsys.readouterr().out
    assert main(["cifar", "--dataset", "digits28", "--device", "cpu"]) == 1
    assert "cifar:" in capsys.readouterr().err


def test_every_member_of_every_plan_ships() -> None:
    from explorer.weights import weights_file

    for plan in PLANS.values():
        for member in plan.members:
            kind, _, name = member.partition(":")
            assert kind == "pretrained" or weights_file(name).is_file()
