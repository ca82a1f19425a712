"""What stays frozen stays; features and a softmax are the frozen network; runs are what their configuration says."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import pytest
import torch
from torch import nn

from explorer.datasets import ImageData, select
from explorer.errors import BadOption
from explorer.models import Model
from explorer.records import TransferResult
from explorer.training import Normalizer, evaluate, train
from explorer.transfer import Frozen, network_of, setup_of, split, standardised
from explorer.transfer.preparing import softmax_on
from explorer.transfer.running import Bench, training_of
from tests.transfer.conftest import config

STAGES = 5


@pytest.mark.parametrize("kept", [0, 2, STAGES])
def test_frozen_stages_do_not_move_and_all_others_do(kept: int, model: Model, data: ImageData) -> None:
    chosen = config(stages=kept)
    net = network_of(chosen, model, len(data.classes))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    list(train(training_of(chosen, model.spec.slug), device="cpu", setup=setup_of(chosen, model, data, net)))
    names = {id(tensor): name for name, tensor in net.state_dict(keep_vars=True).items()}
    parts = split(net, model.spec)
    for number, part in enumerate(parts):
        for tensor in (*part.parameters(), *part.buffers()):
            name = names[id(tensor)]
            assert torch.equal(tensor, before[name]) == (number < kept), name


def test_all_but_the_last_layer_come_from_the_source(model: Model) -> None:
    net = network_of(config(), model, 3)
    state = net.state_dict()
    assert state["fc.weight"].shape == (3, 64)
    assert all(torch.equal(state[name], value) for name, value in model.state.items() if not name.startswith("fc."))
    other = network_of(config(regime="scratch"), model, 3).state_dict()
    assert not torch.equal(other["conv1.weight"], state["conv1.weight"])
    assert torch.equal(other["fc.weight"], state["fc.weight"])  # the same seed draws what is new


def test_a_softmax_on_features_is_the_frozen_network_trained_as_a_whole(
    bench: Bench, model: Model, data: ImageData
) -> None:
    """The same batches, the same first weights, so the same curve; but every image passes the network each time."""
    chosen = config(regime="frozen", stages=STAGES, steps=12, evaluations=3)
    quick = bench.run(chosen)

    net = network_of(chosen, model, len(data.classes))
    stages = Frozen(nn.Sequential(*split(net, model.spec)[:STAGES]))
    whole = setup_of(replace(chosen, regime="finetune"), model, data, net)
    features = bench.features(chosen, model, data).train[STAGES - 1]
    scale = Normalizer.of(standardised(features))
    head = softmax_on(64, 3, chosen.seed)
    resize = whole.net.get_submodule("resize")

    class Standardised(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return scale(x[..., None, None]).flatten(1)

    parts = OrderedDict(resize=resize, stages=stages, standardised=Standardised(), head=head)
    slow = list(
        train(training_of(chosen, model.spec.slug), device="cpu", setup=replace(whole, net=nn.Sequential(parts)))
    )
    assert [p.step for p in slow] == [p.step for p in quick.points]
    for ours, theirs in zip(quick.points, slow, strict=True):
        assert ours.train_loss == pytest.approx(theirs.train_loss, abs=1e-4)
        assert ours.test_accuracy == theirs.test_accuracy
    assert quick.features == 64
    assert quick.parameters == 64 * 3 + 3


def test_features_of_a_stage_are_its_averaged_maps(bench: Bench, model: Model, data: ImageData) -> None:
    found = bench.features(config(regime="frozen", stages=1), model, data)
    assert [x.shape[1] for x in found.train] == [16, 16, 32, 64, 64]
    assert bench.features(config(regime="frozen", stages=2), model, data) is found
    net = network_of(config(), model, 3).eval()
    maps = {}
    net.get_submodule("layer2").register_forward_hook(lambda module, x, y: maps.update(layer2=y))
    x = nn.functional.interpolate(model.scale(data.test_images), (32, 32), mode="bilinear", align_corners=False)
    with torch.inference_mode():
        net(x)
    torch.testing.assert_close(found.test[2].flatten(1), maps["layer2"].mean((2, 3)))


def test_a_run_trains_on_what_was_selected_and_says_so(bench: Bench, data: ImageData) -> None:
    result = bench.run(config(per_class=4, stages=2, similarity=True, steps=5))
    assert result.images == 12
    assert len(select(data.train_labels, 4, 0)) == 12
    assert [row[at] for at, row in enumerate(result.similarity)][:2] == pytest.approx([1, 1])  # they stay
    assert len(result.similarity) == len(result.stage_names) == STAGES
    assert all(0 <= value <= 1 + 1e-6 for row in result.similarity for value in row)
    assert any(row[at] < 0.99999 for at, row in enumerate(result.similarity))
    again = TransferResult.from_json(result.to_json(digits=17))
    bare = [replace(p, gradient_norms=None, activations=None, weight_norms=None) for p in result.points]
    assert again == replace(result, points=tuple(bare))
    assert again.test_accuracy == result.test_accuracy


def test_the_reported_accuracy_is_that_of_the_trained_network(model: Model, data: ImageData) -> None:
    chosen = config(stages=2, steps=6)
    setup = setup_of(chosen, model, data, network_of(chosen, model, 3))
    last = list(train(training_of(chosen, model.spec.slug), device="cpu", setup=setup))[-1]
    found = evaluate(setup.net, data.test_images, data.test_labels, Normalizer.of(setup.normalize))
    assert found.accuracy == last.test_accuracy


def test_grey_images_are_repeated_for_a_network_that_sees_colours(model: Model, data: ImageData) -> None:
    grey = replace(data, train_images=data.train_images[:, :1], test_images=data.test_images[:, :1])
    chosen = config()
    setup = setup_of(chosen, model, grey, network_of(chosen, model, 3))
    coloured = Normalizer.of(setup.normalize)(grey.test_images)
    assert torch.equal(coloured, model.scale(grey.test_images.expand(-1, 3, -1, -1)))


@pytest.mark.parametrize(
    "changes",
    [
        {"regime": "frozen", "stages": 0},
        {"regime": "frozen", "stages": 2, "augment": "crop-flip"},
        {"regime": "scratch", "stages": 2},
        {"regime": "frozen-solid"},
        {"per_class": -1},
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadOption):
        config(**changes)


@pytest.mark.parametrize("regime", ["frozen", "finetune"])
def test_more_stages_than_there_are_is_refused(regime: str, bench: Bench) -> None:
    with pytest.raises(BadOption):
        bench.run(config(regime=regime, stages=STAGES + 1))
